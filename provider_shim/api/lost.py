"""Objects that can be listed are found again when the answer to their create is lost."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

from provider_shim.api.client import CallFailed, Client, Request
from provider_shim.api.problems import Uncertain, uncertain

LOOKS: Final = 2
BETWEEN_LOOKS: Final = 1.0
"""Seconds between two looks: a server that was slow may still be at work."""
CLOCKS: Final = 60
"""Seconds that the server's clock may be off ours."""


class Finder:
    """Makes objects of one kind; knows which of those at the API are held by this very run."""

    def __init__(self, client: Client, noun: str) -> None:
        """Work through this client."""
        self._client = client
        self._noun = noun
        self._held: set[str] = set()

    async def create(
        self,
        request: Request,
        newest: Callable[[], AsyncIterator[dict[str, Any]]],
        is_ours: Callable[[dict[str, Any]], bool],
    ) -> dict[str, Any]:
        """Make an object; after a lost answer take over the one that is there, or make it again.

        ``newest`` lists the objects, newest first; ``is_ours`` compares one with what was asked for. Two
        that could be ours are named, not guessed.
        """
        since = time.time() - CLOCKS
        tries = self._client.settings.max_retries
        while True:
            try:
                made = await self._client.call(request)
            except CallFailed as failed:
                if not failed.uncertain:
                    raise
                problem = failed.problem
                found = await self._look(lambda: self._candidates(newest, is_ours, since), request.action)
            else:
                self._held.add(str(made.get("id")))
                return made
            if len(found) == 1:
                self._held.add(found[0]["id"])
                return found[0]
            if found or tries == 0:
                ids = ", ".join(each["id"] for each in found)
                advice = (
                    f"One of these may be it: {ids}. Import the right one, or delete it and apply again."
                    if found
                    else "It was not found among those that the API lists. Apply again."
                )
                raise Uncertain(uncertain(problem, f"A {self._noun}", advice))
            tries -= 1

    async def _look(
        self, candidates: Callable[[], Awaitable[list[dict[str, Any]]]], action: str
    ) -> list[dict[str, Any]]:
        for look in range(LOOKS):
            if look:
                await self._client.pause(BETWEEN_LOOKS, action)
            found = await candidates()
            if found:
                return found
        return []

    async def _candidates(
        self,
        newest: Callable[[], AsyncIterator[dict[str, Any]]],
        is_ours: Callable[[dict[str, Any]], bool],
        since: float,
    ) -> list[dict[str, Any]]:
        found = []
        async for each in newest():
            if each.get("created_at", 0) < since:
                break
            if isinstance(each.get("id"), str) and each["id"] not in self._held and is_ours(each):
                found.append(each)
        return found
