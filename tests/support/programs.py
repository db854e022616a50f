"""Runs a program of a test with a copy of the packages, or with the packages themselves."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.environment import ROOT


def printed(
    program: str,
    *arguments: str | Path,
    root: Path = ROOT,
    folder: Path | None = None,
    behind: Path | None = None,
) -> str:
    """Run Python code in a process of its own; return what it prints.

    Args:
        program: The code.
        arguments: Of the process.
        root: Where its imports come from.
        folder: Where it runs; in ``root`` by default.
        behind: Where those imports come from that ``root`` lacks.
    """
    paths = os.pathsep.join(str(each) for each in (root, behind) if each)
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder or root,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
