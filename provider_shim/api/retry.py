"""When a call is repeated, and how long to wait before: pure decisions."""

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

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


def retry_after(headers: Mapping[str, str], now: "datetime | None" = None) -> float | None:
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
        from datetime import UTC, datetime  # noqa: PLC0415 - few servers give a date
        from email.utils import parsedate_to_datetime  # noqa: PLC0415 - as above

        date = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())


def backoff(attempt: int) -> float:
    """Give the seconds to wait after this attempt (0 is the first), with jitter."""
    import random  # noqa: PLC0415 - most calls need no second try

    return min(LONGEST_WAIT, FIRST_WAIT * 2.0**attempt) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
