"""What files an engine is told of, and which of them its answer cites."""

import re
from collections.abc import Iterator
from typing import Any, Final

from provider_shim.local.responses.pieces import Cited
from provider_shim.local.responses.turn import Items, Passage, Turn

_MARK: Final = re.compile(r"\[(\d{1,4})\]")


def passages(turn: Turn, context: Items) -> list[Passage]:
    """Return the passages that the engine is to know: those of earlier searches, then those of this one."""
    earlier = [
        Passage(found.get("file_id", ""), found.get("filename", ""), found.get("text", ""))
        for item in context
        if item["type"] == "file_search_call"
        for found in item.get("results") or ()
    ]
    return [*dict.fromkeys([*earlier, *turn.passages])]


def told(known: list[Passage]) -> str | None:
    """Write the passages for the engine, each with the number that it can be cited by."""
    if not known:
        return None
    listed = "\n\n".join(f"[{number}] {one.filename}\n{one.text}" for number, one in enumerate(known, 1))
    return (
        "Passages from the files that may be searched. Where the answer rests on one, cite it by its number "
        f"in brackets, such as [1].\n\n{listed}"
    )


def citations(text: str, known: list[Passage]) -> Iterator[Cited]:
    """Yield an annotation for each mark in the text; without any mark, one for each file that was told."""
    marks = [
        (mark.start(), known[int(mark[1]) - 1])
        for mark in _MARK.finditer(text)
        if 0 < int(mark[1]) <= len(known)
    ]
    if not marks:
        marks = [(len(text), one) for one in {each.file_id: each for each in known}.values()]
    for index, passage in marks if text else ():
        yield Cited(_annotation(passage, index))


def _annotation(passage: Passage, index: int) -> dict[str, Any]:
    return {
        "type": "file_citation",
        "file_id": passage.file_id,
        "filename": passage.filename,
        "index": index,
    }
