"""A large file passes through the provider a block at a time."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = Path(__file__).with_name("upload_large.py")
MEBIBYTE = 1024 * 1024


def test_a_file_of_300_mb_takes_less_than_100_mb_of_memory(tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(300 * MEBIBYTE)

    done = subprocess.run(
        [sys.executable, PROGRAM, f"sqlite:{tmp_path / 'threads.db'}", large],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=120,
    )
    measured = json.loads(done.stdout)

    assert measured["bytes"] == 300 * MEBIBYTE
    assert measured["after"] - measured["idle"] < 100 * MEBIBYTE
