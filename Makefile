# Two commands on a fresh machine: `make demo` builds the example site, `make test` runs every test.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# The demo is built for a fixed moment around which its content is written, so it never rots.
DEMO   := $(BIN)/statusgen --now 2026-11-24T10:20:00+01:00
# Without compiled files each of the hundreds of Pythons that tests start compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.PHONY: help demo serve test proof coverage audit mails lint browser servers lock clean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## build the example site and say where to look
	@$(DEMO) build
	@echo
	@$(BIN)/python .ci/demo_mails.py
	@echo
	@echo "Three people's pages, sealed: open one over http and type its code (or add #k=CODE to its address)"
	@$(BIN)/python .ci/people.py output
	@echo
	@echo "See it: make serve, then http://localhost:8008/"

serve: $(READY) ## show the example site on localhost and rebuild it on change
	@$(DEMO) serve

test: $(READY) browser servers ## every test, the browser's too
	@$(BIN)/python -m pytest -q -n auto --dist loadfile

proof: $(READY) browser servers ## the long proofs, whole: full replays, all fault points, all kills
	@$(BIN)/python -m pytest -q -n auto --dist loadfile -m proof

coverage: $(READY) ## how much of the core the fast tests reach
	@$(BIN)/python -m coverage run -m pytest -q -m "not proof and not browser" && $(BIN)/python -m coverage report --fail-under=90

audit: $(READY) browser ## what needs Node or Java: Lighthouse, vnu, html-validate, clients of Statuspage
	@BIN="$(BIN)" sh .ci/audit.sh

mails: $(READY) browser ## pictures of every kind of mail: three widths, by day and in the dark, three languages
	@$(BIN)/python .ci/mails.py mail/pictures

lint: $(READY) ## ruff, mypy and the one-way imports
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-cache

$(READY): requirements/build.txt requirements/dev.txt pyproject.toml .ci/setup.sh
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh .ci/setup.sh
	@touch $@

browser:
	@sh .ci/browser.sh

servers:
	@sh .ci/servers.sh

lock: ## refresh requirements/*.txt from pyproject.toml (needs uv)
	@sh .ci/lock.sh

clean: ## remove everything that make made
	rm -rf $(VENV) output mail .statusgen .pytest_cache .mypy_cache .ruff_cache
