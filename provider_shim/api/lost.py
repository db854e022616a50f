"""Objects that can be listed are found again when the answer to their create is lost."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from typing import Any, Final

from provider_shim.api.client import CallFailed, Client, Request
from provider_shim.api.lines import Line, when
from provider_shim.api.problems import Uncertain, uncertain
from provider_shim.terraform.diagnostics import Failure, error

LOOKS: Final = 2
BETWEEN_LOOKS: Final = 1.0
"""Seconds between two looks: a server that was slow may still be at work."""
CLOCKS: Final = 60
"""Seconds that the server's clock may be off ours."""
WINDOW: Final = 600
"""Seconds within which a create that was noted has happened. What came later is somebody else's."""

Holds = Callable[[str], bool]
"""Tells whether an object has an owner, so that it is no lost one."""


def nobody(_identifier: str) -> bool:
    """Know of no owner."""
    return False


class Finder:
    """Makes objects of one kind; knows which of those at the API are held by this very run."""

    def __init__(
        self, client: Client, noun: str, alike: Callable[[dict[str, Any]], str], holds: Holds = nobody
    ) -> None:
        """Work through this client; ``alike`` gives the digest of what a list shows of an object."""
        self._client = client
        self._noun = noun
        self._alike = alike
        self._holds = holds
        self._held: set[str] = set()
        # Of two equal creates at a time, a lost one could be taken for the other.
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def create(
        self, request: Request, newest: Callable[[], AsyncIterator[dict[str, Any]]], wanted: str
    ) -> dict[str, Any]:
        """Make an object; after a lost answer take over the one that is there, or make it again.

        ``newest`` lists the objects, newest first; ``wanted`` is the digest of what was asked for. Two
        that could be ours are named, not guessed.
        """
        async with self._turns[wanted]:
            since = time.time() - CLOCKS
            for left in range(self._client.settings.max_retries, -1, -1):
                try:
                    made = await self._client.call(request)
                except CallFailed as failed:
                    if not failed.uncertain:
                        raise
                    problem = failed.problem
                else:
                    self._held.add(str(made.get("id")))
                    return made
                try:
                    found = await self._look(newest, wanted, since, request.action)
                except Failure as failed:
                    advice = f"Looking for it failed too: {failed}. Apply again: the next run looks for it."
                    raise Uncertain(uncertain(problem, f"A {self._noun}", advice)) from failed
                if len(found) == 1:
                    self._held.add(found[0]["id"])
                    return found[0]
                if found:
                    advice = f"One of these may be it: {_ids(found)}. {_CHOOSE}"
                    raise Uncertain(uncertain(problem, f"A {self._noun}", advice))
                if left == 0:
                    advice = "It was not found among those that the API lists. Apply again."
                    raise Uncertain(uncertain(problem, f"A {self._noun}", advice))
        raise AssertionError("the last try returns or raises")

    async def lost(
        self, lines: Sequence[Line], newest: Callable[[], AsyncIterator[dict[str, Any]]]
    ) -> dict[str, Any] | None:
        """Look for what a run that died has asked for; None if it is certainly not there.

        Raises Failure if more than one object could be it.
        """
        first, last = min(line.at for line in lines), max(line.at for line in lines)
        wanted = lines[0].alike or ""
        async with self._turns[wanted]:
            action = f"looking for a {self._noun} of an interrupted run"
            found = await self._look(newest, wanted, first - CLOCKS, action)
            if not found:
                return None
            if len(found) > 1 or found[0]["created_at"] > last + WINDOW + CLOCKS:
                raise Failure(
                    error(
                        f"A {self._noun} may have been made before, and it is not clear which one it is",
                        f"A run at {when(first)} asked for it and ended before the answer came. One of "
                        f"these may be it: {_ids(found)}. {_CHOOSE} If it is none of them: "
                        "`openai-thread orphans --forget`, and apply again.",
                    )
                )
            self._held.add(found[0]["id"])
            return found[0]

    async def _look(
        self,
        newest: Callable[[], AsyncIterator[dict[str, Any]]],
        wanted: str,
        since: float,
        action: str,
    ) -> list[dict[str, Any]]:
        for look in range(LOOKS):
            if look:
                await self._client.pause(BETWEEN_LOOKS, action)
            found = await self._candidates(newest, wanted, since)
            if found:
                return found
        return []

    async def _candidates(
        self, newest: Callable[[], AsyncIterator[dict[str, Any]]], wanted: str, since: float
    ) -> list[dict[str, Any]]:
        found = []
        async for each in newest():
            if each.get("created_at", 0) < since:
                break
            identifier = each.get("id")
            if not isinstance(identifier, str) or identifier in self._held or self._holds(identifier):
                continue
            if self._alike(each) == wanted:
                found.append(each)
        return found


def _ids(found: Collection[dict[str, Any]]) -> str:
    return ", ".join(each["id"] for each in found)


_CHOOSE: Final = (
    "Import the right one (terraform import), or delete the others at the API and apply again: the one that "
    "is left is taken over."
)
