#!/bin/sh
# Terraform starts this as the provider "openai" of cdktf-openai-thread @VERSION@.
# It looks for a Python that has exactly this version and becomes it.
#
# The lock file pins a hash of this file: its bytes depend on the version and on
# nothing else. What depends on the machine comes from the environment and from
# the files that "cdktf synth" and "openai-thread install" leave behind.
#
# No candidate is asked first whether it will do, as that would cost every start
# a second interpreter. Each is exec'ed at once; the boot program below checks,
# and where it finds itself in the wrong Python it execs this file again.
# CDKTF_OPENAI_THREAD_TRIED carries what happened: "PID NUMBER TEXT". exec keeps
# the process id, which tells the value from an inherited one.
want=@VERSION@
boot='
import os, sys
# Until here stdout was the log: what a sitecustomize or a .pth prints is no handshake, nor what of it waits.
if sys.stdout:
    sys.stdout.flush()
os.dup2(3, 1)
os.close(3)
want, launcher = sys.argv[1:3]
sys.argv = [launcher] + sys.argv[3:]

def hand_back(reason):
    os.environ["CDKTF_OPENAI_THREAD_TRIED"] += " ".join(reason.split())
    os.execv("/bin/sh", ["/bin/sh"] + sys.argv)

# PYTHONPATH stays, behind what is installed: a module in it stands in for none of ours.
later = [os.path.abspath(each) for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each]
sys.path.sort(key=lambda each: os.path.abspath(each) in later)

if sys.version_info < (3, 11):
    hand_back("is Python %d.%d, needed is 3.11 or newer" % sys.version_info[:2])
try:
    import provider_shim
except ImportError:
    hand_back("cdktf-openai-thread is not installed in it")
have = getattr(provider_shim, "__version__", "without a version")
if have != want:
    hand_back("has cdktf-openai-thread " + have)
try:
    from provider_shim.__main__ import main
except Exception as problem:
    hand_back("cannot load the provider: %s: %s" % (type(problem).__name__, problem))
del os.environ["CDKTF_OPENAI_THREAD_TRIED"]
sys.exit(main())
'
# A Python that says something while it starts says it to the log; the provider gets stdout.
exec 3>&1
# A module that lies in the working directory is not ours to import.
PYTHONSAFEPATH=1
# File names are UTF-8, whatever the locale.
PYTHONUTF8=1
export PYTHONSAFEPATH PYTHONUTF8
# Of another Python, or of a person at work with one. Some values of the latter ones no Python starts with.
unset PYTHONHOME PYTHONPLATLIBDIR PYTHONEXECUTABLE PYTHONINSPECT PYTHONSTARTUP PYTHONWARNINGS PYTHONIOENCODING
unset PYTHONDEVMODE PYTHONHASHSEED PYTHONINTMAXSTRDIGITS PYTHONMALLOC PYTHONTRACEMALLOC

number=0
tried=
case ${CDKTF_OPENAI_THREAD_TRIED-} in
"$$ "*)
  tried=${CDKTF_OPENAI_THREAD_TRIED#* }
  number=${tried%% *}
  tried=${tried#* }
  ;;
esac

while :; do
  number=$((number + 1))
  python=
  pointer=
  case $number in
  1)
    name='$CDKTF_OPENAI_THREAD_PYTHON'
    python=${CDKTF_OPENAI_THREAD_PYTHON-}
    ;;
  2)
    # Whoever names a Python wants that one or an error.
    [ -z "${CDKTF_OPENAI_THREAD_PYTHON-}" ] || break
    name='the Python of the last synth'
    pointer=terraform.d/openai-thread/python
    ;;
  3)
    name='$VIRTUAL_ENV'
    python=${VIRTUAL_ENV:+$VIRTUAL_ENV/bin/python}
    ;;
  4)
    name='the Python of "openai-thread install"'
    pointer=${HOME:+$HOME/.terraform.d/openai-thread/python}
    ;;
  5)
    name=PATH
    python=python3
    ;;
  6)
    name=PATH
    python=python
    ;;
  *)
    break
    ;;
  esac

  if [ -f "$pointer" ] && [ -r "$pointer" ]; then
    IFS= read -r python <"$pointer"
  fi
  [ -n "$python" ] || continue
  given=$python
  case $python in
  */*) ;;
  *) python=$(command -v "$python") ;;
  esac
  if [ ! -f "$python" ] || [ ! -x "$python" ]; then
    tried="$tried; $name: $given: no such program"
    continue
  fi

  tried="$tried; $name: $python: "
  CDKTF_OPENAI_THREAD_TRIED="$$ $number $tried"
  export CDKTF_OPENAI_THREAD_TRIED
  # An exec that fails ends the shell, and the trap goes on with the next one.
  # (bash runs the trap only where execfail lets it come back from exec.)
  [ -z "${BASH_VERSION-}" ] || shopt -s execfail
  trap 'CDKTF_OPENAI_THREAD_TRIED="${CDKTF_OPENAI_THREAD_TRIED}cannot be started"
    exec /bin/sh "$0" "$@" >&3' EXIT
  exec "$python" -c "$boot" "$want" "$0" "$@" >&2
  exit 126
done

# Terraform shows the first line of stdout of a provider that does not start.
# Its log gets stderr.
tried=${tried#;}
message="cdktf-openai-thread $want: found no Python that can run the provider. Tried${tried:- nothing: no candidate}. Needed: a Python with cdktf-openai-thread==$want (pip install cdktf-openai-thread==$want)."
if [ -n "${CDKTF_OPENAI_THREAD_PYTHON-}" ]; then
  message="$message Set CDKTF_OPENAI_THREAD_PYTHON to its path, or unset it."
else
  message="$message Run cdktf synth again with it, or set CDKTF_OPENAI_THREAD_PYTHON to its path. To apply without a Python: openai-thread bundle --help."
fi
printf '%s\n' "$message"
printf '%s\n' "$message" >&2
exit 1
