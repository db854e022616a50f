"""Locks on single bytes of a file, which vanish with the process that holds them, however it ends.

POSIX record locks. They belong to the process, not to the descriptor: closing any descriptor of the file
lets go of all its locks, so a process opens a file that it locks once. Bytes behind the end can be locked.
"""

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

TO_THE_END: Final = 0
"""As a number of bytes: all from the first one on, however far."""
_HELD: Final = (errno.EACCES, errno.EAGAIN)


class NoLocks(OSError):  # noqa: N818 - as the file system is
    """The file system has no locks, or no longer."""


def lock(file: int, byte: int) -> None:
    """Lock one byte, waiting for as long as another process holds it.

    Raises:
        NoLocks: the file can't be locked.
    """
    try:
        fcntl.lockf(file, fcntl.LOCK_EX, 1, byte)
    except OSError as problem:
        raise NoLocks(problem.errno, problem.strerror) from problem


def try_lock(file: int, byte: int, number: int = 1) -> bool:
    """Lock some bytes at once; return False if another process holds one of them.

    Raises:
        NoLocks: the file can't be locked.
    """
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, number, byte)
    except OSError as problem:
        if problem.errno in _HELD:
            return False
        raise NoLocks(problem.errno, problem.strerror) from problem
    return True


def unlock(file: int, byte: int) -> None:
    """Let go of one byte."""
    fcntl.lockf(file, fcntl.LOCK_UN, 1, byte)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk: a new file's content is of no use without its name."""
    with suppress(OSError):  # not every file system can
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
