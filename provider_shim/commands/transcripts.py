"""Messages of both APIs as the lines of a transcript, and back."""

from collections.abc import Mapping
from typing import Any, Final

from provider_shim.api import conversations, threads
from provider_shim.contract.parts import ON_THREADS, part_of
from provider_shim.contract.thread import MESSAGE_SETTINGS
from provider_shim.contract.transcript import settings_of

_EMPTY: Final[tuple[object, ...]] = (None, [], {})


def entry_of_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the line of a conversation's item: a message where that says all of it, else the item."""
    kept = {name: value for name, value in item.items() if name not in {"id", "created_by"}}
    message = _message(kept) if kept.get("type", "message") == "message" else None
    return message or {"type": "item", "item": {"type": "message", **kept}}


def entry_of_message(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return the line of a message on ``/threads``."""
    parts = [_kept_part(part) for part in message.get("content") or ()]
    entry: dict[str, Any] = {"type": "message", "role": message["role"], **_content(parts)}
    if metadata := message.get("metadata") or message.get("metadata_"):
        entry["metadata"] = metadata
    if attachments := message.get("attachments"):
        entry["attachments"] = [
            {"file_id": one["file_id"], "tools": [tool["type"] for tool in one.get("tools") or ()]}
            for one in attachments
        ]
    return entry


def item_of_entry(entry: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the item that a conversation is sent for a line, and what of the line it can't keep."""
    if entry["type"] == "item":
        return dict(entry["item"]), []
    spoken = "output_text" if entry["role"] == "assistant" else "input_text"
    content: Any = entry.get("content")
    lost = ["metadata of a message"] if entry.get("metadata") else []
    attachments = entry.get("attachments") or ()
    files = [one["file_id"] for one in attachments]
    if files and spoken == "output_text":
        lost.append("attachments of the assistant")
        files = []
    elif any(one.get("tools") for one in attachments):
        lost.append("tools of attachments")
    if content is None or files:
        parts = entry.get("parts") or [{"type": "text", "text": content}]
        content = [_sent_part(part, spoken) for part in parts]
        content += [{"type": "input_file", "file_id": one} for one in files]
    settings = settings_of(entry, "conversations")
    lost += [f"{name} of a message" for name in settings_of(entry) if name not in settings]
    return {"type": "message", "role": entry["role"], "content": content, **settings}, lost


def message_of_entry(entry: Mapping[str, Any]) -> tuple[dict[str, Any] | None, list[str]]:
    """Return the message that ``/threads`` is sent for a line, None where it has none, and what is lost."""
    if entry["type"] == "item":
        return None, [f"items of the type {entry['item']['type']}"]
    if entry["role"] not in {"user", "assistant"}:
        return None, [f"messages of the role {entry['role']}"]
    parts = entry.get("parts")
    body: dict[str, Any] = {"role": entry["role"], **settings_of(entry, "threads")}
    lost = [f"{name} of a message" for name in settings_of(entry) if name not in body]
    if parts is None:
        body["content"] = entry["content"]
    else:
        sent = [_threads_part(part) for part in parts]
        lost += [f"{part['type']}s in parts of a message" for part in parts if _threads_part(part) is None]
        lost += ["the detail original of an image" for part in parts if part.get("detail") == "original"]
        body["content"] = [part for part in sent if part is not None]
    if entry.get("metadata"):
        body["metadata"] = entry["metadata"]
    if attachments := entry.get("attachments"):
        body["attachments"] = [
            {"file_id": one["file_id"], "tools": [{"type": tool} for tool in one.get("tools") or ()]}
            for one in attachments
        ]
    return (body if body["content"] else None), lost


def _message(item: Mapping[str, Any]) -> dict[str, Any] | None:
    if (
        set(item) - {"type", "role", "content", "status", *MESSAGE_SETTINGS}
        or item.get("status", "completed") != "completed"
    ):
        return None
    content = item.get("content")
    entry: dict[str, Any] = {"type": "message", "role": item.get("role"), **settings_of(item)}
    if isinstance(content, str):
        return {**entry, "content": content}
    parts = [_item_part(part) for part in content or ()]
    if not parts or any(part is None for part in parts):
        return None
    return {**entry, **_content([part for part in parts if part is not None])}


def _content(parts: list[dict[str, Any]]) -> dict[str, Any]:
    if len(parts) == 1 and set(parts[0]) == {"type", "text"}:
        return {"content": parts[0]["text"]}
    return {"parts": parts}


def _item_part(part: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a part as a transcript has it; None where it holds more than that."""
    kept = part_of(part)
    if kept is None or kept["type"] == "refusal":
        return None  # a line of the type item has it as it is
    given = {
        name for name, value in part.items() if value not in _EMPTY and (name, value) != ("detail", "auto")
    }
    return kept if given == set(kept) else None


def _kept_part(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return a part of a message on ``/threads``; what nothing can carry as it is."""
    return part_of(part) or dict(part)


def _sent_part(part: Mapping[str, Any], spoken: str) -> dict[str, Any]:
    match part["type"]:
        case "text":
            return {"type": spoken, "text": part.get("text", "")}
        case "refusal":
            return {"type": "refusal", "refusal": part.get("text", "")}
        case _:
            return conversations.part_to_send(part)


def _threads_part(part: Mapping[str, Any]) -> dict[str, Any] | None:
    if part.get("detail") == "original":
        part = {name: value for name, value in part.items() if name != "detail"}
    return threads.part_to_send(part) if part["type"] in ON_THREADS else None
