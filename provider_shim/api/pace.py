"""The pace that all calls of a client share."""

import asyncio
import time


class Pace:
    """What all calls of a client share: a cool-down, and how many may be under way.

    The first 429 makes everyone wait, and afterwards one call tries before the others follow:
    ten calls that woke together would meet the next 429 together.
    """

    def __init__(self, most: int = 64) -> None:
        """Let ``most`` calls be under way at a time."""
        self._most = most
        self._limit = most
        self._under_way = 0
        self._until = 0.0
        self._changed = asyncio.Condition()

    async def enter(self) -> None:
        """Wait for one's turn."""
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: self._under_way < self._limit)
                pause = self._until - time.monotonic()
                if pause <= 0:
                    self._under_way += 1
                    return
            await asyncio.sleep(pause)

    async def leave(self, *, refused_for: float | None = None) -> None:
        """Give the turn back; ``refused_for`` are the seconds that a 429 asks everyone to wait."""
        async with self._changed:
            self._under_way -= 1
            if refused_for is None:
                self._limit = min(self._most, self._limit * 2)
            else:
                self._limit = 1
                self._until = max(self._until, time.monotonic() + refused_for)
            self._changed.notify_all()
