"""Messages of both APIs: what is read of an item, and what tells one message from another. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from provider_shim.api.answers import pairs, seconds
from provider_shim.api.records import MessageRecord
from provider_shim.contract.attributes import Bool, Number, String
from provider_shim.contract.parts import joined, read
from provider_shim.contract.thread import MESSAGE_SETTINGS

_HELD: Final[Mapping[type, tuple[type, ...]]] = {String: (str,), Number: (int, float), Bool: (bool,)}
"""What JSON has for a type. What a server tells in another form is not carried."""
_OTHER_PARTS: Final = ("input_file", "input_image", "image_file", "image_url", "computer_screenshot")


def _is_readable(content: object, unsupported: Sequence[tuple[int, str]]) -> bool:
    """Return whether what a message says can be read: it has a text, or parts of a known kind."""
    return isinstance(content, str | list) and all(kind in _OTHER_PARTS for _, kind in unsupported)


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
    parts, unsupported = read(item.get("content"))
    return MessageRecord(
        str(item.get("id", "")),
        str(item.get("role", "")),
        joined(parts),
        pairs(metadata),
        attachments_of(item),
        seconds(item.get("created_at")),
        _is_readable(item.get("content"), unsupported),
        parts,
        unsupported,
        {
            name: item[name]
            for name, attribute in MESSAGE_SETTINGS.items()
            if type(item.get(name)) in _HELD.get(type(attribute.type), ())
        },
    )


def digested(message: Mapping[str, Any]) -> list[object]:
    """Return what a digest of a message to send is made of: what every API shows of it."""
    parts = message.get("parts")
    files = [each["file_id"] for each in parts or () if each["type"] == "file" and each.get("file_id")]
    files += [each["file_id"] for each in message.get("attachments") or ()]
    return _digested(
        message["role"], message["content"] if parts is None else joined(parts), files, parts or ()
    )


def digested_without_text(message: Mapping[str, Any]) -> list[object]:
    """Return the same for a place where it stays: nothing in it is made of a write-only text."""
    version = message.get("content_wo_version")
    return digested(message if version is None else {**message, "content": None}) + (
        [] if version is None else [version]
    )


def digested_record(record: MessageRecord) -> list[object]:
    """Return the same of a message as the API tells it."""
    files = [each["file_id"] for each in record.attachments]
    return _digested(record.role, record.content, files, record.parts)


def _digested(role: str, text: object, files: list[str], parts: Sequence[Mapping[str, Any]]) -> list[object]:
    more = [
        [each["type"], each[name]]
        for each in parts
        for name in ("image_url", "file_id", "file_url", "file_data")
        if each.get(name) and (each["type"], name) != ("file", "file_id")
    ]
    # A message of text and files only has the digest that it had before there were other parts.
    return [role, text, files, more] if more else [role, text, files]


def matches(found: Sequence[MessageRecord], batch: Sequence[Mapping[str, Any]]) -> list[int]:
    """Find every place where exactly this batch stands, message by message."""
    wanted = [digested(each) for each in batch]
    there = [digested_record(each) for each in found]
    starts = range(len(there) - len(wanted) + 1)
    return [start for start in starts if there[start : start + len(wanted)] == wanted]
