"""When a call is repeated, and how long to wait before: pure decisions, and a shared pace."""

import asyncio
import random
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Final

FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 8.0
LOCKED: Final = "conversation_locked"
QUOTA: Final = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
TOO_MANY: Final = 429
_REPEATABLE: Final = (408, 409, TOO_MANY)
_SERVER: Final = 500
_NOT_SERVED: Final = 501
"""The server says that it does not know the call: nothing was done, and a repetition is no use."""


class Repeat(Enum):
    """What may be done with a call that failed."""

    ALWAYS = "always"
    """Reads, deletes, updates: a second time does what the first did."""
    NEVER_TWICE = "never twice"
    """Creates: repeated only when it certainly did not happen."""


class Outcome(Enum):
    """What is known of a call without a usable answer."""

    NOT_SENT = "not sent"
    UNKNOWN = "unknown"


def is_refused(status: int, code: object) -> bool:
    """Tell whether an answer means: nothing was done, ask again later."""
    if status == TOO_MANY:
        return code not in QUOTA
    return status == 400 and code == LOCKED  # noqa: PLR2004 - OpenAI answers a busy conversation so


def may_repeat(status: int, code: object, repeat: Repeat) -> bool:
    """Tell whether a call that was answered with this may be sent again."""
    if code in QUOTA:
        return False
    if is_refused(status, code):
        return True
    return repeat is Repeat.ALWAYS and (status in _REPEATABLE or _broken(status))


def is_uncertain(status: int, repeat: Repeat) -> bool:
    """Tell whether a create that was answered with this may have happened all the same."""
    return repeat is Repeat.NEVER_TWICE and (status in (408, 409) or _broken(status))


def _broken(status: int) -> bool:
    return status >= _SERVER and status != _NOT_SERVED


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Give the seconds that a server asks for, as a number or as a date; None if it does not."""
    millis = headers.get("retry-after-ms")
    text = headers.get("retry-after", "").strip()
    try:
        if millis is not None:
            return max(0.0, float(millis) / 1000)
        if text and (text[0].isdigit() or text[0] in "-."):
            return max(0.0, float(text))
        if not text:
            return None
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())


def backoff(attempt: int) -> float:
    """Give the seconds to wait after this attempt (0 is the first), with jitter."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0**attempt) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


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
