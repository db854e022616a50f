#!/bin/sh
# Installs what some tests need beside Python and Node.js, and only what is missing: Debian packages,
# so as root and where there is apt-get. Elsewhere it names them; the tests that need one are skipped
# then, except with CI=true, where nothing is skipped.
set -eu

# A command, and the Debian package that brings it.
needed="
pg_createcluster postgresql
chromium chromium
"

missing=
packages=
while read -r command package; do
    [ -n "$command" ] || continue
    command -v "$command" >/dev/null && continue
    missing="$missing $command"
    packages="$packages $package"
done <<END
$needed
END
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "scripts/system.sh: not installed:$missing. Tests that need them are skipped." >&2
    exit 0
fi
echo "scripts/system.sh: Debian packages:$packages" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086
apt-get install -qq --no-install-recommends $packages >/dev/null
