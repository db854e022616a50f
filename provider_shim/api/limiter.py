"""The rate limiter that all calls of a client share."""

import asyncio
import time
from collections import deque


class RateLimiter:
    """How many calls may be under way at a time, and a back-off that holds for all of them.

    The first 429 makes everyone wait, and afterwards one call tries before the others follow: ten calls
    that woke together would meet the next 429 together. Who was refused goes before who has not tried.
    """

    def __init__(self, most: int) -> None:
        """Let ``most`` calls be under way at a time."""
        self._most = most
        self._limit = most
        self._under_way = 0
        self._until = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def enter_now(self) -> bool:
        """Take a turn if there is one and nobody waits; most calls need no more."""
        free = not self._waiting and self._under_way < self._limit and time.monotonic() >= self._until
        self._under_way += free
        return free

    async def enter(self, *, again: bool = False) -> None:
        """Wait for one's turn; ``again``: the call was refused before."""
        turn = asyncio.get_running_loop().create_future()
        if again:
            self._waiting.appendleft(turn)
        else:
            self._waiting.append(turn)
        self._wake()
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self._under_way -= 1
                self._wake()
            raise

    def leave(self, *, back_off: float | None = None) -> None:
        """Give the turn back; ``back_off`` are the seconds that a 429 asks everyone to wait."""
        self._under_way -= 1
        if back_off is None:
            # What was under way when a 429 came tells nothing of how many the server takes after it.
            if time.monotonic() >= self._until:
                self._limit = min(self._most, self._limit * 2)
        else:
            self._limit = 1
            self._until = max(self._until, time.monotonic() + back_off)
        self._wake()

    def _wake(self) -> None:
        """Let those go on who wait, as many as may be under way; later, while all wait."""
        pause = self._until - time.monotonic()
        if pause > 0 and self._waiting:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_later(pause, self._wake)
            return
        while self._under_way < self._limit and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                self._under_way += 1
                turn.set_result(None)
