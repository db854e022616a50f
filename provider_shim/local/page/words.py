"""How the page writes what the database holds: ages, sizes, counts, where a thing came from."""

import json
import time
from datetime import UTC, datetime
from typing import Final

from provider_shim.local.page.html import Html, element
from provider_shim.local.requests import TERRAFORM

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_AGE_DAYS: Final = 30
_KIBI: Final = 1024


def age(created_at: int) -> Html:
    """Say how long ago something was, with the exact time behind it."""
    return _moment(created_at, _ago(int(time.time()) - created_at) or _date(created_at))


def due(at: int) -> Html:
    """Say on which day something ends."""
    return _moment(at, _date(at))


def _moment(at: int, shown: str) -> Html:
    exact = datetime.fromtimestamp(at, UTC)
    return element("time", shown, datetime=exact.isoformat(), title=f"{exact:%Y-%m-%d %H:%M:%S} UTC")


def _date(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"


def _ago(seconds: int) -> str | None:
    if seconds < _MINUTE:
        return "just now"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min ago"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h ago"
    days = seconds // _DAY
    return f"{counted(days, 'day')} ago" if days <= _AGE_DAYS else None


def counted(number: int, noun: str) -> str:
    """`1 file`, `2,000 files`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def size(number: int) -> str:
    """`340 B`, `1.2 KB`, `3.4 MB`."""
    if number < _KIBI:
        return f"{number} B"
    if number < _KIBI**2:
        return f"{number / _KIBI:.1f} KB"
    return f"{number / _KIBI**2:,.1f} MB"


def badge(text: str, kind: str) -> Html:
    """Mark something with a word; `kind` chooses the colour."""
    return element("span", text, class_=f"badge {kind}")


def made_by(origin: str | None, other: str = "application") -> Html:
    """Return the label that tells what Terraform made from what somebody else did."""
    return badge("Terraform", "terraform") if origin == TERRAFORM else badge(other, "later")


def pairs(metadata: str) -> Html | None:
    """Show the JSON of metadata or attributes as a list of names and values; None if it is empty."""
    kept = json.loads(metadata)
    if not kept:
        return None
    shown = [
        element("div", element("dt", name, dir="auto"), element("dd", _value(value), dir="auto"))
        for name, value in kept.items()
    ]
    return element("dl", shown, class_="pairs")


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
