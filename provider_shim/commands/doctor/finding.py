"""What the doctor says of one thing."""

import os
import subprocess
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

SECONDS: Final = 15
"""How long one program, or the API, may take to answer."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a deploy needs. ``todo`` is empty where it is as it should be."""

    name: str
    status: Literal["ok", "warning", "error"]
    found: str
    todo: str = ""


class Said(NamedTuple):
    """What a program said, and whether it ended well."""

    well: bool
    lines: list[str]
    """Of stdout."""
    complaint: str
    """The first line with words in it that it did not end well with."""


def said(*command: str, cwd: str | os.PathLike[str] | None = None) -> Said:
    """Run a program that only tells something."""
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
            check=False,
            env={**os.environ, "CI": "1", "CHECKPOINT_DISABLE": "1", "NO_COLOR": "1"},
        )
    except OSError as problem:
        return Said(well=False, lines=[], complaint=problem.strerror or str(problem))
    except subprocess.TimeoutExpired:
        return Said(well=False, lines=[], complaint=f"no answer within {SECONDS} s")
    lines = [line for each in (done.stdout, done.stderr) for line in each.splitlines()]
    words = (line.strip(" \t│╷╵") for line in lines)
    complaint = "" if done.returncode == 0 else next(filter(None, words), f"exit code {done.returncode}")
    return Said(done.returncode == 0, done.stdout.splitlines(), complaint)
