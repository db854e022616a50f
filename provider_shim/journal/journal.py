"""What was asked for and what came back, on disk before Terraform knows.

Terraform learns of a new object from the provider's reply, and stores it later still: a remote state at the
end of the run. Whatever dies before that leaves an object that no state holds, and a conversation can't even
be listed. So each create writes a pending record before it is sent, and its id when it is known, both fsynced
before anything goes on. A third line settles it when the id is seen in the state, or the object is gone.
"""

import json
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from provider_shim.journal.file import LineFile, Unusable, stamp_of
from provider_shim.journal.matches import Account, Asker, Standing, account_of, standing
from provider_shim.journal.place import STEM, journal_of
from provider_shim.journal.records import LOOKUP, Lookup, Record, Records, Run, pending_event, run_event

LARGE: Final = 256 * 1024
"""Bytes from which the file is rewritten with only what is not settled."""
MOST_LINES: Final = 3
"""Lines of each record that is left, from which that is worth it: pending and made are two."""

Judged = list[tuple[Record, Standing]]


def journals(folder: Path) -> list[Path]:
    """Return the journals in a project's or a stack's folder, with the one that a run there would use."""
    here = Path(str(journal_of(str(folder))))
    return sorted({*folder.glob(f"{STEM}*.jsonl"), *([here] if here.is_file() else [])})


class Pending:
    """A create under way.

    ``earlier`` are records of runs that have ended and asked for the same: one whose object is there, or all
    those whose answer never came. ``named`` may be there too, and it can't be proven.
    """

    def __init__(self, journal: "Journal | None", record: Record, judged: Judged) -> None:
        self.id: str | None = None
        self.problem: Unusable | None = None
        """Why the journal does not know the id: then it has to be told at once."""
        free = [each for each, what in judged if what is Standing.FREE][:1]
        self.earlier = tuple(free or [each for each, what in judged if what is Standing.UNANSWERED])
        self.named = [each for each, what in judged if what is Standing.NAMED]
        self._stored = [each for each, what in judged if what is Standing.STORED]
        self.record = record
        self._journal = journal

    @property
    def adopted(self) -> str | None:
        """The id of an object that an earlier run has made, or None."""
        return self.earlier[0].id if self.earlier else None

    @property
    def unanswered(self) -> tuple[Record, ...]:
        """The earlier records if they have no id: their object may be there all the same."""
        return () if self.adopted else self.earlier

    @property
    def begin(self) -> list[dict[str, Any]]:
        """The events that it begins with."""
        taken = [{"event": "taken", "key": each.key, "run": self.record.run} for each in self.earlier]
        return [pending_event(self.record), *taken, *map(_settled, self._stored)]

    def made(self, identifier: str) -> None:
        """Note the id, as soon as the API has told it; it is on the disk after ``Journal.on_disk``."""
        self.id = identifier
        if self._journal is None:
            return
        names = self._journal.account().names
        made = {"event": "made", "key": self.record.key, "id": identifier}
        try:
            # What was there is taken over; what was not, and so was made now, is nowhere.
            self._journal.note(
                {**made, "names": list(names)} if names else made, *map(_settled, self.earlier)
            )
        except Unusable as problem:
            self.problem = problem

    def refused(self) -> None:
        """Note that nothing was made; what could not be taken over waits for the next run."""
        if self._journal is not None:
            back = [{"event": "taken", "key": each.key, "run": each.run} for each in self.earlier]
            self._journal.note(_settled(self.record), *back)


class Journal:
    """The journal of one stack; nothing is opened before there is something to write or to read."""

    def __init__(
        self,
        path: Path,
        run: Callable[[], Run] | None = None,
        account: Callable[[], Account] = Account,
        origin: str = "",
    ) -> None:
        """Take the file and who asks.

        Args:
            path: The file.
            run: Describes this process, without number and account; asked when it first matters.
            account: Who asks the API, as far as it is known by now.
            origin: The API.
        """
        self.path = path
        self.account = account
        self._origin = origin
        self._describe = run
        self._number = int.from_bytes(os.urandom(5))
        self._described: Run | None = None
        self._file = LineFile(path, self._number, self._begin_reading)
        self._records = Records()
        self._stamp: tuple[int, int]
        """Of the file when it was read: at first when it is opened."""
        self._beside: dict[Path, tuple[tuple[int, int], Records]] = {}
        """What the journals of the stacks beside this one told, and when."""
        self._begun: set[str] = set()
        """Keys of the records that this run has begun, rather than taken from one that ended."""

    @property
    def run(self) -> Run:
        """This process, as its records tell of it."""
        if self._described is None:
            run = self._describe() if self._describe else Run(0)
            salt = os.urandom(8).hex()
            self._described = replace(run, run=self._number, account=self.account().sealed(salt))
        return self._described

    # --- creates ------------------------------------------------------------------------

    def begin(
        self, type_name: str, content: str, lookup: Lookup | None, state: Collection[str] | None
    ) -> Pending:
        """Note what is about to be made, and take what earlier runs have left of the same.

        Args:
            type_name: What is made.
            content: Its digest.
            lookup: How the object is found in a list, where there is one.
            state: The ids in the state of this stack; None where it can't be read, or was not asked.

        Raises:
            Unusable: nothing can be noted, so nothing may be made.
        """
        where = {name: getattr(lookup, name) for name in LOOKUP} if lookup is not None else {}
        record = self._record(type_name, content, **where)
        with self._file.locked():
            self._catch_up()
            pending = Pending(self, record, self._judged(type_name, content, state))
            if lookup is None:
                pending.named += pending.unanswered
                pending.earlier = pending.earlier if pending.adopted else ()
            self._write(pending.begin)
        self._begun.add(record.key)
        return pending

    def judged(self, type_name: str, content: str, state: Collection[str] | None) -> Judged:
        """Return what earlier runs have left of the same content, without what is others' or under way."""
        if not self._file.is_there():
            return []
        with self._file.locked():
            self._catch_up()
            return self._judged(type_name, content, state)

    def waits_for(self, type_name: str, content: str, lives: Callable[[str], bool]) -> bool:
        """Return whether an interrupted run's process is alive that makes the same, and has lost its engine.

        Args:
            type_name: What it makes.
            content: The digest.
            lives: Tells whether an engine is there.
        """
        if not self._file.is_there():
            return False
        with self._file.locked():
            self._catch_up()
            asker = self._asker()
            return any(
                self._file.lives(each.run)
                and standing(each, self._records, asker, ended=True, state=None)
                not in (Standing.OTHERS, Standing.UNDER_WAY)
                and not any(map(lives, self._records.engines_of(each)))
                for each in self._records.same(type_name, content)
            )

    def name(self, records: Iterable[Record]) -> list[Record]:
        """Note that records are named now; return those that this engine's run has not named before."""
        engine = self._engine
        new = [each for each in records if each.named != engine]
        if new:
            self.note(*({"event": "named", "key": each.key, "named": engine} for each in new))
        return new

    # --- what becomes of objects --------------------------------------------------------

    def retain(self, type_name: str, identifier: str, why: str) -> None:
        """Note that an object leaves the state and stays at the API; ``why`` is one of WHY."""
        self.note(pending_event(self._record(type_name, "", id=identifier, why=why)))

    def hand_over(self, type_name: str, contents: Mapping[str, str]) -> None:
        """Note objects that leave the state, and that this run goes on with as if it had made them.

        Args:
            type_name: What they are.
            contents: By id, the digest of what a create asks for that makes such a one.
        """
        names = list(self.account().names) or None
        self.note(
            *(
                pending_event(self._record(type_name, content, id=identifier, names=names))
                for identifier, content in contents.items()
            )
        )

    def stored(self, *identifiers: str) -> None:
        """Note that an earlier run's ids were seen in the state."""
        records = self.anew()
        if known := records.of(identifiers):
            asker = self._asker()
            self.forget(
                *(
                    each
                    for each in known
                    if asker.run.engine not in records.engines_of(each)
                    and self._number not in (each.run, each.by)
                    and each.imported != asker.run.engine
                    and account_of(each, records.run_of(each), asker) == "same"
                )
            )

    def gone(self, *identifiers: str) -> None:
        """Note that objects of this API are gone for good."""
        self.forget(*(each for each in self.anew().of(identifiers) if each.origin == self._origin))

    def imported(self, *identifiers: str) -> None:
        """Note that objects are being imported: the state may hold them without having been stored yet."""
        known = [each for each in self.anew().of(identifiers) if each.origin == self._origin]
        if known:
            engine = self._engine
            self.note(*({"event": "imported", "key": each.key, "imported": engine} for each in known))

    def forget(self, *records: Record) -> None:
        """Settle records, whatever became of what they asked for."""
        if records:
            self.note(*map(_settled, records))

    def knows(self, identifier: str) -> bool:
        """Return whether an object belongs to any record that there was, so that it is no lost one."""
        return any(identifier in each.ids for each in self._everybodys())

    def holders(self, identifier: str, but: Record) -> list[Record]:
        """Return the other records of an object that are not settled."""
        return [each for each in self.anew().of([identifier]) if each.key != but.key]

    def unanswered(self, looked_for: str) -> list[Record]:
        """Return what others have asked for without an answer, and looks the same: their object may be it.

        Others are the stacks beside this one, and here all records but those that this run has begun.
        """
        unanswered = [
            each for all_ in self._everybodys() for each in all_.unanswered(looked_for, self._origin)
        ]
        return [each for each in unanswered if each.key not in self._begun]

    def unsettled(self) -> list[Record]:
        """Return what runs that have ended left behind."""
        return [each for each in self.anew().values() if self._has_ended(each)]

    def anew(self) -> Records:
        """Read what the journal tells by now: other runs write into it, too."""
        if self._file.is_there():
            with self._file.locked():
                self._catch_up()
        return self._records

    # --- the file -----------------------------------------------------------------------

    def note(self, *events: Mapping[str, Any]) -> None:
        """Append events at once. They survive this process, and a power cut only after ``on_disk``.

        Raises:
            Unusable: nothing was noted.
        """
        with self._file.locked():
            self._catch_up()
            self._write(events)

    async def on_disk(self) -> None:
        """Wait until all that is noted is on the disk.

        Raises:
            Unusable: the system can't say that it is there.
        """
        await self._file.on_disk()

    def close(self) -> None:
        """Let go of the file; it is removed if nothing is left in it."""
        with suppress(Unusable):
            self._file.close(remove=self._is_settled)

    def _is_settled(self) -> bool:
        records = Records(self._file.read())
        return not records and not records.later

    @property
    def _engine(self) -> str:
        """The engine of this run; where it is not known, this process."""
        return self.run.engine or str(self._number)

    def _record(self, type_name: str, content: str, **more: Any) -> Record:  # noqa: ANN401 - members of a record
        """Return a new record of this run."""
        key, at = os.urandom(8).hex(), int(time.time())
        return Record(key, self._number, type_name, content, at, self._origin, by=self._number, **more)

    def _asker(self) -> Asker:
        return Asker(self.run, self.account(), self._origin)

    def _judged(self, type_name: str, content: str, state: Collection[str] | None) -> Judged:
        same = self._records.same(type_name, content)
        if not same:  # of thousands of records few are of what is asked for
            return []
        asker = self._asker()
        found: Judged = []
        for each in same:
            ended = self._has_ended(each)
            what = standing(each, self._records, asker, ended=ended, state=state)
            if what in (Standing.OTHERS, Standing.UNDER_WAY):
                continue
            # A run that died while it took one over may have left its id in two records.
            if what is Standing.FREE and self._is_given(each, asker):
                continue
            found.append((each, what))
        return found

    def _is_given(self, record: Record, asker: Asker) -> bool:
        """Return whether another record of the same object is of a run that is under way."""
        return any(
            not self._has_ended(each) or asker.run.engine in self._records.engines_of(each)
            for each in self._records.of([record.id or ""])
        )

    def _has_ended(self, record: Record) -> bool:
        return not self._file.lives(record.run)

    def _everybodys(self) -> Iterator[Records]:
        """Yield what this journal tells, and then what those of the stacks beside it do."""
        yield self.anew()
        for path in sorted(self.path.parent.glob(f"{STEM}*.jsonl")):
            if path.name == self.path.name:
                continue
            with suppress(OSError):  # that run may have ended meanwhile
                stamp = stamp_of(path.stat())
                if path not in self._beside or self._beside[path][0] != stamp:
                    lines = path.read_text("utf-8", "replace").splitlines()
                    self._beside[path] = stamp, Records(lines)
                yield self._beside[path][1]

    def _begin_reading(self) -> None:
        """Read the file when it is opened; rewrite it if it is large and most of it is settled."""
        lines = self._file.read()
        self._records = Records(lines)
        if self._file.size > LARGE and len(lines) > MOST_LINES * len(self._records):
            events = [*self._alive_runs(), *self._records.events()]
            self._file.rewrite([*map(_line, events), *self._records.later])
        self._stamp = self._file.stamp

    def _alive_runs(self) -> list[dict[str, Any]]:
        return [run_event(each) for each in self._records.runs.values() if self._file.lives(each.run)]

    def _catch_up(self) -> None:
        if self._file.stamp != self._stamp:
            self._records, self._stamp = Records(self._file.read()), self._file.stamp

    def _write(self, events: Sequence[Mapping[str, object]]) -> None:
        if self._number not in self._records.runs:
            events = [run_event(self.run), *events]
        self._file.append(map(_line, events))
        self._stamp = self._file.stamp
        for event in events:
            self._records.take_in(event)


def _settled(record: Record) -> dict[str, Any]:
    return {"event": "settled", "key": record.key}


def _line(event: Mapping[str, object]) -> str:
    return json.dumps(event, separators=(",", ":"))
