"""Objects that can be listed are found again when the answer to their create is lost.

Before a create, one page of the list tells what is there. Afterwards only what came since can be what was
made; what another run may have made as well is named, and left to a person.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from provider_shim.api.answers import seconds
from provider_shim.api.client import Client, Request
from provider_shim.api.creates import create_once, strange
from provider_shim.api.pages import listed, pages
from provider_shim.api.problem import ApiProblem, CallFailed, Uncertain
from provider_shim.api.problems import uncertain
from provider_shim.contract.limits import PAGE
from provider_shim.journal.records import Lookup, Record, when

LOOKS: Final = 3
BETWEEN_LOOKS: Final = 1.5
"""Seconds between the first two looks, and twice as long before the third: a server that was slow may still
be at work, and the lists of some lag behind by seconds."""
BURST: Final = 2.0
"""Seconds during which creates share what one list call has shown."""
CLOCKS: Final = 60
"""Seconds that two clocks may be apart."""
WINDOW: Final = 600
"""Seconds within which a create that was noted has happened. What came later is somebody else's."""
COMPLETE: Final = -1
"""Stands for the time of the oldest object of a page where the page shows all that there is."""

Object = Mapping[str, Any]
Holds = Callable[[str], bool]
"""Tells whether an object has an owner, so that it is no lost one."""
Unanswered = Callable[[str], Iterable[Record]]
"""Gives what others have asked for without an answer yet, and looks the same: by its digest."""


def nobody(_identifier: str) -> bool:
    """Know of no owner."""
    return False


def none_unanswered(_digest: str) -> Iterable[Record]:
    """Know of no other run."""
    return ()


@dataclass(frozen=True, slots=True)
class _Page:
    """What was there: the newest objects; ``since`` as in Lookup; ``seen``: when, by the server's clock."""

    objects: Sequence[Object]
    since: int | None
    seen: int


@dataclass(slots=True)
class _Found:
    """Objects that look like the one that was asked for: those that it can be, and whether one is it."""

    objects: list[Object]
    sure: bool = True

    @property
    def ids(self) -> list[str]:
        """Return the ids of those that it can be."""
        return [each["id"] for each in self.objects]


class Finder:
    """Makes objects of one kind; knows which of those at the API are held by this very run."""

    def __init__(  # noqa: PLR0913 - what is found, where, and who else knows of it
        self,
        client: Client,
        noun: str,
        path: str,
        digest_of: Callable[[Object, Collection[str] | None], str],
        *,
        holds: Holds = nobody,
        unanswered: Unanswered = none_unanswered,
    ) -> None:
        """Work through this client on the list at ``path``.

        ``digest_of`` gives the digest of what the list shows of an object, of its metadata only these keys.
        """
        self._client = client
        self._noun = noun
        self._path = path
        self._digest_of = digest_of
        self._holds = holds
        self._unanswered = unanswered
        self._held: set[str] = set()
        # Of two equal creates at a time, a lost one could be taken for the other.
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._unresolved: set[str] = set()
        self._page: asyncio.Future[_Page | None] | None = None
        self._asked_at = 0.0

    async def before(self, lookup: Lookup) -> Lookup:
        """Look what is there before an object is made; creates of one burst share the call.

        Raises ApiProblem if the API can't be reached. Where it does not list, nothing is known.
        """
        now = time.monotonic()
        if self._page is None or now - self._asked_at > BURST or _failed(self._page):
            self._page = asyncio.ensure_future(self._newest())
            self._asked_at = now
        page = await asyncio.shield(self._page)
        if page is None:
            return lookup
        there = [
            str(each["id"]) for each in page.objects if self._digest_of(each, lookup.keys) == lookup.digest
        ]
        return replace(lookup, since=page.since, before=tuple(there) or None, seen=page.seen)

    async def create(self, request: Request, lookup: Lookup) -> dict[str, Any]:
        """Make an object; after a lost answer take over the one that was made, or make it again.

        ``lookup`` comes from ``before``. What may be another's is named, not taken.
        """
        async with self._turns[lookup.digest]:
            asked = replace(lookup, seen=self._now())
            contested = lookup.digest in self._unresolved
            earlier: ApiProblem | None = None

            async def call() -> dict[str, Any]:
                try:
                    made = await self._client.call(request)
                except CallFailed as failed:
                    if failed.uncertain or earlier is None:
                        raise
                    fact = f"Asking again failed: {failed.summary}."
                    raise self._unclear(lookup, earlier, "not looked up", fact) from failed
                if not _has_id(made):
                    members = ", ".join(sorted(map(str, made))[:10]) or "nothing"
                    answered = f"an object that holds {members}. Expected: id."
                    raise strange(self._client, request, "the answer has no id", answered)
                return made

            async def look(problem: ApiProblem) -> dict[str, Any] | None:
                nonlocal earlier
                earlier = problem
                try:
                    found = await self._look([(asked, None)], request.action)
                except ApiProblem as failed:
                    fact = f"Looking for it failed too: {failed}."
                    raise self._unclear(lookup, problem, "not looked up", fact) from failed
                if len(found.objects) == 1 and found.sure and not contested:
                    return dict(found.objects[0])
                if found.objects:
                    raise self._unclear(lookup, problem, "ambiguous", _named(found), found)
                return None

            def not_made(problem: ApiProblem) -> ApiProblem:
                fact = "It was not found among those that the API lists."
                return self._unclear(lookup, problem, "not listed", fact)

            made = await create_once(self._client, call, look, not_made)
            self._held.add(made["id"])
            return made

    async def recover(self, records: Sequence[Record]) -> dict[str, Any] | None:
        """Look for what a run that died has asked for; None if it is certainly not there.

        Raises ApiProblem if it is not certain which object it is, or that it is one of these.
        """
        async with self._turns[records[0].digest or ""]:
            action = f"looking for a {self._noun} of an interrupted run"
            found = await self._look([(record.lookup, record) for record in records], action)
            if not found.objects:
                return None
            if len(found.objects) > 1 or not found.sure:
                raise ApiProblem(
                    "ambiguous",
                    f"A {self._noun} may have been made before, and it is not clear which one it is",
                    f"A run at {when(min(each.at for each in records))} asked for it and ended before the "
                    f"answer came. {_named(found)}",
                    ids=found.ids,
                )
            self._held.add(found.objects[0]["id"])
            return dict(found.objects[0])

    async def _newest(self) -> _Page | None:
        request = Request(
            f"listing the {self._noun}s", "GET", self._path, query={"limit": PAGE, "order": "desc"}
        )
        try:
            page = await self._client.call(request)
        except CallFailed as failed:
            if failed.answer is None:
                raise
            return None  # who may not list may upload all the same
        data = page.get("data")
        objects = [each for each in data if _has_id(each)] if isinstance(data, list) else []
        times = [seconds(each.get("created_at")) for each in objects]
        since: int | None = None
        if isinstance(data, list) and not page.get("has_more") and len(data) < PAGE:
            since = COMPLETE
        elif times and times[-1] > 0 and times == sorted(times, reverse=True):
            since = times[-1]
        return _Page(objects, since, self._now())

    def _now(self) -> int:
        """Return the earliest that it can be now by the server's clock."""
        told = self._client.server_time()
        return int(time.time() - CLOCKS if told is None else told)

    async def _look(self, asked: Sequence[tuple[Lookup, Record | None]], action: str) -> _Found:
        found = _Found([])
        for look in range(LOOKS):
            if look:
                await self._client.pause(BETWEEN_LOOKS * look, action)
            found = await self._candidates(asked, action)
            if found.objects:
                break
        return found

    async def _candidates(self, asked: Sequence[tuple[Lookup, Record | None]], action: str) -> _Found:
        found = _Found([])
        first = asked[0][0]
        ours = {record.key for _, record in asked if record is not None}
        unanswered = [each for each in self._unanswered(first.digest) if each.key not in ours]
        end = min(_beginning(lookup, record) for lookup, record in asked)
        old = 0
        newest_first = pages(self._client, action, self._path, query={"order": "desc"})
        async for each in listed(newest_first):
            old = old + 1 if seconds(each.get("created_at")) < end else 0
            if old == PAGE:
                break  # not at the first, for some servers have an order of their own
            if old or not _has_id(each) or self._digest_of(each, first.keys) != first.digest:
                continue
            can_be = [_made_by(each, lookup, record) for lookup, record in asked]
            if not any(can_be) or each["id"] in self._held or self._holds(each["id"]):
                continue
            contested = any(_made_by(each, other.lookup, other) for other in unanswered)
            found.sure &= "certainly" in can_be and not contested
            found.objects.append(each)
        return found

    def _unclear(
        self, lookup: Lookup, problem: ApiProblem, kind: str, fact: str, found: "_Found | None" = None
    ) -> Uncertain:
        self._unresolved.add(lookup.digest)
        return uncertain(problem, f"A {self._noun}", kind, fact, found.ids if found else ())


def _failed(page: "asyncio.Future[Any]") -> bool:
    """Return whether a list could not be had: whoever comes now asks again."""
    return page.done() and (page.cancelled() or page.exception() is not None)


def _has_id(each: object) -> bool:
    return isinstance(each, dict) and isinstance(each.get("id"), str) and bool(each["id"])


def _asked_at(lookup: Lookup, record: Record | None) -> int:
    """Return when an object was asked for: by the server's clock, or by that of the run that asked."""
    if lookup.seen is not None:
        return lookup.seen
    return record.at if record is not None else 0


def _beginning(lookup: Lookup, record: Record | None) -> int:
    """Return the time from which on an object can be the one that was asked for."""
    return max(_asked_at(lookup, record) - CLOCKS, COMPLETE if lookup.since is None else lookup.since)


def _made_by(each: Object, lookup: Lookup, record: Record | None) -> Literal["", "perhaps", "certainly"]:
    """Return how surely a request has made an object; empty if it can't have.

    The request is one of this run where there is no record of it.
    """
    created = seconds(each.get("created_at"))
    if each["id"] in (lookup.before or ()) or created < _beginning(lookup, record):
        return ""
    at = _asked_at(lookup, record)
    in_time = record is None or created <= at + WINDOW + CLOCKS
    # What was made in the second of the last object of the page may have been there, behind it.
    is_new = lookup.since is not None and created > lookup.since
    # Lists may lag behind: what is older than the request by the server's clock may have been there.
    begun = created >= (at if lookup.seen is not None else at - CLOCKS)
    return "certainly" if is_new and begun and in_time else "perhaps"


def _named(found: _Found) -> str:
    which = "This" if len(found.ids) == 1 else "One of these"
    return f"{which} may be it, or somebody else's: {', '.join(found.ids)}."
