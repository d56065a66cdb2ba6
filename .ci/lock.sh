#!/bin/sh
# Writes requirements/*.txt anew from pyproject.toml: pinned, hashed, for every platform, naming no registry.
set -eu
lock() { uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --no-emit-index-url --python-version 3.11 "$@"; }
# The largest set first: what the others hold must fit beside the tools of the tests.
lock pyproject.toml --group dev --group build -o requirements/dev.txt
lock pyproject.toml -c requirements/dev.txt -o requirements/base.txt
lock pyproject.toml --all-extras -c requirements/dev.txt -o requirements/extras.txt
lock --group build -c requirements/dev.txt -o requirements/build.txt
