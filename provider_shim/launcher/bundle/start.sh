#!/bin/sh
# cdktf-openai-thread @VERSION@ with a Python and a C library of its own: it needs none of the machine's.
file=$0
while [ -L "$file" ]; do
  # A link to the command line from a folder on the PATH.
  to=$(readlink "$file") || exit 1
  case $to in
  /*) file=$to ;;
  *) file=${file%/*}/$to ;;
  esac
done
case $file in
*/*) here=${file%/*} ;;
*) here=. ;;
esac
case $here in
/*) ;;
*) here=$PWD/$here ;;
esac
# Libraries of the machine that were meant for its own programs.
unset LD_PRELOAD LD_AUDIT
exec "$here/lib/@LOADER@" --library-path @LIBRARIES@ "$here/bin/@PYTHON@" -I -S -X utf8 -c '
import os, sys
here = sys.argv[1]
del sys.argv[:2]
sys.path.append(here + "/lib/@PYTHON@/site-packages")
if not os.environ.get("SSL_CERT_FILE") and not os.environ.get("SSL_CERT_DIR"):
    os.environ["SSL_CERT_FILE"] = here + "/cacert.pem"
from @MODULE@ import main
sys.exit(main())
' "$here" "$0" "$@"
