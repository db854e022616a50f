"""The lines of a journal: what each says of an object that was asked for, and what is left of them."""

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from provider_shim.terraform.diagnostics import Diagnostic, warning


@dataclass(frozen=True, slots=True)
class Sought:
    """How to tell, in a list at the API, an object whose create was not answered."""

    alike: str
    """SHA-256 of what the list shows of it."""
    thread: str | None = None
    """Of messages: the thread they are for."""
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


Asked = tuple[str, str, str]
"""Type, fingerprint and origin."""


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
    alike: str | None = None
    """As in Sought, and all that follow; None where the API has no list to look in."""
    thread: str | None = None
    after: str | None = None
    since: int | None = None
    before: Sequence[str] | None = None
    seen: int | None = None
    keys: Sequence[str] | None = None
    why: str | None = None
    """Why an object is in no state on purpose: see WHY. It is nobody's to take over and none to warn of."""

    @property
    def sought(self) -> Sought:
        """How its object is told from others."""
        where = (self.since, self.before, self.seen, self.keys)
        return Sought(self.alike or "", self.thread, self.after, *where)

    @property
    def asked(self) -> Asked:
        """What was asked for, and of whom."""
        return self.type_name, self.fingerprint, self.origin

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

MEMBERS = tuple(member.name for member in fields(Line))


def digest(*values: object) -> str:
    """Give the SHA-256 of values; what is not known yet counts as null."""
    text = json.dumps(values, sort_keys=True, default=lambda _: None, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def plain(text: str) -> str:
    """Give a text without what servers tidy up: blanks, line ends, composed letters."""
    from unicodedata import normalize  # noqa: PLC0415 - most runs look for nothing

    return " ".join(normalize("NFC", text).split())


def fingerprint(type_name: str, content: Mapping[str, Any], workspace: str = "default") -> str:
    """Give what tells planned content from other content, in this workspace."""
    return digest(type_name, content, *([] if workspace == "default" else [workspace]))


class Left(dict[str, Line]):
    """What is not settled, by key and in order.

    ``ids`` are all that the journal has told of, settled or not, with the keys of their lines.
    """

    def __init__(self, lines: Iterable[str] = ()) -> None:
        """Read a journal. A line that was cut off when its writer died is passed over."""
        super().__init__()
        self.ids: defaultdict[str, list[str]] = defaultdict(list)
        self._asked: defaultdict[Asked, list[str]] = defaultdict(list)
        for text in lines:
            try:
                self.take_in(json.loads(text))
            except (ValueError, KeyError, TypeError):
                continue

    def take_in(self, event: Mapping[str, Any]) -> None:
        """Bring what is left up to date with one event."""
        kind = event["event"]
        if kind == "answered":
            for line in [each for each in self.values() if each.run == event["run"] and each.id is not None]:
                self[line.key] = replace(line, answered=True)
            return
        if kind == "held":
            self.ids.update((each, []) for each in event["ids"] if each not in self.ids)
            return
        key = event["key"]
        if kind == "making":
            self[key] = Line(**{name: event[name] for name in MEMBERS if name in event})
            self._asked[self[key].asked].append(key)
        elif kind == "taken" and key in self:
            self[key] = replace(self[key], run=event["run"])
        elif kind == "made" and key in self:
            self[key] = replace(self[key], id=event["id"])
        elif kind == "settled":
            self.pop(key, None)
        if event.get("id") is not None:
            self.ids[event["id"]].append(key)

    def same(self, asked: Asked) -> list[Line]:
        """Give the lines that ask for this."""
        return [self[key] for key in self._asked.get(asked, ()) if key in self]

    def unanswered(self, alike: str, origin: str) -> list[Line]:
        """Give the lines without an id whose object has this digest."""
        return [
            each
            for each in self.values()
            if each.id is None and each.alike == alike and each.origin == origin
        ]

    def of(self, identifiers: Iterable[str]) -> list[Line]:
        """Give the lines of these objects."""
        keys = dict.fromkeys(key for each in identifiers for key in self.ids.get(each, ()))
        return [self[key] for key in keys if key in self]

    def events(self) -> list[dict[str, Any]]:
        """Give the fewest events that leave the same."""
        made = [{"event": "making", **members(line)} for line in self.values()]
        # Who looks for a lost object has to know which of those at the API are somebody's already.
        lost = any(line.id is None for line in self.values())
        return [*made, {"event": "held", "ids": sorted(self.ids)}] if lost else made


def members(line: Line) -> dict[str, Any]:
    """Give what a line says; what it does not say is left out."""
    return {name: value for name in MEMBERS if (value := getattr(line, name)) not in (None, False)}


def warnings(left: Iterable[Line], journal: Path, held: Collection[str] | None) -> list[Diagnostic]:
    """Name what may exist without anybody holding it.

    ``held`` are the ids in the state, None where it can't be looked into from here.
    """
    return [
        _told(line, journal)
        for line in left
        if line.why is None
        if line.id is None or not (line.answered or held is None or line.id in held)
    ]


def _told(line: Line, journal: Path) -> Diagnostic:
    begin = f"A run at {when(line.at)} asked {line.origin} for"
    where = f"See {journal.name}, and `openai-thread orphans`."
    if line.adds:
        return warning(
            f"Messages may have been added to {line.thread} that no state holds",
            f"{begin} them and ended before Terraform had saved their ids. Applying the same change again "
            f"takes over those that are there. {where}",
        )
    if line.id is not None:
        return warning(
            f"An {line.type_name} of an interrupted run is in no state",
            f"{begin} {line.id} and ended before Terraform had saved its id. Applying the same "
            "configuration takes it over; if it is not wanted any more, `openai-thread orphans --delete` "
            "deletes it.",
        )
    next_step = f"Applying the same configuration looks for it and takes it over. {where}"
    if line.alike is None:
        next_step = (
            f"If it exists, it is in no state, and the API has no list to find it in. {where} Once you have "
            "seen to it: `openai-thread orphans --forget`."
        )
    return warning(
        f"An {line.type_name} may have been made, its id is not known",
        f"{begin} it and ended before the answer came. {next_step}",
    )


def when(at: int) -> str:
    """Give Unix seconds as a person reads them."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))
