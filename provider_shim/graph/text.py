"""Text for pictures: nothing in it that could do harm, and how much room it takes."""

import unicodedata
from typing import Final

_TURNING: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that only change the direction of the text: they make a name look like another."""

_NARROW: Final = frozenset("fijlrtI.,:;'|!()[]{}/\\ -")
_BROAD: Final = frozenset("mwMWG@%&OQ—…")


LONGEST: Final = 120
"""As many characters of a name are shown at most."""


def clean(text: str) -> str:
    """Return the text on one line; what neither XML nor a reader can take becomes ``�``."""
    shown = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return "".join(
        " " if character in "\t\r\n" else "\ufffd" if _unfit(character) else character for character in shown
    )


def _unfit(character: str) -> bool:
    return (
        character in _TURNING
        or unicodedata.category(character) in ("Cc", "Cs", "Cn")
        or character in "\u2028\u2029\ufffe\uffff"
    )


def width(text: str, size: float) -> float:
    """Return how wide a text is about, in the units of ``size``, in any of the usual fonts without serifs."""
    return sum(map(_em, text)) * size


def _em(character: str) -> float:
    if unicodedata.combining(character):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.05
    if character in _NARROW:
        return 0.34
    if character in _BROAD:
        return 0.9
    return 0.7 if character.isupper() else 0.59


def cut(text: str, size: float, room: float) -> str:
    """Return as much of a text as there is room for, with ``…`` where it was cut."""
    if width(text, size) <= room:
        return text
    kept = text
    while kept and width(kept + "…", size) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"
