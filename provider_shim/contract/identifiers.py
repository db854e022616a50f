"""Ids of the API: what one may look like, and how a path is made of them."""

from collections.abc import Sequence
from typing import Final, Protocol
from urllib.parse import quote, unquote

LONGEST_ID: Final = 512
"""Characters. OpenAI's ids have some 60; a gateway makes them of 320, with slashes in them."""

PREFIXES: Final = {"conv_": "conversations", "thread_": "threads"}
"""What the id of a thread begins with, and the API that gives such ids."""

_SHOWN: Final = 40
_UNESCAPED: Final = "".join(chr(each) for each in range(0x21, 0x7F) if chr(each) not in "/%")
"""What needs no escape in an id of two: all that can be seen and typed, but for its slash and the escape."""


class HasId(Protocol):
    """An object as the API tells it."""

    @property
    def id(self) -> str:
        """Its id."""


def api_of(identifier: object) -> str | None:
    """Return the API that a thread's id belongs to by its looks; None where another server made it."""
    if not isinstance(identifier, str):
        return None
    return next((api for prefix, api in PREFIXES.items() if identifier.startswith(prefix)), None)


def id_problem(identifier: str) -> str | None:
    """Say why a text can't be an id; None if it can be one.

    Any characters may be in it, because each is percent-encoded in a path. Only what no encoding keeps
    in its place is refused: nothing at all, and the two names of folders, "." and "..".
    """
    if not identifier.strip():
        return "The id is empty"
    if len(identifier) > LONGEST_ID:
        return f'The id "{identifier[:_SHOWN]}…" has {len(identifier):,} characters'
    if identifier in (".", ".."):
        return f'The id "{identifier}" is the name of a folder'
    if any("\ud800" <= each <= "\udfff" for each in identifier):
        return f"The id {identifier!a:.{_SHOWN}} has half a character in it"
    return None


def path_of(*steps: str) -> str:
    """Put together a path of names of ours and ids; every odd step is an id.

    Raises:
        ValueError: one of them can't be an id, with the reason.
    """
    for identifier in steps[1::2]:
        if problem := id_problem(identifier):
            raise ValueError(problem)
    return "/" + "/".join(quote(step, safe="") for step in steps)


def joined_ids(first: str, second: str) -> str:
    """Return one id for what is known by two: ``FIRST/SECOND``."""
    return "/".join(quote(each, safe=_UNESCAPED) for each in (first, second))


def import_id(ids: Sequence[str]) -> str:
    """Return what an import takes by its id: the id of an object, or the two that it is known by."""
    first, *more = ids
    return joined_ids(first, *more) if more else first


def parted_ids(identifier: str) -> tuple[str, str] | None:
    """Take apart what ``joined_ids`` has put together; None where it is no such thing."""
    first, _, second = identifier.partition("/")
    if not first or not second or "/" in second:
        return None
    return unquote(first), unquote(second)


def objects_in(path: str) -> list[tuple[str, str]]:
    """Return the objects that a path leads through: the name of each one's collection, and its id."""
    steps = [unquote(step) for step in path.strip("/").split("/")]
    return list(zip(steps[::2], steps[1::2], strict=False))
