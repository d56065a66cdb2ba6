#!/bin/sh
# Writes requirements/*.txt anew from pyproject.toml: pinned, hashed, for every platform, naming no registry.
set -eu
lock() { uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --no-emit-index-url --python-version 3.11 "$@"; }
lock pyproject.toml -o requirements/base.txt
lock pyproject.toml --group dev --group build -c requirements/base.txt -o requirements/dev.txt
lock --group build -c requirements/dev.txt -o requirements/build.txt
