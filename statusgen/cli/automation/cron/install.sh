#!/bin/sh
# Install this very commit of statusgen, every package by hash. As root: sh automation/install.sh
set -eu
SOURCE=${SOURCE:-@@SOURCE@@}
COMMIT=@@COMMIT@@ # @@VERSION@@
into=${1:-/opt/statusgen}
code=$(mktemp -d)
trap 'rm -rf "$code"' EXIT
git init --quiet "$code"
git -C "$code" fetch --quiet --depth 1 "$SOURCE" "$COMMIT"
git -C "$code" checkout --quiet FETCH_HEAD
sh "$code/.ci/install.sh" "${PYTHON:-python3}" "$into" @@PACKAGES@@
