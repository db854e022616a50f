"""The records of a journal: what each says of an object that was asked for, and what is left of them.

The file holds no message text and no key: SHA-256 of the content, time, origin, ids, where the run worked.
"""

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Lookup:
    """How to tell, in a list at the API, an object whose create was not answered."""

    digest: str
    """SHA-256 of what the list shows of it."""
    thread: str | None = None
    """Of messages: the thread they are for. Of a file in a vector store: both ids, which are known before."""
    after: str | None = None
    """Of messages: the newest item of the thread before them; None where it had none."""
    since: int | None = None
    """Of files and stores: what has a later ``created_at``, and is not in ``before``, was not there before.

    -1 where all that was there was seen, None where it is not known.
    """
    before: Sequence[str] | None = None
    """The objects that look the same and were there before."""
    seen: int | None = None
    """When that was seen, by the server's clock; by ours, as early as it can be, if the server tells none."""
    keys: Sequence[str] | None = None
    """Of stores: the keys of their metadata that were asked for; a server may add others."""


@dataclass(frozen=True, slots=True)
class Run:
    """One provider process: who asks, and which Terraform works on which state. Written once a run."""

    run: int
    engine: str = ""
    """The process that started it, told from others that had its number; empty where that is not known."""
    program: Sequence[str] = ()
    """The command of that Terraform or OpenTofu."""
    folder: str = ""
    """Where it works."""
    data: str | None = None
    """Its TF_DATA_DIR."""
    workspace: str = "default"
    stack: str = ""
    """What tells this stack from others; see stack.py."""
    account: str = ""
    """Salted hash of base URL, headers and key."""


@dataclass(frozen=True, slots=True)
class Record:
    """An object that was asked for. ``id`` is None until the API has told it; ``at``: Unix seconds."""

    key: str
    run: int
    """The run that answers for it: the one that asked, or one that was about to take its object over."""
    type_name: str
    content: str
    """SHA-256 of what was planned."""
    at: int
    origin: str
    id: str | None = None
    by: int = 0
    """The run that asked."""
    names: Sequence[str] | None = None
    """Organization and project, once the API has told them."""
    digest: str | None = None
    """As in Lookup, and all that follow; None where the API has no list to look in."""
    thread: str | None = None
    after: str | None = None
    since: int | None = None
    before: Sequence[str] | None = None
    seen: int | None = None
    keys: Sequence[str] | None = None
    why: str | None = None
    """Why an object is in no state on purpose: see WHY. It is nobody's to take over and none to warn of."""
    imported: str | None = None
    """The engine whose run has read it for an import: it may be in a state that is not stored yet."""
    named: str | None = None
    """The engine whose run has named it last."""

    @property
    def lookup(self) -> Lookup:
        """How its object is told from others."""
        where = (self.since, self.before, self.seen, self.keys)
        return Lookup(self.digest or "", self.thread, self.after, *where)

    @property
    def adds(self) -> bool:
        """Whether these are messages of a thread that existed, rather than an object of their own."""
        return self.type_name == "openai_thread" and self.thread is not None


WHY: Final[Mapping[str, str]] = {
    "retained": "was kept when its resource was destroyed or replaced, as retain_on_destroy says",
    "others": (
        "was kept when its resource was destroyed or replaced, because others have put something into it"
    ),
    "not found": "was not found within a minute after it was made, and left the state",
}
"""Reasons for which an object leaves the state and stays at the API."""

_TYPES: Final[Mapping[type, Sequence[str]]] = {
    str: (
        *("event", "key", "type_name", "content", "origin", "id", "digest", "thread", "after", "why"),
        *("imported", "named", "engine", "folder", "data", "workspace", "stack", "account"),
    ),
    int: ("run", "by", "at", "since", "seen"),
    list: ("names", "before", "keys", "program", "ids"),
}
_MEMBERS: Final = {name: kind for kind, names in _TYPES.items() for name in names}
_LARGEST: Final = (1 << 40) - 1
"""Of times and the numbers of runs."""
_EVENTS: Final = frozenset(("run", "ids", "pending", "settled", "taken", "made", "imported", "named"))
LOOKUP: Final = tuple(member.name for member in fields(Lookup))
_RECORD: Final = tuple(member.name for member in fields(Record))
_RUN: Final = tuple(member.name for member in fields(Run))


def digest(*values: object) -> str:
    """Return the SHA-256 of values; what is not known yet counts as null."""
    text = json.dumps(values, sort_keys=True, default=lambda _: None, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def plain(text: str) -> str:
    """Return a text without what servers tidy up: blanks, line ends, composed letters."""
    from unicodedata import normalize  # noqa: PLC0415 - most runs look for nothing

    return " ".join(normalize("NFC", text).split())


def when(at: int) -> str:
    """Return Unix seconds as a person reads them."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))


class Records(dict[str, Record]):
    """What is not settled, by key and in order.

    ``ids`` are all that the journal has told of, settled or not, with the keys of their records. ``later``
    are lines with events of another version of this package: what they say is not known, so they stay.
    """

    def __init__(self, lines: Iterable[str] = ()) -> None:
        """Read the lines of a journal. One that is no event is passed over."""
        super().__init__()
        self.ids: defaultdict[str, list[str]] = defaultdict(list)
        self.runs: dict[int, Run] = {}
        self.later: list[str] = []
        self._asked: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for text in lines:
            try:
                event = json.loads(text)
                if event["event"] in _EVENTS:
                    self.take_in(_checked(event))
                elif isinstance(event["event"], str):
                    self.later.append(text)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                continue

    def take_in(self, event: Mapping[str, Any]) -> None:
        """Bring what is left up to date with one event."""
        match event["event"]:
            case "run":
                run = Run(**{name: event[name] for name in _RUN if name in event})
                self.runs[run.run] = run
                return
            case "ids":
                self.ids.update((each, []) for each in event["ids"] if each not in self.ids)
                return
            case "pending":
                record = Record(**{name: event[name] for name in _RECORD if name in event})
                self[record.key] = record
                self._asked[record.type_name, record.content].append(record.key)
            case "settled":
                self.pop(event["key"], None)
            case "taken" | "made" | "imported" | "named" if event["key"] in self:
                changed = {name: event[name] for name in _RECORD if name in event}
                self[event["key"]] = replace(self[event["key"]], **changed)
        if event.get("id") is not None:
            self.ids[event["id"]].append(event["key"])

    def run_of(self, record: Record) -> Run:
        """Return the run that asked for an object; an empty one where the journal lacks it."""
        return self.runs.get(record.by) or Run(record.by)

    def engines_of(self, record: Record) -> set[str]:
        """Return the engines whose runs had to do with a record."""
        runs = (self.runs.get(each) for each in (record.by, record.run))
        return {each.engine for each in runs if each is not None and each.engine}

    def same(self, type_name: str, content: str) -> list[Record]:
        """Return the records that ask for this."""
        return [self[key] for key in self._asked.get((type_name, content), ()) if key in self]

    def unanswered(self, looked_for: str, origin: str) -> list[Record]:
        """Return the records without an id whose object has this digest."""
        return [
            each
            for each in self.values()
            if each.id is None and each.digest == looked_for and each.origin == origin
        ]

    def of(self, identifiers: Iterable[str]) -> list[Record]:
        """Return the records of these objects."""
        keys = dict.fromkeys(key for each in identifiers for key in self.ids.get(each, ()))
        return [self[key] for key in keys if key in self]

    def events(self) -> list[dict[str, Any]]:
        """Return the fewest events that leave the same."""
        used = {run for each in self.values() for run in (each.by, each.run)}
        runs = [run_event(run) for run in self.runs.values() if run.run in used]
        pending = [pending_event(each) for each in self.values()]
        # Who looks for a lost object has to know which of those at the API are somebody's already.
        lost = any(each.id is None for each in self.values())
        return [*runs, *pending, *([{"event": "ids", "ids": sorted(self.ids)}] if lost else [])]


def _checked(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuse what no version has written: whoever can write the file may have written anything."""
    for name, value in event.items():
        kind: Any = _MEMBERS.get(name, object)
        if (
            not isinstance(value, kind)
            or (kind is int and not -1 <= value <= _LARGEST)
            or (kind is list and not all(isinstance(each, str) for each in value))
        ):
            raise ValueError
    return event


def run_event(run: Run) -> dict[str, Any]:
    """Return the event that tells of a run."""
    return {"event": "run", **_said(run, _RUN)}


def pending_event(record: Record) -> dict[str, Any]:
    """Return the event that a record begins with; what it does not say is left out."""
    return {"event": "pending", **_said(record, _RECORD)}


def _said(record: Run | Record, names: Iterable[str]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(record, name)) not in (None, ())}
