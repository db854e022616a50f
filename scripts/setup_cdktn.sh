#!/bin/sh
# Makes .cdktn, where CDK Terrain, CDKTF's successor, takes the place of CDKTF: its python has cdktn
# and the constructs that it wants, and everything else from .venv; its command cdktn runs on the
# Node.js 22 that it needs. Installs nothing the second time unless one of the files below changed.
set -eu
cd -- "$(dirname -- "$0")/.."

bin=.cdktn/bin
stamp=.cdktn/.setup
cli=tools/cdktn
inputs="requirements-cdktn.lock $cli/package.json $cli/package-lock.json scripts/setup_cdktn.sh .venv/.setup"

# shellcheck disable=SC2086
state=$(cat $inputs | cksum)
if [ -x $bin/python ] && [ -x $bin/cdktn ] && [ -x $bin/node ] &&
    [ -f $stamp ] && [ "$(cat $stamp)" = "$state" ]; then
    exit 0
fi
rm -f $stamp

echo "make test-cdktn: Python packages" >&2
.venv/bin/python -m venv --clear --without-pip .cdktn
export PIP_DISABLE_PIP_VERSION_CHECK=1
.venv/bin/python -m pip --python $bin/python install -qq --no-deps --requirement requirements-cdktn.lock
# The name sorts last: what is installed here comes before what .venv has.
find_packages() { "$1" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'; }
printf '%s\n' "$(find_packages .venv/bin/python)" "$PWD" >"$(find_packages $bin/python)/zz_rest.pth"

echo "make test-cdktn: cdktn" >&2
# Node.js comes as an executable for this platform, where there is one: nothing here needs an install script.
(cd $cli && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)
node=$(find "$PWD/$cli/node_modules" -path "*/node-linux-*/bin/node" -type f)
[ -n "$node" ] || node=$(command -v node)
"$node" -e 'const [major, minor] = process.versions.node.split("."); process.exit(major > 22 || (major == 22 && minor >= 19) ? 0 : 1)' || {
    echo "make test-cdktn: Node.js 22.19 or newer is needed for the cdktn command; found $("$node" --version) at $node. Install a newer one and run make test-cdktn again." >&2
    exit 1
}
ln -sfn "$node" $bin/node
ln -sfn "../../$cli/node_modules/.bin/cdktn" $bin/cdktn
ln -sfn ../../.venv/bin/terraform $bin/terraform

printf '%s\n' "$state" >$stamp
