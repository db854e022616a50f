"""What both APIs have in common: pages, messages in and out, and adding without doubling."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from provider_shim.api.client import Client, Request
from provider_shim.api.metadata import MetadataChange
from provider_shim.api.problem import ApiProblem
from provider_shim.api.records import MessageRecord, Updated
from provider_shim.contract.limits import PAGE

MOST_PAGES: Final = 10_000
"""Of one list."""
SHORT_PAGE: Final = 10
MOST_SHORT_PAGES: Final = 1_000
"""Pages of one list with fewer objects than that, although more follow. Each is asked for a hundred."""
_TEXT_PARTS: Final = ("text", "input_text", "output_text")
_OTHER_PARTS: Final = ("input_file", "input_image", "image_file", "image_url", "computer_screenshot")


async def listed(  # noqa: PLR0913 - what a list call is made of
    client: Client,
    action: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, Any] | None = None,
    after: str | None = None,
) -> AsyncIterator[dict[str, Any]]:
    """Give the objects of a list call, all pages, in the order asked for (default: oldest first)."""
    async for page in pages(client, action, path, headers=headers, query=query, after=after):
        for each in page.objects:
            yield each


class Page(NamedTuple):
    """One page of a list, and whether the server has more."""

    objects: list[dict[str, Any]]
    more: bool


async def pages(  # noqa: PLR0913 - as above
    client: Client,
    action: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, Any] | None = None,
    after: str | None = None,
) -> AsyncIterator[Page]:
    """Give the pages of a list call, in the order asked for (default: oldest first).

    Raises:
        ApiProblem: the list has no end: its pages come again, or are more than any list has.
    """
    cursors, short = {after}, 0
    for _ in range(MOST_PAGES):
        asked = {"limit": PAGE, "order": "asc", **(query or {}), **({"after": after} if after else {})}
        page = await client.call(Request(action, "GET", path, query=asked, headers=headers or {}))
        objects: list[dict[str, Any]] = page["data"]
        after = page.get("last_id") or (objects[-1]["id"] if objects else None)
        more = bool(page.get("has_more") and objects)
        yield Page(objects, more)
        if not more:
            return
        short += len(objects) < SHORT_PAGE
        if short > MOST_SHORT_PAGES:
            raise _endless(
                client, action, path, f"{short:,} of its pages have almost nothing, and it goes on"
            )
        if after in cursors:
            raise _endless(client, action, path, f"the page behind {after} comes again")
        cursors.add(after)
    raise _endless(client, action, path, f"it has more than {MOST_PAGES:,} pages")


def _endless(client: Client, action: str, path: str, why: str) -> ApiProblem:
    return ApiProblem(
        "endless",
        f"{action[:1].upper()}{action[1:]} failed: the list has no end",
        f"GET {path} at {client.settings.origin}: {why}. The server has a mistake; ask who runs it.",
    )


async def write_metadata(
    identifier: str,
    there: Mapping[str, str],
    change: MetadataChange,
    send: Callable[[dict[str, str | None]], Awaitable[Mapping[str, str]]],
) -> Updated:
    """Write our pairs beside those of others, on a server that replaces the map as on one that merges.

    Args:
        identifier: The object, for the text of an error.
        there: What the API holds now.
        change: Our pairs.
        send: Makes the call, and gives the metadata of its answer.

    Raises:
        ApiProblem: a key has to be added, and all pairs together are more than the API takes.
    """
    if change.is_done(there):
        return Updated(dict(there))
    if excess := change.excess(there):
        raise ApiProblem(
            "too many pairs",
            "Too many pairs of metadata",
            f"{identifier} would have {excess}.",
            ("metadata",),
        )
    whole = change.whole(there)
    after = await send({**whole})
    if stayed := change.stayed(after):
        # A server that merges takes a null for: remove it.
        after = await send({**whole, **dict.fromkeys(stayed)})
    return Updated(dict(after), change.vanished(there, after), change.stayed(after))


def seconds(value: object) -> int:
    """Give Unix seconds; some servers answer them with a fraction."""
    return int(value) if isinstance(value, int | float) else 0


def pairs(value: object) -> dict[str, str]:
    """Give metadata as text to text; a server that merges shows removed keys as null."""
    if not isinstance(value, dict):
        return {}
    return {
        str(key): each if isinstance(each, str) else json.dumps(each)
        for key, each in value.items()
        if each is not None
    }


def text_of(content: object) -> str:
    """Give the text of a message, which servers answer as a string or as a list of parts."""
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
    """Tell whether what a message says can be read: it has a text, or parts of a known kind."""
    if not isinstance(content, list):
        return isinstance(content, str)
    return all(
        _part(part) is not None or (isinstance(part, dict) and part.get("type") in _OTHER_PARTS)
        for part in content
    )


def attachments_of(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the files of a message: attachments on /threads, parts of the content on /conversations."""
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
    """Tell messages from the other items of a conversation: calls, reasoning, searches."""
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


def essence(role: str, content: str, attachments: Sequence[Mapping[str, Any]] | None) -> list[object]:
    """Give what every API shows of a message."""
    return [role, content, [file["file_id"] for file in attachments or ()]]


def places_of(found: Sequence[MessageRecord], batch: Sequence[Mapping[str, Any]]) -> list[int]:
    """Find every place where exactly this batch stands, message by message."""
    wanted = [essence(each["role"], each["content"], each.get("attachments")) for each in batch]
    there = [essence(each.role, each.content, each.attachments) for each in found]
    starts = range(len(there) - len(wanted) + 1)
    return [start for start in starts if there[start : start + len(wanted)] == wanted]
