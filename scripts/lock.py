"""Write requirements-dev.lock: the exact version of everything the development environment holds.

Reads the ranges in pyproject.toml and lets pip resolve them afresh. The file names packages and
versions only, so it says the same whatever index pip is set up with.
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements-dev.lock"

HEADER = """\
# Written by `make lock` from the ranges in pyproject.toml. Do not edit.
"""

# What `pip install --no-build-isolation --editable .` needs beside the build back end.
EDITABLE = ("editables",)


def requirements() -> list[str]:
    """Return every requirement that pyproject.toml states, for the build included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *project["dependency-groups"]["dev"],
        *EDITABLE,
    ]


def resolve(wanted: list[str]) -> dict[str, str]:
    """Return the versions pip would install for these requirements, by package name."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    done = subprocess.run([*command, "--report", "-", *wanted], check=True, stdout=subprocess.PIPE)
    found = (package["metadata"] for package in json.loads(done.stdout)["install"])
    return {package["name"].lower().replace("_", "-"): package["version"] for package in found}


def main() -> None:
    """Resolve and write the lock file."""
    versions = resolve(requirements())
    lines = [f"{name}=={version}\n" for name, version in sorted(versions.items())]
    LOCK.write_text(HEADER + "".join(lines))


if __name__ == "__main__":
    main()
