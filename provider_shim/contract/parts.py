"""Parts of a message: what may be in one, and what is read of one at either API. Pure.

A part is what the contract says: ``{"type": "image", "file_id": "file-1"}``, without what is absent.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from provider_shim.contract.limits import PART_DATA
from provider_shim.contract.path import Key, Path, spelled

IsUnknown = Callable[[object], bool]
Found = tuple[Path, str, str]

SAYS: Final = ("content", "parts", "content_wo")
"""What a message says is in one of these."""
NAMES: Final = ("type", "text", "image_url", "file_id", "file_url", "file_data", "filename", "detail")

_SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "text": ("text",),
    "refusal": ("text",),
    "image": ("image_url", "file_id"),
    "file": ("file_id", "file_url", "file_data"),
}
"""Of which a part of a type has exactly one."""
_MORE: Final[Mapping[str, tuple[str, ...]]] = {"image": ("detail",), "file": ("filename", "detail")}
DETAILS: Final[Mapping[str, tuple[str, ...]]] = {
    "image": ("auto", "low", "high", "original"),
    "file": ("auto", "low", "high"),
}
DETAILS_IN_WORDS: Final = (
    '`"auto"` (the default), `"low"` or `"high"`; `"original"` for images on the Conversations API.'
)
_SCHEMES: Final[Mapping[str, tuple[str, ...]]] = {
    "image_url": ("https", "http", "data"),
    "file_url": ("https", "http"),
}
ON_THREADS: Final = ("text", "image")
"""The types that /threads has. On the Conversations API a part of any type but the text is ``input_…``."""
_TEXTS: Final = ("text", "input_text", "output_text")


# --- what may be given ------------------------------------------------------------------


def threads_rule(values: Mapping[str, Any], is_unknown: IsUnknown) -> Iterator[Found]:
    """Yield what is wrong with the messages of a set of threads."""
    threads = values.get("threads")
    for key, thread in threads.items() if isinstance(threads, Mapping) and not is_unknown(threads) else ():
        if isinstance(thread, Mapping) and not is_unknown(thread):
            yield from messages_rule(thread, is_unknown, ("threads", Key(key)))


def messages_rule(values: Mapping[str, Any], is_unknown: IsUnknown, path: Path = ()) -> Iterator[Found]:
    """Yield what is wrong with the messages of a thread."""
    for index, message in enumerate(_elements(values.get("messages"), is_unknown)):
        if isinstance(message, Mapping) and not is_unknown(message):
            yield from message_rule(message, is_unknown, (*path, "messages", index))


def message_rule(message: Mapping[str, Any], is_unknown: IsUnknown, path: Path = ()) -> Iterator[Found]:
    """Yield what is wrong with a message, beyond what each of its attributes says."""
    yield from source_problems(message, is_unknown, path, SAYS, "Give the text as content, or parts.")
    yield from version_problems(message, path)
    role, phase = message.get("role"), message.get("phase")
    if phase is not None and role != "assistant" and not is_unknown(role):
        here = (*path, "phase")
        yield (
            here,
            "Not of this role",
            (
                f'{spelled(here)} is given on a message of role "{role}". Allowed: on messages of the '
                "assistant. Remove it."
            ),
        )
    for index, part in enumerate(_elements(message.get("parts"), is_unknown)):
        if isinstance(part, Mapping) and not is_unknown(part) and not is_unknown(part.get("type")):
            yield from _part_problems(part, is_unknown, (*path, "parts", index))


def source_problems(
    values: Mapping[str, Any], is_unknown: IsUnknown, path: Path, names: Sequence[str], step: str
) -> Iterator[Found]:
    """Yield what is wrong if not exactly one of these is given. What is unknown may yet be null."""
    known = [name for name in names if values.get(name) is not None and not is_unknown(values[name])]
    among = f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
    if len(known) > 1:
        here = (*path, known[1])
        yield (
            here,
            "Given twice",
            (
                f"{spelled((*path, known[0]))} and {spelled(here)} are given. Allowed: one of {among}. "
                "Remove the other."
            ),
        )
    elif all(values.get(name) is None for name in names):
        here = (*path, names[0])
        one_of = f"one of {among}" if len(names) > 1 else among
        yield here, "Missing attribute", f"{spelled(here)} is missing. Allowed: {one_of}. {step}"


def version_problems(values: Mapping[str, Any], path: Path = ()) -> Iterator[Found]:
    """Yield what is wrong if a write-only text has no version, or a version no text."""
    given, version = values.get("content_wo") is not None, values.get("content_wo_version") is not None
    if given and not version:
        here = (*path, "content_wo_version")
        yield (
            here,
            "Missing attribute",
            (
                f"{spelled(here)} is missing, and content_wo needs it: nobody can compare a text that no "
                "state has. Give content_wo_version = 1, and another number with each other text."
            ),
        )
    elif version and not given:
        here = (*path, "content_wo_version")
        yield (
            here,
            "Nothing that has a version",
            f"{spelled(here)} is given without content_wo. Allowed: both or none. Remove it.",
        )


def _part_problems(part: Mapping[str, Any], is_unknown: IsUnknown, path: Path) -> Iterator[Found]:
    kind = part["type"]
    sources = _SOURCES[kind]
    allowed = (*sources, *_MORE.get(kind, ()))
    for name in NAMES[1:]:
        if part.get(name) is not None and name not in allowed:
            here = (*path, name)
            yield (
                here,
                "Not of this type",
                (
                    f'{spelled(here)} is given in a part of type "{kind}". Allowed: {", ".join(allowed)}. '
                    "Remove it, or give the part another type."
                ),
            )
    yield from source_problems(part, is_unknown, path, sources, f'A part of type "{kind}" has it.')
    detail = part.get("detail")
    if kind in DETAILS and detail is not None and not is_unknown(detail) and detail not in DETAILS[kind]:
        here = (*path, "detail")
        listed = ", ".join(f'"{each}"' for each in DETAILS[kind])
        yield (
            here,
            "Value not allowed",
            f'{spelled(here)} is "{detail}" in a part of type "{kind}". Allowed: {listed}.',
        )
    for name, schemes in _SCHEMES.items():
        url = part.get(name)
        if name not in sources or not isinstance(url, str) or is_unknown(url):
            continue
        scheme, _, rest = url.partition(":")
        if not rest or scheme.lower() not in schemes or any(each.isspace() for each in url):
            here = (*path, name)
            listed = ", ".join(f"{each}:" for each in schemes)
            yield (
                here,
                "Not a URL",
                (
                    f'{spelled(here)} is "{url[:60]}". Allowed: a URL that begins with {listed} and has no '
                    "blanks. For a file of this machine give file_id, the id of an uploaded one."
                ),
            )


def _elements(value: object, is_unknown: IsUnknown) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) and not is_unknown(value) else ()


# --- what is compared -------------------------------------------------------------------


def without_absent(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return a part without what is absent, and without what is the default."""
    return {
        name: value
        for name, value in part.items()
        if value is not None and (name, value) != ("detail", "auto")
    }


def joined(parts: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of parts, each on lines of its own; a refusal is none of it."""
    return "\n".join(each["text"] for each in parts if each["type"] == "text")


# --- what is read -----------------------------------------------------------------------


def read(content: object) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    """Read the content of a message, which servers answer as a string or as a list.

    Returns:
        The parts; and of what can't be carried, its position and what the API calls it.
    """
    if isinstance(content, str):
        return [{"type": "text", "text": content}], []
    parts: list[dict[str, Any]] = []
    unsupported: list[tuple[int, str]] = []
    for index, given in enumerate(content if isinstance(content, list) else ()):
        part = part_of(given)
        if part is None:
            kind = given.get("type") if isinstance(given, dict) else None
            unsupported.append((index, kind[:_SHOWN] if isinstance(kind, str) else "unknown"))
        else:
            parts.append(part)
    return parts, unsupported


_SHOWN: Final = 40
"""Characters of what a server calls a part."""


def part_of(given: object) -> dict[str, Any] | None:
    """Return a part of either API as the contract has it; None if that can't carry it."""
    if isinstance(given, str):
        return {"type": "text", "text": given}
    kind = given.get("type") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(kind, str):
        return None
    if kind in _TEXTS or kind == "refusal":
        text = _text(given.get("refusal" if kind == "refusal" else "text"))
        return None if text is None else {"type": "refusal" if kind == "refusal" else "text", "text": text}
    if kind in {"image_file", "image_url"}:
        inner = given.get(kind)
        inner = inner if isinstance(inner, dict) else {"url": inner}
        given, kind = {"image_url": inner.get("url"), **inner}, "input_image"
    name = kind.removeprefix("input_")
    carried = name != kind and name in _SOURCES and "text" not in _SOURCES[name]
    return _carried(name, given) if carried else None


def _text(value: object) -> str | None:
    if isinstance(value, list):  # myla
        value = value[0] if len(value) == 1 else None
    if isinstance(value, dict):
        value = value.get("value")
    return value if isinstance(value, str) else None


def _carried(kind: str, given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a part that is no text; an id goes before what else a server may show of the same."""
    there = {name: value for name in NAMES if isinstance(value := given.get(name), str) and value}
    source = next((name for name in ("file_id", *_SOURCES[kind]) if name in there), None)
    if source is None or len(there[source]) > PART_DATA:
        return None
    part = {"type": kind, source: there[source]}
    for name in _MORE.get(kind, ()):
        if name in there and (name != "detail" or there[name] in DETAILS[kind]):
            part[name] = there[name]
    return without_absent(part)
