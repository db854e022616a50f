"""Paths under a locale that has no letters but ASCII's: the disk's names are UTF-8 all the same.

Python then stands for each other byte of a name with a surrogate, which nobody can read and no JSON holds.
"""

import os


def as_text(path: str) -> str:
    """Return a path, as Python has it of the system, as its bytes read in UTF-8."""
    try:
        return path.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a surrogate pair: no name of the disk
        return path


def as_name(path: str) -> str:
    """Return a path, as a person writes it, as the system's functions take it under any locale."""
    try:
        return os.fsdecode(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return path
