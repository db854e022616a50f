"""The process that started this one: which it is, and whether it still lives."""

import os


def parent() -> int:
    """Return the id of the process that started this one, while it lives; another one afterwards."""
    return os.getppid()


def lives(process: int) -> bool:
    """Return whether the process that ``parent`` has named still lives."""
    return os.getppid() == process
