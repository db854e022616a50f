"""What was asked for and what came back, on disk before Terraform knows.

Terraform learns of a new object from the provider's reply. Whatever dies between the request and
that reply leaves an object that no state holds, and a conversation can't even be listed. So each
create writes a line before it is sent and another when its id is known, both fsynced before anything
goes on; creates that run at the same time share an fsync. A third line settles it when Terraform is seen
to hold the id. The next run that plans the same content takes over
what is not settled.

The file holds no message text and no key: type, SHA-256 of the planned content, time, origin, id.

Locks are POSIX record locks on the file itself, which vanish with the process however it ends: byte
0 for a short while around each change, and one byte far behind the end for each run, which tells
others that the run is alive. They belong to the process: one Journal in a process, one descriptor.
"""

import fcntl
import hashlib
import json
import os
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from provider_shim.api.places import STEM, journal_of
from provider_shim.api.problems import Uncertain
from provider_shim.terraform.diagnostics import Diagnostic, Failure, error, warning

if TYPE_CHECKING:  # a plan reads the journal without an event loop
    import asyncio

LARGE: Final = 256 * 1024
"""Bytes from which the file is rewritten with only what is not settled."""
_RUNS_FROM: Final = 1 << 40


@dataclass(frozen=True, slots=True)
class Line:
    """An object that was asked for. ``id`` is None until the API has told it; ``at``: Unix seconds."""

    key: str
    run: int
    type_name: str
    fingerprint: str
    at: int
    origin: str
    id: str | None = None
    answered: bool = False
    """Whether the run ended in order, so that Terraform has had the id: nobody else's to take over."""


def fingerprint(type_name: str, content: Mapping[str, Any], workspace: str = "default") -> str:
    """Give the SHA-256 of planned content; values that are not known yet count as null."""
    named = [type_name, content] if workspace == "default" else [type_name, content, workspace]
    text = json.dumps(named, sort_keys=True, default=lambda _: None, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


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


def replay(lines: Iterable[str]) -> dict[str, Line]:
    """Give what is not settled, in order. A line that was cut off when its writer died is passed over."""
    left: dict[str, Line] = {}
    for text in lines:
        try:
            _take_in(left, json.loads(text))
        except (ValueError, KeyError, TypeError):
            continue
    return left


def _take_in(left: dict[str, Line], event: Mapping[str, Any]) -> None:
    """Bring what is left up to date with one event."""
    kind = event["event"]
    if kind == "answered":
        for line in [each for each in left.values() if each.run == event["run"] and each.id is not None]:
            left[line.key] = replace(line, answered=True)
        return
    key = event["key"]
    if kind == "making":
        names = ("run", "type_name", "fingerprint", "at", "origin")
        known = Line(key, *(event[name] for name in names))
        left[key] = replace(known, id=event.get("id"), answered=event.get("answered", False))
    elif kind == "taken" and key in left:
        left[key] = replace(left[key], run=event["run"])
    elif kind == "made" and key in left:
        left[key] = replace(left[key], id=event["id"])
    elif kind == "settled":
        left.pop(key, None)


def warnings(left: Iterable[Line], journal: Path) -> list[Diagnostic]:
    """Name what may exist without anybody knowing its id."""
    return [
        warning(
            f"An {line.type_name} may have been made, its id is not known",
            f"A run at {_when(line.at)} asked {line.origin} for it and ended before the answer came. If it "
            f"exists, it is in no state. See {journal.name}, and `openai-thread orphans`.",
        )
        for line in left
        if line.id is None
    ]


class Entry:
    """One create under way: ``adopted`` is the id of an object that an earlier run has made, or None."""

    def __init__(self, journal: "Journal", line: Line, adopted: Line | None) -> None:
        """Belong to a journal."""
        self.adopted = adopted.id if adopted else None
        self.id: str | None = None
        self._journal = journal
        self._line = line
        self._earlier = adopted

    def made(self, identifier: str) -> None:
        """Note the id, as soon as the API has told it. It is on the disk when ``making`` is left."""
        self.id = identifier
        events: list[dict[str, Any]] = [{"event": "made", "key": self._line.key, "id": identifier}]
        if self._earlier is not None:  # taken over, or gone, so that another one was made
            events.append({"event": "settled", "key": self._earlier.key})
        self._journal.note(*events)


class Journal:
    """The journal of one stack; nothing is opened before there is something to write or to read."""

    def __init__(self, path: Path, origin: str) -> None:
        """Take the file and the API's origin: another origin's objects are not ours to take over."""
        self.path = path
        self._origin = origin
        self._run = int.from_bytes(os.urandom(5))
        self._file: int | None = None
        self._left: dict[str, Line] = {}
        self._writes = 0
        self._durable = 0
        """How many of the writes are on the disk for certain."""
        self._syncing: asyncio.Lock | None = None

    @asynccontextmanager
    async def making(self, type_name: str, planned: str) -> AsyncIterator[Entry]:
        """Stand around a create of the content with this fingerprint.

        Leaving without an id settles the line, unless it is unknown whether the object was made.
        """
        key = os.urandom(8).hex()
        line = Line(key, self._run, type_name, planned, int(time.time()), self._origin)
        earlier = self._begin(line)
        entry = Entry(self, line, earlier)
        try:
            await self._on_disk()
            yield entry
        except BaseException as problem:
            if isinstance(problem, Failure) and not isinstance(problem, Uncertain):
                self._leave(entry, line, earlier)
            raise
        else:
            self._leave(entry, line, earlier)
        finally:
            if entry.id is not None:
                await self._on_disk()

    def settle(self, identifier: str) -> None:
        """Note that Terraform holds this id, or that the object is gone for good."""
        for line in [each for each in self._known().values() if each.id == identifier]:
            self.note({"event": "settled", "key": line.key})

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
        """Let go of the file; it is emptied if nothing is left in it.

        ``answered``: Terraform has had every answer and lives, so what this run made is in its state.
        """
        if self._file is None:
            return
        try:
            with self._locked() as file:
                if answered and any(each.run == self._run and each.id for each in self._left.values()):
                    self._write(file, [{"event": "answered", "run": self._run}])
                if not self._read(file):
                    os.ftruncate(file, 0)
        finally:
            os.close(self._file)
            self._file = None

    def _begin(self, line: Line) -> Line | None:
        """Note what is about to be made; give the line of one that is there already, now this run's."""
        events: list[dict[str, Any]] = [{"event": "making", **_members(line)}]
        try:
            with self._locked() as file:
                earlier = self._adoptable(line, self._left)
                if earlier is not None:
                    # Another run may have taken it since this one has read the file.
                    self._left = self._read(file)
                    earlier = self._adoptable(line, self._left)
                if earlier is not None:
                    events.append({"event": "taken", "key": earlier.key, "run": self._run})
                self._write(file, events)
        except OSError as unusable:
            raise self._unusable(unusable) from unusable
        return earlier

    def _leave(self, entry: Entry, line: Line, earlier: Line | None) -> None:
        """Note that nothing was made; what could not be taken over waits for the next run."""
        if entry.id is not None:
            return
        events: list[dict[str, Any]] = [{"event": "settled", "key": line.key}]
        if earlier is not None:
            events.append({"event": "taken", "key": earlier.key, "run": earlier.run})
        self.note(*events)

    def _adoptable(self, wanted: Line, left: Mapping[str, Line]) -> Line | None:
        same = [
            each
            for each in left.values()
            if each.id is not None
            and not each.answered
            and (each.type_name, each.fingerprint, each.origin)
            == (wanted.type_name, wanted.fingerprint, wanted.origin)
        ]
        if not same:
            return None
        ended = {each.key for each in self._ended(left)}
        # A run that died while it took one over may have left its id in two lines.
        held = {each.id for each in left.values() if each.key not in ended}
        return next((each for each in same if each.key in ended and each.id not in held), None)

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
            _take_in(self._left, event)

    def _known(self) -> dict[str, Line]:
        if self._file is None and self.path.exists():
            self._open()
        return self._left

    def _open(self) -> int:
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with self._locked() as file:
                fcntl.lockf(file, fcntl.LOCK_EX, 1, _RUNS_FROM + self._run)
                self._left = self._read(file)
                if os.fstat(file).st_size > LARGE:
                    self._compact(file)
        except OSError as unusable:
            raise self._unusable(unusable) from unusable
        return self._file

    @contextmanager
    def _locked(self) -> Iterator[int]:
        file = self._open() if self._file is None else self._file
        fcntl.lockf(file, fcntl.LOCK_EX, 1, 0)
        try:
            self._mend(file)
            yield file
        finally:
            fcntl.lockf(file, fcntl.LOCK_UN, 1, 0)

    def _is_alive(self, run: int, known: dict[int, bool]) -> bool:
        if run not in known:
            file = self._open() if self._file is None else self._file
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _RUNS_FROM + run)
                fcntl.lockf(file, fcntl.LOCK_UN, 1, _RUNS_FROM + run)
            except OSError:
                known[run] = True
            else:
                known[run] = False
        return known[run]

    @staticmethod
    def _read(file: int) -> dict[str, Line]:
        return replay(os.pread(file, os.fstat(file).st_size, 0).decode("utf-8", "replace").splitlines())

    # The file keeps its inode, for the locks are on it: so it is rewritten in place, and a copy that is
    # complete stands beside it while that is done.

    def _compact(self, file: int) -> None:
        lines = [json.dumps({"event": "making", **_members(line)}) for line in self._left.values()]
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


def _members(line: Line) -> dict[str, Any]:
    return {member.name: getattr(line, member.name) for member in fields(line)}


def _when(at: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))
