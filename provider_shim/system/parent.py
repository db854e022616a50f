"""The process that started this one: which it is, and whether it still lives."""

import os
from collections.abc import Mapping

# Pathlib costs each start more than the work here.
# ruff: noqa: PTH123


def parent() -> int:
    """Return the id of the process that started this one, while it lives; another one afterwards."""
    return os.getppid()


def lives(process: int) -> bool:
    """Return whether the process that ``parent`` has named still lives."""
    return os.getppid() == process


def destroys(process: int, environment: Mapping[str, str]) -> bool:
    """Tell whether a Terraform destroys all it has; False where the system does not tell."""
    try:
        with open(f"/proc/{process}/cmdline", "rb") as command:
            words = command.read().decode(errors="replace").split("\0")
    except OSError:
        return False
    given = [value for name, value in environment.items() if name.startswith("TF_CLI_ARGS")]
    return any(
        word.lstrip("-") in ("destroy", "destroy=true") for word in [*words[1:], *" ".join(given).split()]
    )
