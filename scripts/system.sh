#!/bin/sh
#   sh scripts/system.sh COMMAND...
#
# Installs the commands beside Python and Node.js that some tests and the pictures of the docs need, and
# only what is missing: Debian packages, so as root and where there is apt-get. Elsewhere it names them;
# the tests that need one are skipped then, except with CI=true, where nothing is skipped.
set -eu

missing=
packages=
for command in "$@"; do
    case $command in
    chromium) package=chromium ;;
    # Letters for Graphviz to measure come with a font.
    dot) package="graphviz fonts-dejavu-core" ;;
    pg_createcluster) package=postgresql ;;
    # Roots of tests/bundles: a shell that needs nothing, and the C library of Alpine.
    busybox) package=busybox-static ;;
    ld-musl-config) package=musl ;;
    *)
        echo "scripts/system.sh: no package is known for $command." >&2
        exit 2
        ;;
    esac
    command -v "$command" >/dev/null && continue
    missing="$missing $command"
    packages="$packages $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "scripts/system.sh: not installed:$missing. Install them; tests that need them are skipped." >&2
    exit 0
fi
echo "scripts/system.sh: Debian packages:$packages" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086
apt-get install -qq --no-install-recommends $packages >/dev/null
