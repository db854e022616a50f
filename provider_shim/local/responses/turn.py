"""What a model may know of the request that it answers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Items = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a file that a search found."""

    file_id: str
    filename: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One request, with what stands before it."""

    body: dict[str, Any]
    """The checked request."""
    input: Items
    """The items of the request, as they are kept."""
    conversation: str | None
    metadata: dict[str, str]
    """The conversation's; empty where there is none."""
    call: int
    """The number of this call in its conversation, from 1, since the server started."""
    earlier: Callable[[], Awaitable[Items]]
    """Reads what stands before the input, oldest first. A long conversation takes its time."""
    file: Callable[[str], Awaitable[tuple[str, Path] | None]]
    """Finds the name of an uploaded file, and where its content is."""
    passages: list[Passage] = field(default_factory=list)
    """What a file search has found for this request."""

    async def context(self) -> Items:
        """Return all items that the model is to answer, oldest first."""
        return [*await self.earlier(), *self.input]


def said(item: dict[str, Any]) -> str:
    """Return what an item says: the texts of a message, the output of a tool."""
    content = item.get("output") if item["type"].endswith("_output") else item.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(_part(part) for part in parts)


def last_message(items: Items) -> str:
    """Return what the user said last; "" where nothing was."""
    for item in reversed(items):
        if item["type"] == "message" and item["role"] == "user":
            return said(item)
    return ""


def functions(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the functions that the model may call, those in namespaces included."""
    if body.get("tool_choice") == "none":
        return []
    found: list[dict[str, Any]] = []
    for tool in body.get("tools") or []:
        if tool["type"] in {"function", "custom"}:
            found.append(tool)
        elif tool["type"] == "namespace":
            found += tool["tools"]
    return found


def _part(part: dict[str, Any]) -> str:
    match part["type"]:
        case "input_image":
            return f"[image {part.get('file_id') or ''}]".replace(" ]", "]")
        case "input_file":
            name = part.get("filename") or part.get("file_id") or part.get("file_url") or ""
            return f"[file {name}]".replace(" ]", "]")
        case "refusal":
            return str(part["refusal"])
        case _:
            return str(part.get("text", ""))
