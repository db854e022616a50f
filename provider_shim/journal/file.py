"""A file of lines that several processes write. It knows nothing of what the lines say.

Locks are POSIX record locks on the file itself, which vanish with the process however it ends: byte 0 for a
short while around each change, and one byte far behind the end for each run, which tells others that the run
is alive. They belong to the process: one LineFile in a process, one descriptor.

A line is there as a whole or not at all: what could not be written to its end is cut off again.
"""

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from provider_shim.system import locks

if TYPE_CHECKING:  # a plan reads the journal without an event loop
    import asyncio

_RUNS_FROM: Final = 1 << 40
_END: Final = b'{"event":"end"}\n'
"""Ends the copy of a file that is being rewritten: with it, the copy is whole."""

Trouble = Literal["read-only", "no locks", "no folder", "full", "failed"]
_TROUBLES: Final[dict[int | None, Trouble]] = {
    errno.EROFS: "read-only",
    errno.EACCES: "read-only",
    errno.EPERM: "read-only",
    errno.ENOENT: "no folder",
    errno.ENOTDIR: "no folder",
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
}


class Unusable(Exception):  # noqa: N818 - the state that the journal is in
    """The file can't be written, or not locked."""

    def __init__(self, path: Path, problem: OSError) -> None:
        """Say which of the known troubles it is."""
        super().__init__(f"{path}: {problem.strerror or problem}")
        self.path = path
        self.trouble: Trouble = (
            "no locks" if isinstance(problem, locks.NoLocks) else _TROUBLES.get(problem.errno, "failed")
        )


class LineFile:
    """The file of one process; nothing is opened before there is something to write or to read."""

    def __init__(self, path: Path, run: int, opened: Callable[[], None] = lambda: None) -> None:
        """Take the file, and the number of this run.

        Args:
            path: Where it lies.
            run: Its lock tells others that this run is alive.
            opened: Is called once, within the lock, when the file has been opened.
        """
        self.path = path
        self._copy = path.with_suffix(".kept")
        self._run = run
        self._opened = opened
        self._file: int | None = None
        self._writes = 0
        self._durable = 0
        """How many of the writes are on the disk for certain."""
        self._lost: OSError | None = None
        """Why what was written may not be on the disk: after a failed fsync the system says no more of it."""
        self._syncing: asyncio.Lock | None = None

    def is_there(self) -> bool:
        """Return whether there is anything to read."""
        return self._file is not None or self.path.exists()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from changing the file.

        Raises:
            Unusable: it can't be written, or not locked.
        """
        try:
            file = self._open() if self._file is None else self._file
            locks.lock(file, 0)
            try:
                self._mend(file)
                yield
            finally:
                locks.unlock(file, 0)
        except OSError as problem:
            raise Unusable(self.path, problem) from problem

    def read(self) -> list[str]:
        """Return the lines. What a writer that died left without an end is none."""
        file = self._descriptor
        data = os.pread(file, os.fstat(file).st_size, 0)
        return data[: data.rfind(b"\n") + 1].decode("utf-8", "replace").split("\n")[:-1]

    @property
    def stamp(self) -> tuple[int, int]:
        """What changes with the content."""
        return stamp_of(os.fstat(self._descriptor))

    @property
    def size(self) -> int:
        """The bytes of the file."""
        return os.fstat(self._descriptor).st_size

    def append(self, lines: Iterable[str]) -> None:
        """Write lines at the end, within ``locked``: all of them or none."""
        if self._lost is not None:
            raise self._lost
        file = self._descriptor
        _append(file, "".join(line + "\n" for line in lines).encode(), _cut(file))
        self._writes += 1

    def rewrite(self, lines: Iterable[str]) -> None:
        """Put other lines in the place of all, within ``locked``.

        The file keeps its inode while runs have it, for the locks are on it: so it is rewritten in place, and
        a copy that is whole stands beside it while that is done.
        """
        file = self._descriptor
        written = os.open(self._copy, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            _append(written, "".join(line + "\n" for line in lines).encode() + _END, 0)
            os.fsync(written)
        except OSError:
            self._copy.unlink()
            raise
        finally:
            os.close(written)
        self._mend(file)

    def lives(self, run: int) -> bool:
        """Return whether the process of a run is alive."""
        if run == self._run:
            return True
        file = self._descriptor
        if not locks.try_lock(file, _RUNS_FROM + run):
            return True
        locks.unlock(file, _RUNS_FROM + run)
        return False

    async def on_disk(self) -> None:
        """Wait until all that is written is on the disk; whoever waits meanwhile shares the next fsync.

        Raises:
            Unusable: the system can't say that it is there.
        """
        import asyncio  # noqa: PLC0415 - see above

        if self._syncing is None:
            self._syncing = asyncio.Lock()
        mine = self._writes
        async with self._syncing:
            if self._durable < mine and self._file is not None:
                writes = self._writes
                try:
                    await asyncio.to_thread(os.fsync, self._file)
                except OSError as problem:
                    self._lost = problem
                self._durable = writes
            if self._lost is not None:
                raise Unusable(self.path, self._lost) from self._lost

    def close(self, *, remove: Callable[[], bool]) -> None:
        """Let go of the file.

        Args:
            remove: Tells, within the lock, whether the file may go. It does if no other run has it.
        """
        if self._file is None:
            return
        file = self._file
        try:
            with self.locked():
                if remove() and locks.try_lock(file, _RUNS_FROM, locks.TO_THE_END):
                    self._remove(file)
        finally:
            os.close(file)
            self._file = None

    def _remove(self, file: int) -> None:
        try:
            self.path.unlink()
        except OSError:  # it can't be removed: emptied it is as good
            os.ftruncate(file, 0)

    @property
    def _descriptor(self) -> int:
        assert self._file is not None
        return self._file

    def _open(self) -> int:
        """Open the file; again if a run that ended has taken it away meanwhile."""
        while True:
            new = not self.path.exists()
            file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                locks.lock(file, 0)
                if self._is_the_one(file):
                    break
            except OSError:
                if new:
                    self.path.unlink(missing_ok=True)
                os.close(file)
                raise
            os.close(file)
        if new:
            locks.sync_folder(self.path.parent)
        self._file = file
        try:
            locks.lock(file, _RUNS_FROM + self._run)
            self._mend(file)
            self._opened()
        finally:
            locks.unlock(file, 0)
        return file

    def _is_the_one(self, file: int) -> bool:
        """Return whether the path still names this file."""
        try:
            return os.path.samestat(os.fstat(file), self.path.stat())
        except FileNotFoundError:
            return False

    def _mend(self, file: int) -> None:
        """Finish a rewriting, our own or one whose process died in the middle."""
        if not self._copy.exists():
            return
        data = self._copy.read_bytes()
        if data.endswith(_END):
            os.ftruncate(file, 0)
            _append(file, data.removesuffix(_END), 0)
            os.fsync(file)
        self._copy.unlink()


def stamp_of(found: os.stat_result) -> tuple[int, int]:
    """Return what changes with a file's content."""
    return found.st_size, found.st_mtime_ns


def _cut(file: int) -> int:
    """Cut off a line without an end, which its writer did not get to write; return where the file ends."""
    end = os.fstat(file).st_size
    if end and os.pread(file, 1, end - 1) != b"\n":
        end = os.pread(file, end, 0).rfind(b"\n") + 1
        os.ftruncate(file, end)
    return end


def _append(file: int, data: bytes, end: int) -> None:
    """Write all of it behind ``end``, or leave the file as it was."""
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(file, rest) :]
    except OSError:
        with suppress(OSError):  # the next writer cuts it off
            os.ftruncate(file, end)
        raise
