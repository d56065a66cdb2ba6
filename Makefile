# Two commands on a fresh machine: `make demo` builds the example site, `make test` runs every test.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# The demo's moment. Its content is written around it, so the demo never rots.
DEMO_NOW := 2026-11-24T10:20:00+01:00
.DEFAULT_GOAL := help
.PHONY: help demo serve test proof audit lint browser lock clean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## build the example site into output/ and say where to look
	@$(BIN)/python -m statusgen.demo

serve: $(READY) ## build the example site, show it on localhost and rebuild on change
	@$(BIN)/statusgen --now 2026-11-24T10:20:00+01:00 serve

test: $(READY) browser lint ## every test, browser tests included
	@$(BIN)/python -m pytest -q

proof: $(READY) browser ## the long proofs, whole: full replays, all fault points, all kills
	@$(BIN)/python -m pytest -q -m "proof or not proof"

lint: $(READY) ## ruff, mypy and the one-way imports
	@$(BIN)/ruff check -q . && $(BIN)/ruff format -q --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-cache >/dev/null

$(READY): requirements/build.txt requirements/dev.txt pyproject.toml .ci/setup.sh
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh .ci/setup.sh
	@touch $@

browser:
	@sh .ci/browser.sh

lock: ## refresh requirements/*.txt from pyproject.toml (needs uv)
	@sh .ci/lock.sh

clean: ## remove everything that make made
	rm -rf $(VENV) output mail .statusgen .pytest_cache .mypy_cache .ruff_cache
