#!/bin/sh
# install.sh PYTHON DIR [base|extras]: statusgen of this commit in a new environment, every dependency by hash. For CI and servers.
# extras: with what object stores (s3) and chat systems (Apprise) need.
set -eu
case "$#${3-}" in 2 | 3base | 3extras) ;; *) echo "usage: sh install.sh PYTHON DIR [base|extras]" >&2; exit 2 ;; esac
here=$(cd "$(dirname "$0")/.." && pwd)
"$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: $1 is older than Python 3.11" >&2; exit 2; }
dir=$2
"$1" -m venv --clear "$dir"
pip() { "$dir/bin/python" -m pip install --quiet --disable-pip-version-check "$@"; }
pip --require-hashes --only-binary :all: -r "$here/requirements/build.txt"
pip --require-hashes --no-build-isolation --use-pep517 --only-binary :all: --no-binary feedgen -r "$here/requirements/${3:-base}.txt"
pip --no-deps --no-build-isolation "$here"
