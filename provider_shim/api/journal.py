"""What was asked for and what came back, on disk before Terraform knows.

Terraform learns of a new object from the provider's reply. Whatever dies between the request and
that reply leaves an object that no state holds, and a conversation can't even be listed. So each
create writes a line before it is sent and another when its id is known, both fsynced before anything
goes on; creates that run at the same time share an fsync. A third line settles it when Terraform is seen
to hold the id. The next run that plans the same content takes over what is not settled, and looks where
it can for what was asked for without an answer.

The file holds no message text and no key: type, SHA-256 of the content, time, origin, ids.

Locks are POSIX record locks on the file itself, which vanish with the process however it ends: byte
0 for a short while around each change, and one byte far behind the end for each run, which tells
others that the run is alive. They belong to the process: one Journal in a process, one descriptor.
The last run takes the file away when nothing is left in it; who waited for it meanwhile finds that the
path names another file, or none, and begins again.
"""

import json
import os
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from provider_shim.api.lines import Left, Line, Sought, members
from provider_shim.api.places import STEM, journal_of
from provider_shim.api.problem import ApiProblem, Uncertain
from provider_shim.system import locks
from provider_shim.terraform.diagnostics import Failure, error

if TYPE_CHECKING:  # a plan reads the journal without an event loop
    import asyncio

LARGE: Final = 256 * 1024
"""Bytes from which the file is rewritten with only what is not settled."""
_RUNS_FROM: Final = 1 << 40


def place(folder: Path) -> Path:
    """Give the journal of the stack that Terraform runs in ``folder``; see places.py."""
    return Path(journal_of(str(folder)))


def workspace(folder: Path, environment: Mapping[str, str]) -> str:
    """Tell Terraform's workspace: each has a state of its own, in the same folder."""
    chosen = folder / environment.get("TF_DATA_DIR", ".terraform") / "environment"
    try:
        return environment.get("TF_WORKSPACE") or chosen.read_text().strip() or "default"
    except (OSError, UnicodeDecodeError):
        return "default"


def journals(folder: Path) -> list[Path]:
    """Give the journals in a project's or a stack's folder."""
    return sorted({*folder.glob(f"{STEM}*.jsonl"), *([place(folder)] if place(folder).is_file() else [])})


class Entry:
    """One create under way.

    ``earlier`` are lines of runs that have ended and asked for the same: one whose object is there, or
    all those whose answer never came.
    """

    def __init__(self, journal: "Journal", line: Line, earlier: tuple[Line, ...]) -> None:
        """Belong to a journal."""
        self.earlier = earlier
        self.id: str | None = None
        self._journal = journal
        self._line = line

    @property
    def adopted(self) -> str | None:
        """The id of an object that an earlier run has made, or None."""
        return self.earlier[0].id if self.earlier else None

    @property
    def lost(self) -> tuple[Line, ...]:
        """The earlier lines if they have no id: their object may be there all the same."""
        return () if self.adopted else self.earlier

    def made(self, identifier: str) -> None:
        """Note the id, as soon as the API has told it. It is on the disk when ``making`` is left."""
        self.id = identifier
        # What was there is taken over; what was not, and so was made now, is nowhere.
        settled = [{"event": "settled", "key": each.key} for each in self.earlier]
        self._journal.note({"event": "made", "key": self._line.key, "id": identifier}, *settled)


class Journal:
    """The journal of one stack; nothing is opened before there is something to write or to read."""

    def __init__(
        self, path: Path, origin: str, held: Callable[[], Collection[str] | None] = lambda: None
    ) -> None:
        """Take the file, the API's origin, and what gives the ids in the state, None where it can't.

        Another origin's objects are not ours to take over, nor are those that the state holds.
        """
        self.path = path
        self._origin = origin
        self._held = held
        self._run = int.from_bytes(os.urandom(5))
        self._file: int | None = None
        self._left = Left()
        self._stamp = _stamp(None)
        self._beside: dict[Path, tuple[tuple[int, int], Left]] = {}
        """What the journals of the stacks beside this one told, and when."""
        self._begun: set[str] = set()
        """Keys of the lines that this run has begun, rather than taken from one that ended."""
        self._writes = 0
        self._durable = 0
        """How many of the writes are on the disk for certain."""
        self._syncing: asyncio.Lock | None = None

    @asynccontextmanager
    async def making(
        self, type_name: str, planned: str, sought: Sought | None = None
    ) -> AsyncIterator[Entry]:
        """Stand around a create of the content with this fingerprint.

        ``sought`` says how the object is found in a list, where there is one. Leaving without an id
        settles the line, unless it is unknown whether the object was made.
        """
        where = astuple(sought) if sought else ()
        asked = (type_name, planned, int(time.time()), self._origin)
        line = Line(os.urandom(8).hex(), self._run, *asked, None, False, *where)  # noqa: FBT003 - a record's members
        entry = Entry(self, line, self._begin(line))
        try:
            await self._on_disk()
            yield entry
        except BaseException as problem:
            if isinstance(problem, ApiProblem | Failure) and not isinstance(problem, Uncertain):
                self._leave(entry, line)
            raise
        else:
            self._leave(entry, line)
        finally:
            if entry.id is not None:
                await self._on_disk()

    def retain(self, type_name: str, identifier: str, why: str) -> None:
        """Note that an object leaves the state and stays at the API; ``why`` is one of WHY."""
        asked = (type_name, "", int(time.time()), self._origin, identifier)
        line = Line(os.urandom(8).hex(), self._run, *asked, why=why)
        self.note({"event": "making", **members(line)})

    def settle(self, *identifiers: str) -> None:
        """Note that Terraform holds these ids, or that the objects are gone for good."""
        self.forget(*self._known().of(identifiers))

    def forget(self, *lines: Line) -> None:
        """Settle lines, whatever became of what they asked for."""
        if lines:
            self.note(*({"event": "settled", "key": each.key} for each in lines))

    def knows(self, identifier: str) -> bool:
        """Tell whether an object belongs to any line that there was, so that it is no lost one."""
        return any(identifier in each.ids for each in self._everybodys())

    def rivals(self, alike: str) -> list[Line]:
        """Give what others have asked for without an answer, and looks the same: their object may be it.

        Others are the stacks beside this one, and here all lines but those that this run has begun.
        """
        unanswered = [each for left in self._everybodys() for each in left.unanswered(alike, self._origin)]
        return [each for each in unanswered if each.key not in self._begun]

    def anew(self) -> Left:
        """Read what the journal tells by now: other runs write into it, too."""
        if self._file is not None or self.path.exists():
            with self._locked() as file:
                stamp = _stamp(os.fstat(file))
                if stamp != self._stamp:
                    self._left, self._stamp = self._read(file), stamp
        return self._left

    def _everybodys(self) -> Iterator[Left]:
        """Give what this journal tells, and then what those of the stacks beside it do."""
        yield self.anew()
        for path in journals(self.path.parent):
            if path.name == self.path.name:
                continue
            with suppress(OSError):  # that run may have ended meanwhile
                stamp = _stamp(path.stat())
                if path not in self._beside or self._beside[path][0] != stamp:
                    self._beside[path] = stamp, Left(path.read_text("utf-8", "replace").splitlines())
                yield self._beside[path][1]

    def is_making(self, type_name: str, planned: str) -> bool:
        """Tell whether another run that is alive makes the same."""
        asked = (type_name, planned, self._origin)
        if all(each.run == self._run for each in self._known().same(asked)):
            return False
        known: dict[int, bool] = {}
        return any(
            self._is_alive(each.run, known) for each in self.anew().same(asked) if each.run != self._run
        )

    def unsettled(self) -> list[Line]:
        """Give what runs that have ended left behind."""
        return self._ended(self._known())

    def note(self, *events: Mapping[str, Any]) -> None:
        """Append events at once. They survive this process, and a power cut only after ``_on_disk``."""
        try:
            with self._locked() as file:
                self._write(file, events)
        except OSError as unusable:
            raise self._unusable(unusable) from unusable

    def close(self, *, answered: bool = False) -> None:
        """Let go of the file; it is removed if nothing is left in it.

        ``answered``: Terraform has had every answer and lives, so what this run made is in its state.
        """
        if self._file is None:
            return
        try:
            with self._locked() as file:
                if answered and any(each.run == self._run and each.id for each in self._left.values()):
                    self._write(file, [{"event": "answered", "run": self._run}])
                if not self._read(file):
                    self._remove(file)
        finally:
            os.close(self._file)
            self._file = None

    def _begin(self, line: Line) -> tuple[Line, ...]:
        """Note what is about to be made; give the earlier lines that ask for the same, now this run's."""
        events: list[dict[str, Any]] = [{"event": "making", **members(line)}]
        try:
            with self._locked() as file:
                earlier = self._earlier(line)
                if earlier:
                    # Another run may have taken it since this one has read the file.
                    self._left = self._read(file)
                    earlier = self._earlier(line)
                events += [{"event": "taken", "key": each.key, "run": self._run} for each in earlier]
                self._write(file, events)
        except OSError as unusable:
            raise self._unusable(unusable) from unusable
        self._begun.add(line.key)
        return earlier

    def _leave(self, entry: Entry, line: Line) -> None:
        """Note that nothing was made; what could not be taken over waits for the next run."""
        if entry.id is not None:
            return
        back = [{"event": "taken", "key": each.key, "run": each.run} for each in entry.earlier]
        self.note({"event": "settled", "key": line.key}, *back)

    def _earlier(self, wanted: Line) -> tuple[Line, ...]:
        """Give one line whose object is there for the taking, else all whose object can be looked for."""
        same = [each for each in self._left.same(wanted.asked) if not each.answered and not each.why]
        if not same:
            return ()
        ended = {each.key for each in self._ended(self._left)}
        # A run that died while it took one over may have left its id in two lines. And Terraform may
        # have died after it had saved the id: with -target it does not tell of what it holds.
        held: set[str | None] = {each.id for each in self._left.values() if each.key not in ended}
        held.update(self._held() or ())
        there = [each for each in same if each.id and each.key in ended and each.id not in held]
        if there or wanted.alike is None:
            return tuple(there[:1])
        return tuple(each for each in same if each.id is None and each.alike and each.key in ended)

    def _ended(self, left: Mapping[str, Line]) -> list[Line]:
        """Give the lines whose runs are not alive."""
        alive = {self._run: True}
        return [line for line in left.values() if not self._is_alive(line.run, alive)]

    async def _on_disk(self) -> None:
        """Wait until all that is written is on the disk; whoever waits meanwhile shares the next fsync."""
        import asyncio  # noqa: PLC0415 - see above

        if self._syncing is None:
            self._syncing = asyncio.Lock()
        mine = self._writes
        async with self._syncing:
            if self._durable < mine and self._file is not None:
                writes = self._writes
                try:
                    await asyncio.to_thread(os.fsync, self._file)
                except OSError as unusable:
                    raise self._unusable(unusable) from unusable
                self._durable = writes

    def _write(self, file: int, events: Iterable[Mapping[str, Any]]) -> None:
        end = os.fstat(file).st_size
        torn = end > 0 and os.pread(file, 1, end - 1) != b"\n"
        lines = "".join(json.dumps(event, separators=(",", ":")) + "\n" for event in events)
        os.write(file, b"\n" * torn + lines.encode())
        self._writes += 1
        for event in events:
            self._left.take_in(event)

    def _known(self) -> Left:
        if self._file is None and self.path.exists():
            self._open()
        return self._left

    def _open(self) -> int:
        try:
            while True:
                new = not self.path.exists()
                file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
                locks.lock(file, 0)
                if self._is_there(file):
                    break
                os.close(file)
            if new:
                locks.sync_folder(self.path.parent)
            locks.lock(file, _RUNS_FROM + self._run)
            self._mend(file)
            self._left = self._read(file)
            if os.fstat(file).st_size > LARGE:
                self._compact(file)
            locks.unlock(file, 0)
        except OSError as unusable:
            raise self._unusable(unusable) from unusable
        self._file = file
        return file

    def _is_there(self, file: int) -> bool:
        """Tell whether the path still names this file: a run that ended may have removed it."""
        try:
            return os.path.samestat(os.fstat(file), self.path.stat())
        except FileNotFoundError:
            return False

    def _remove(self, file: int) -> None:
        """Remove the file, or empty it while other runs have it: their locks are on it."""
        try:
            if locks.try_lock(file, _RUNS_FROM, locks.TO_THE_END):
                self.path.unlink(missing_ok=True)
            else:
                os.ftruncate(file, 0)
        except OSError:  # it can't be removed: emptied it is as good
            os.ftruncate(file, 0)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        file = self._open() if self._file is None else self._file
        locks.lock(file, 0)
        try:
            self._mend(file)
            yield file
        finally:
            locks.unlock(file, 0)

    def _is_alive(self, run: int, known: dict[int, bool]) -> bool:
        if run not in known:
            file = self._open() if self._file is None else self._file
            known[run] = not locks.try_lock(file, _RUNS_FROM + run)
            if not known[run]:
                locks.unlock(file, _RUNS_FROM + run)
        return known[run]

    @staticmethod
    def _read(file: int) -> Left:
        return Left(os.pread(file, os.fstat(file).st_size, 0).decode("utf-8", "replace").splitlines())

    # The file keeps its inode while runs have it, for the locks are on it: so it is rewritten in place,
    # and a copy that is complete stands beside it while that is done.

    def _compact(self, file: int) -> None:
        lines = [json.dumps(event) for event in self._left.events()]
        kept = self.path.with_suffix(".kept")
        written = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.write(written, "".join(line + "\n" for line in [*lines, '{"event":"end"}']).encode())
            os.fsync(written)
        finally:
            os.close(written)
        self._mend(file)

    def _mend(self, file: int) -> None:
        """Finish a rewriting, our own or one whose process died in the middle."""
        kept = self.path.with_suffix(".kept")
        try:
            text = kept.read_text()
        except FileNotFoundError:
            return
        if text.endswith('{"event":"end"}\n'):
            os.ftruncate(file, 0)
            os.write(file, text.encode())
            os.fsync(file)
        kept.unlink()

    def _unusable(self, problem: OSError) -> Failure:
        return Failure(
            error(
                "The journal can't be written",
                f"{self.path}: {problem.strerror or problem}. Before anything is made at the API, it is "
                "noted there, so that it is found again whatever happens. Make the folder writable, and "
                "apply again.",
            )
        )


def _stamp(found: os.stat_result | None) -> tuple[int, int]:
    """Give what changes with a file's content."""
    return (found.st_size, found.st_mtime_ns) if found else (0, 0)
