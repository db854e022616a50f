"""Finds the references in Terraform's JSON: which address is named where."""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

# An address, and for terraform_remote_state the output. What is no address of the stack is left out
# by whoever asks, so an attribute path like each.value.id does no harm.
_ADDRESS: Final = re.compile(
    r"(?<![\w.-])(data\.[\w-]+\.[\w-]+|[A-Za-z_][\w-]*\.[\w-]+)"
    r'(?:\.outputs(?:\.([\w-]+)|\["([^"]+)"\]))?'
)
# Those hold addresses without ${}.
_BARE: Final = ("depends_on", "replace_triggered_by")
# "//" is cdktf's own; the other two name no flow.
_SKIPPED: Final = ("//", "provider", "providers")
# Where a reference stands, and the word for it. Where it is plain what happens there is none.
_LABELS: Final = {
    "code_interpreter": "code interpreter",
    "file_search": "file search",
    "attachments": "attached",
    "parts": "part",
    "for_each": "for each",
}


class Reference(NamedTuple):
    """An address that is named, the output of a remote state, and what for."""

    address: str
    output: str
    label: str
    order_only: bool


def references(body: object) -> Iterator[Reference]:
    """Yield every reference in a resource's, module's or output's configuration."""
    for path, text in _strings(body):
        bare = any(each in path for each in _BARE)
        label = next((_LABELS[each] for each in reversed(path) if each in _LABELS), "")
        for expression in [text] if bare else templates(text):
            for address, attribute, key in _ADDRESS.findall(expression):
                yield Reference(address, attribute or key, label, "depends_on" in path)


def _strings(body: object) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every string with the keys that lead to it. A stack of our own: files may be deep."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), body)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, list):
            waiting.extend((path, each) for each in reversed(value))
        elif isinstance(value, dict):
            waiting.extend(
                ((*path, key), each) for key, each in reversed(value.items()) if key not in _SKIPPED
            )


def templates(text: str) -> Iterator[str]:
    """Yield what is within each ``${…}`` and ``%{…}``. ``$${`` and ``%%{`` are text."""
    start = depth = position = 0
    while position < len(text):
        two = text[position : position + 2]
        if not depth and two in ("$$", "%%") and text[position + 2 : position + 3] == "{":
            position += 3
            continue
        if two in ("${", "%{"):
            if not depth:
                start = position + 2
            depth += 1
            position += 2
            continue
        if depth and text[position] == "{":
            depth += 1
        elif depth and text[position] == "}":
            depth -= 1
            if not depth:
                yield text[start:position]
        position += 1
