"""HTML that can't be forgotten to be escaped: a string is text, and only `Html` is markup.

A template engine would be a dependency of every user, for five documents. These few functions escape
by type, so a view has no place where it could leave that out.
"""

import html
from collections.abc import Iterable
from typing import Final, TypeAlias


class Html(str):
    """Markup. Made by `element` and `join` alone; everything else is text and gets escaped."""

    __slots__ = ()


Child: TypeAlias = "str | int | Iterable[Child] | None"
"""What an element may hold; None is nothing."""

EMPTY: Final = Html()

_VOID: Final = frozenset({"img", "input", "link", "meta"})
# Control characters have pictures of their own. A bidirectional override would turn the letters that
# follow it round, so that a name reads as another one; the weaker marks end with their element.
_SHOWN: Final = {
    **{code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\t\n\r"},
    0x7F: "\u2421",
    0x202D: "[U+202D]",
    0x202E: "[U+202E]",
}


def element(name: str, /, *children: Child, **attributes: str | int | bool | None) -> Html:
    """Make an element. ``class_`` is the attribute ``class``, ``aria_label`` is ``aria-label``.

    An attribute that is None or False is left out, one that is True has no value.
    """
    parts = [f"<{name}"]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        parts.append(" " + key.rstrip("_").replace("_", "-"))
        if value is not True:
            parts.append(f'="{_escaped(str(value))}"')
    parts.append(">")
    if name not in _VOID:
        parts += (join(children), f"</{name}>")
    return Html("".join(parts))


def join(children: Iterable[Child]) -> Html:
    """Put markup and text one after the other, the text escaped."""
    return Html("".join(_written(child) for child in children))


def _written(child: Child) -> str:
    match child:
        case None:
            return ""
        case Html():
            return child
        case str():
            return _escaped(child)
        case int():
            return str(child)
        case _:
            return join(child)


def _escaped(text: str) -> str:
    return html.escape(text).translate(_SHOWN)
