#!/bin/sh
# Compares the list of what mail uses (themes/default/mail.toml) with what npm's caniemail knows of mail programs today.
set -eu
command -v npm >/dev/null || { echo "error: npm is needed for the audit" >&2; exit 1; }
tools=.venv/audit
[ -d "$tools/node_modules/caniemail" ] || (mkdir -p "$tools" && cd "$tools" && { [ -f package.json ] || npm init -y >/dev/null; } && npm install --silent --no-audit --no-fund caniemail@2 >/dev/null)
"$BIN/python" .ci/caniemail.py "$tools/node_modules/caniemail/data/caniemail.json"
