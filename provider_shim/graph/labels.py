"""Names as a diagram shows them: on one line, and nothing in them that could do harm."""

import unicodedata
from typing import Final

LONGEST: Final = 120
"""As many characters of a name are shown at most."""

_DIRECTIONS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that only change the direction of the text: they make a name look like another."""


def clean(text: str) -> str:
    """Return the text on one line; what neither a drawing program nor a reader can take becomes ``�``."""
    shown = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return "".join(
        " " if character in "\t\r\n" else "\ufffd" if _unfit(character) else character for character in shown
    )


def _unfit(character: str) -> bool:
    return (
        character in _DIRECTIONS
        or unicodedata.category(character) in ("Cc", "Cs", "Cn")
        or character in "\u2028\u2029\ufffe\uffff"
    )
