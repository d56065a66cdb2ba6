#!/bin/sh
# Runs clients of Statuspage that need Node, unmodified, over the demo and over GitHub's history. They are fetched, never kept here.
set -eu
command -v npm >/dev/null || { echo "error: npm is needed for the clients" >&2; exit 1; }
BIN=${BIN:-.venv/bin}
tools=.venv/audit
[ -d "$tools/node_modules/statuspage.io" ] || (mkdir -p "$tools" && cd "$tools" && { [ -f package.json ] || npm init -y >/dev/null; } && npm install --silent --no-audit --no-fund statuspage.io@3 @statuspage/status-widget@1 >/dev/null)
PYTHONPATH=. "$BIN/python" .ci/clients.py "$tools/node_modules"
