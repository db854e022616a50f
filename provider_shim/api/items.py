"""Messages of both APIs: what is read of an item, and what tells one message from another. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from provider_shim.api.answers import pairs, seconds
from provider_shim.api.records import MessageRecord

_TEXT_PARTS: Final = ("text", "input_text", "output_text")
_OTHER_PARTS: Final = ("input_file", "input_image", "image_file", "image_url", "computer_screenshot")


def text_of(content: object) -> str:
    """Return the text of a message, which servers answer as a string or as a list of parts."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "\n".join(text for part in content if (text := _part(part)) is not None)


def _part(part: object) -> str | None:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return None
    value = part.get("text") if part.get("type") in _TEXT_PARTS else part.get("refusal")
    if isinstance(value, list):  # myla
        value = value[0] if len(value) == 1 else None
    if isinstance(value, dict):
        value = value.get("value")
    return value if isinstance(value, str) else None


def _is_readable(content: object) -> bool:
    """Return whether what a message says can be read: it has a text, or parts of a known kind."""
    if not isinstance(content, list):
        return isinstance(content, str)
    return all(
        _part(part) is not None or (isinstance(part, dict) and part.get("type") in _OTHER_PARTS)
        for part in content
    )


def attachments_of(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the files of a message: attachments on /threads, parts of the content on /conversations."""
    content = item.get("content")
    found = [
        {"file_id": part["file_id"], "tools": []}
        for part in (content if isinstance(content, list) else ())
        if isinstance(part, dict) and part.get("type") == "input_file" and part.get("file_id")
    ]
    for each in item.get("attachments") or ():
        if isinstance(each, dict) and each.get("file_id"):
            tools = [tool.get("type") for tool in each.get("tools") or () if isinstance(tool, dict)]
            found.append({"file_id": each["file_id"], "tools": tools})
    return found


def is_message(item: Mapping[str, Any]) -> bool:
    """Return whether an item is a message; a conversation has calls, reasoning and searches too."""
    return item.get("type", "message") == "message" and isinstance(item.get("role"), str)


def message_record(item: Mapping[str, Any]) -> MessageRecord:
    """Read a message of either API."""
    metadata = item["metadata"] if "metadata" in item else item.get("metadata_")
    return MessageRecord(
        str(item.get("id", "")),
        str(item.get("role", "")),
        text_of(item.get("content")),
        pairs(metadata),
        attachments_of(item),
        seconds(item.get("created_at")),
        _is_readable(item.get("content")),
    )


def digested(role: str, content: str, attachments: Sequence[Mapping[str, Any]] | None) -> list[object]:
    """Return what a digest of a message is made of: what every API shows of it."""
    return [role, content, [file["file_id"] for file in attachments or ()]]


def matches(found: Sequence[MessageRecord], batch: Sequence[Mapping[str, Any]]) -> list[int]:
    """Find every place where exactly this batch stands, message by message."""
    wanted = [digested(each["role"], each["content"], each.get("attachments")) for each in batch]
    there = [digested(each.role, each.content, each.attachments) for each in found]
    starts = range(len(there) - len(wanted) + 1)
    return [start for start in starts if there[start : start + len(wanted)] == wanted]
