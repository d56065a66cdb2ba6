#!/bin/sh
# install.sh PYTHON DIR: statusgen of this commit in a new environment, every dependency by hash. For CI and servers.
set -eu
[ $# = 2 ] || { echo "usage: sh install.sh PYTHON DIR" >&2; exit 2; }
here=$(cd "$(dirname "$0")/.." && pwd)
"$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: $1 is older than Python 3.11" >&2; exit 2; }
dir=$2
"$1" -m venv --clear "$dir"
pip() { "$dir/bin/python" -m pip install --quiet --disable-pip-version-check "$@"; }
pip --require-hashes --only-binary :all: -r "$here/requirements/build.txt"
pip --require-hashes --no-build-isolation --use-pep517 --only-binary :all: --no-binary feedgen -r "$here/requirements/base.txt"
pip --no-deps --no-build-isolation "$here"
