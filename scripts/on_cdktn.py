"""Run the tests of the constructs on CDK Terrain, CDKTF's successor, in place of CDKTF.

    python scripts/on_cdktn.py

CDK Terrain wants a newer `constructs` than this environment has, so it gets one of its own, in
.engines, which takes everything else from .venv.
"""

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSION = "0.24.0"
FOLDER = ROOT / ".engines" / f"cdktn-{VERSION}"
PYTHON = FOLDER / "bin" / "python"

# The tests import cdktf; here that name means cdktn.
PROGRAM = """
import sys

import cdktn

sys.modules["cdktf"] = cdktn

import pytest

sys.exit(pytest.main(sys.argv[1:]))
"""
SUITE = ("test_corpus", "test_friendly", "test_thread_set", "test_testing")


def make() -> None:
    """Make the environment, unless it is there."""
    finished = FOLDER / "finished"
    if finished.exists():
        return
    venv.create(FOLDER, with_pip=True, clear=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", f"cdktn=={VERSION}"], check=True)
    (ours,) = FOLDER.glob("lib/*/site-packages")
    (theirs,) = (ROOT / ".venv").glob("lib/*/site-packages")
    (ours / "zz_rest.pth").write_text(f"{theirs}\n{ROOT}\n")
    finished.touch()


def main() -> int:
    """Return pytest's exit code."""
    make()
    tests = [f"tests/cdktf_openai_thread/{name}.py" for name in SUITE]
    # cdktn is imported before pytest is, and its imports with it.
    late = "ignore::pytest.PytestAssertRewriteWarning"
    command = [str(PYTHON), "-c", PROGRAM, "-p", "no:cacheprovider", "-W", late, *tests, *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
