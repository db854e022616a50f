"""Threads as a file of JSON lines: what ``openai-thread export`` writes, and what reads it.

A thread is a line of the type ``thread``, followed by a line for each of its items in their order::

    {"type": "thread", "id": "conv_1", "api": "conversations", "created_at": 1, "metadata": {"team": "a"}}
    {"type": "message", "role": "user", "content": "Hello"}
    {"type": "message", "role": "user", "parts": [{"type": "file", "file_id": "file-1"}]}
    {"type": "item", "item": {"type": "function_call", "call_id": "c1", "name": "find", "arguments": "{}"}}

Members of a message are those of a message of ``openai_thread``: what else a conversation holds is kept as
the API has it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any, Final

from provider_shim.contract.parts import joined
from provider_shim.contract.parts import read as read_parts
from provider_shim.contract.thread import MESSAGE_SETTINGS

_MESSAGE: Final = frozenset(
    {"type", "role", "content", "parts", "metadata", "attachments", *MESSAGE_SETTINGS}
)
_THREAD: Final = frozenset({"type", "id", "api", "created_at", "metadata"})
# What some readers take for the end of a line, written as JSON escapes.
_LINE_ENDS: Final = {ord(one): f"\\u{ord(one):04x}" for one in "\x85\u2028\u2029"}
_TYPES: Final = ("thread", "message", "item")


class TranscriptError(ValueError):
    """The file is no transcript; the text says where and why."""


@dataclass
class Transcript:
    """A thread with all that was in it."""

    metadata: dict[str, str] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)
    """Messages and other items, oldest first, each as its line has it."""
    id: str | None = None
    api: str = "conversations"
    created_at: int | None = None

    def messages(self) -> list[dict[str, Any]]:
        """Return what a thread in Terraform can start with: the messages, without other items."""
        return [
            {name: value for name, value in entry.items() if name != "type"}
            for entry in map(_spoken, self.entries)
            if entry is not None
        ]


def lines(transcript: Transcript) -> Iterator[str]:
    """Yield the lines of a thread, each with its end."""
    head = {
        "type": "thread",
        "id": transcript.id,
        "api": transcript.api,
        "created_at": transcript.created_at,
        "metadata": transcript.metadata,
    }
    for line in (head, *transcript.entries):
        yield json.dumps(line, ensure_ascii=False).translate(_LINE_ENDS) + "\n"


def read(path: str | PathLike[str]) -> list[Transcript]:
    """Read a file.

    Raises:
        OSError: The file can't be read.
        TranscriptError: It is no transcript; the text names the line.
    """
    with open(path, encoding="utf-8") as source:  # noqa: PTH123 - pathlib costs each start more than this
        try:
            return parsed(source, str(path))
        except UnicodeDecodeError as error:
            raise TranscriptError(f"{path} is not UTF-8 text ({error.reason}).") from None


def parsed(source: Iterable[str], name: str) -> list[Transcript]:
    """Read the lines of a file called `name`; raises `TranscriptError`."""
    found: list[Transcript] = []
    for number, text in enumerate(source, 1):
        if not text.strip():
            continue
        line = _line(text, where := f"{name} line {number}")
        if line["type"] == "thread":
            found.append(_head(line, where))
        elif not found:
            raise TranscriptError(
                f"{where} is a {line['type']} before any thread. Begin with a line of type thread."
            )
        else:
            found[-1].entries.append(_entry(line, where))
    if not found:
        raise TranscriptError(f"{name} holds no thread. Write one: openai-thread export ID --to {name}.")
    return found


def _line(text: str, where: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TranscriptError(f"{where} is no JSON ({error}).") from None
    if not isinstance(line, dict) or line.get("type") not in _TYPES:
        raise TranscriptError(
            f'{where} is no line of a transcript. Allowed: an object of type "thread", "message" or "item".'
        )
    return line


def _head(line: Mapping[str, Any], where: str) -> Transcript:
    _known(line, _THREAD, where)
    metadata = line.get("metadata") or {}
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise TranscriptError(f"{where}: metadata is no object of texts.")
    if line.get("api", "conversations") not in {"conversations", "threads"}:
        raise TranscriptError(f'{where}: api is {line["api"]!r}. Allowed: "conversations" or "threads".')
    return Transcript(metadata, [], line.get("id"), line.get("api", "conversations"), line.get("created_at"))


def _entry(line: dict[str, Any], where: str) -> dict[str, Any]:
    if line["type"] == "item":
        item = line.get("item")
        if not isinstance(item, dict) or not isinstance(item.get("type"), str):
            raise TranscriptError(f"{where}: item is no object with a type.")
        return line
    _known(line, _MESSAGE, where)
    if not isinstance(line.get("role"), str):
        raise TranscriptError(f"{where}: role is missing. Allowed: user, assistant, system, developer.")
    content, parts = line.get("content"), line.get("parts")
    if (content is None) == (parts is None):
        raise TranscriptError(f"{where}: a message has either content or parts.")
    if content is not None and not isinstance(content, str):
        raise TranscriptError(f"{where}: content is no text.")
    if parts is not None and not (isinstance(parts, list) and all(isinstance(one, dict) for one in parts)):
        raise TranscriptError(f"{where}: parts is no list of objects.")
    return line


def _known(line: Mapping[str, Any], names: frozenset[str], where: str) -> None:
    for name in line:
        if name not in names:
            allowed = ", ".join(sorted(names - {"type"}))
            raise TranscriptError(f"{where}: {name} is not known. Allowed: {allowed}.")


def settings_of(message: Mapping[str, Any], api: str | None = None) -> dict[str, Any]:
    """Return what is given of `MESSAGE_SETTINGS`, where an API is named only what that keeps."""
    return {
        name: message[name]
        for name, attribute in MESSAGE_SETTINGS.items()
        if message.get(name) and (api is None or attribute.is_persisted_by(api))
    }


def _spoken(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return an entry as a message; None for an item that is none."""
    if entry["type"] == "message":
        return dict(entry)
    item = entry["item"]
    if item["type"] != "message" or not isinstance(item.get("content"), list):
        return None
    parts, unsupported = read_parts(item["content"])
    if unsupported or not parts or any(each["type"] == "refusal" for each in parts):
        return None  # no thread can start with that
    message = {"type": "message", "role": item["role"], **settings_of(item)}
    if all(each["type"] == "text" for each in parts):
        said = joined(parts)
        return {**message, "content": said} if said else None
    return {**message, "parts": parts}
