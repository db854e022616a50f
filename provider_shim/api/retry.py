"""When a call is repeated, and how long to wait before: pure decisions."""

import time
from collections.abc import Mapping
from enum import Enum
from math import isfinite
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 8.0
LONGEST_PAUSE: Final = 60.0
"""Seconds that a server may ask for; a longer pause is cut to it. It counts into the call's deadline."""
LOCKED: Final = "conversation_locked"
QUOTA: Final = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
TOO_MANY: Final = 429
_REPEATABLE: Final = (408, 409, TOO_MANY)
_REDIRECTS: Final = 300
_REFUSALS: Final = 400
_SERVER: Final = 500
_NOT_SERVED: Final = 501
"""The server says that it does not know the call: nothing was done, and a repetition is no use."""


class Repeat(Enum):
    """What may be done with a call that failed."""

    ALWAYS = "always"
    """Reads, deletes, updates: a second time does what the first did."""
    NEVER_TWICE = "never twice"
    """Creates: repeated only when it certainly did not happen."""


class Outcome(NamedTuple):
    """What came of one try that brought no usable answer."""

    status: int | None = None
    """None: there was no answer at all."""
    code: object = None
    sent: bool = True
    """Whether the request may have reached the server."""
    hopeless: bool = False
    """Whether the way to the server is refused, so that a further try is no use."""
    asked: float | None = None
    """Seconds that the server asks to wait."""
    again: bool | None = None
    """What the server says of a further try (``x-should-retry``); None if it says nothing."""


class Decision(NamedTuple):
    """What is done about it."""

    wait: float | None
    """Seconds before the next try; None: there is none."""
    uncertain: bool
    """Whether it was a create that may have happened all the same."""
    back_off: float | None
    """Seconds that every call of the client waits; None: only this one does.

    Shorter than a long pause that is asked for: that is for one call, and one refusal stops no others.
    """


def decide(outcome: Outcome, repeat: Repeat, attempt: int, most: int, left: float) -> Decision:
    """Decide whether a call is tried again, and when. Pure, but for the jitter of a wait.

    Args:
        outcome: What came of the last try.
        repeat: What may be done with this call.
        attempt: How many tries there were before the last one.
        most: How often a call may be repeated.
        left: Seconds that are left for the call, with all its tries and waits.
    """
    create = repeat is Repeat.NEVER_TWICE
    if outcome.status is None:
        may, uncertain = not outcome.hopeless and not (create and outcome.sent), create and outcome.sent
    elif outcome.status < _REDIRECTS:
        # A success that can't be read: a create has most likely happened.
        may, uncertain = not create, create
    else:
        may = may_repeat(outcome.status, outcome.code, repeat)
        uncertain = is_uncertain(outcome.status, repeat)
    if outcome.again is not None and not uncertain:
        may = outcome.again
    wait = backoff(attempt) if outcome.asked is None else min(outcome.asked, LONGEST_PAUSE)
    refused = outcome.status == TOO_MANY and is_refused(TOO_MANY, outcome.code)
    return Decision(
        wait if may and attempt < most and wait < left else None,
        uncertain,
        min(wait, LONGEST_WAIT) if refused else None,
    )


def is_refused(status: int, code: object) -> bool:
    """Return whether an answer means: nothing was done, ask again later."""
    if status == TOO_MANY:
        return code not in QUOTA
    return status == 400 and code == LOCKED  # noqa: PLR2004 - OpenAI answers a busy conversation so


def may_repeat(status: int, code: object, repeat: Repeat) -> bool:
    """Return whether a call that was answered with this may be sent again."""
    if code in QUOTA:
        return False
    if is_refused(status, code):
        return True
    return repeat is Repeat.ALWAYS and (status in _REPEATABLE or _broken(status))


def is_uncertain(status: int, repeat: Repeat) -> bool:
    """Return whether a create that was answered with this may have happened all the same.

    A redirect that leads somewhere never gets here. One that leads nowhere says nothing.
    """
    return repeat is Repeat.NEVER_TWICE and (status < _REFUSALS or status in (408, 409) or _broken(status))


def _broken(status: int) -> bool:
    return status >= _SERVER and status != _NOT_SERVED


def retry_after(headers: Mapping[str, str], now: "datetime | None" = None) -> float | None:
    """Return the seconds that a server asks for, as a number or as a date; None if it asks for none.

    What is no length of time (infinite, not a number) counts as nothing asked.
    """
    millis = headers.get("retry-after-ms")
    text = headers.get("retry-after", "").strip()
    try:
        if millis is not None:
            return _length(float(millis) / 1000)
        if text and (text[0].isdigit() or text[0] in "-."):
            return _length(float(text))
        if not text:
            return None
        date = seconds_of(text)
        return None if date is None else _length(date - (now.timestamp() if now else time.time()))
    except ValueError:
        return None


def seconds_of(date: str) -> float | None:
    """Return the Unix seconds of a header's date; None where it is none, or in no year that a clock has."""
    from datetime import UTC  # noqa: PLC0415 - came with the SDK
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - as above

    try:
        parsed = parsedate_to_datetime(date)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _length(seconds: float) -> float | None:
    return max(0.0, seconds) if isfinite(seconds) else None


def should_retry(headers: Mapping[str, str]) -> bool | None:
    """Return what a server says of a further try; None if it says nothing."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower())


def backoff(attempt: int) -> float:
    """Return the seconds to wait after this attempt (0 is the first), with jitter."""
    import random  # noqa: PLC0415 - most calls need no second try

    return min(LONGEST_WAIT, FIRST_WAIT * 2.0**attempt) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
