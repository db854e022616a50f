"""The package as it is published, built and installed into an environment of its own."""

import subprocess
import sys
import venv
from pathlib import Path

from tests.support.environment import BIN, ROOT, clean


def build(folder: Path, *targets: str) -> list[Path]:
    """Build what is named, `wheel` or `sdist`, or both; return the files."""
    command = [str(BIN / "python"), "-m", "hatchling", "build", "-d", str(folder)]
    options = [option for target in targets for option in ("-t", target)]
    subprocess.run([*command, *options], cwd=ROOT, check=True, capture_output=True, env=clean({}))
    return sorted(path for path in folder.iterdir() if path.suffix in (".whl", ".gz"))


def install(archive: Path, folder: Path) -> Path:
    """Install a wheel or an sdist into a new environment; return its Python."""
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    # Its dependencies, and what builds an sdist, are the ones at hand. A .pth file of theirs, the
    # editable checkout's among them, has no effect from here.
    (ours,) = folder.glob("lib/*/site-packages")
    theirs = [each for each in sys.path if each.endswith("site-packages")]
    (ours / "dependencies.pth").write_text("\n".join(theirs))
    pip = [
        str(BIN / "python"),
        "-m",
        "pip",
        "--quiet",
        "--disable-pip-version-check",
        "--python",
        str(python),
    ]
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--force-reinstall"]
    subprocess.run([*pip, "install", *options, archive], check=True, env=clean({}), capture_output=True)
    return python
