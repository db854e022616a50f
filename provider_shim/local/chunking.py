"""How a text is cut into the pieces that a search finds.

A token is counted as four characters, OpenAI's own rule of thumb for English text: an exact count
would need the tokenizer of a model.
"""

from collections.abc import Iterator
from typing import Any, Final

from provider_shim.contract.limits import CHUNK_TOKENS
from provider_shim.local.errors import invalid
from provider_shim.local.shapes import at, integer, record, string, tagged

CHARACTERS_PER_TOKEN: Final = 4
AUTO: Final = {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400}
"""What OpenAI does where no strategy, or ``auto``, is asked for."""

_BLANKS: Final = " \t\r\n"

_strategy = tagged(
    {
        "auto": record({}, {"type": string()}),
        "static": record(
            {
                "static": record(
                    {
                        "max_chunk_size_tokens": integer(*CHUNK_TOKENS),
                        "chunk_overlap_tokens": integer(0),
                    }
                )
            },
            {"type": string()},
        ),
    }
)


def chunking_strategy(value: object, where: str) -> dict[str, int]:
    """Check a ``chunking_strategy`` and return its sizes in tokens."""
    checked: dict[str, Any] = _strategy(value, where)
    sizes: dict[str, int] = checked.get("static", AUTO)
    if sizes["chunk_overlap_tokens"] * 2 > sizes["max_chunk_size_tokens"]:
        path = at(where, "static.chunk_overlap_tokens")
        raise invalid(
            f"Invalid '{path}': expected at most half of max_chunk_size_tokens"
            f" ({sizes['max_chunk_size_tokens']}), but got {sizes['chunk_overlap_tokens']} instead.",
            path,
            "invalid_value",
        )
    return sizes


def chunks(text: str, size_tokens: int, overlap_tokens: int) -> Iterator[str]:
    """Cut the text into overlapping pieces that end at a blank where there is one near."""
    size = size_tokens * CHARACTERS_PER_TOKEN
    overlap = overlap_tokens * CHARACTERS_PER_TOKEN
    start = 0
    while start < len(text):
        end = start + size
        if end < len(text):
            end = _last_blank(text, start + max(overlap + 1, size // 2), end)
        piece = text[start:end].strip()
        if piece:
            yield piece
        if end >= len(text):
            return
        start = end - overlap


def _last_blank(text: str, least: int, most: int) -> int:
    """Return the place after the last blank between two places, or the second where there is none."""
    for place in range(most, least, -1):
        if text[place - 1] in _BLANKS:
            return place
    return most
