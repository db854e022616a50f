"""A thread on the Conversations API: /conversations and their items."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from provider_shim.api.problem import CallFailed
from provider_shim.api.thread_store import ThreadStore
from provider_shim.contract.limits import ITEMS_PER_CALL
from provider_shim.contract.thread import MESSAGE_SETTINGS

PURGED_AT_ONCE: Final = 10
"""Items that are deleted at a time."""


class Conversations(ThreadStore):
    """Messages are items, several a call; the API keeps neither tool_resources nor messages' metadata."""

    kind = "conversations"
    collection = "conversations"
    items = "items"
    noun = "conversation"
    batch_size = ITEMS_PER_CALL

    async def purge(self, identifier: str) -> list[str]:
        """Delete the items, which OpenAI keeps when their conversation goes; return those that stay."""
        try:
            ids = [str(each["id"]) async for each in self._items(identifier)]
        except CallFailed as failed:
            if failed.absent:
                return []
            raise
        stay: list[str] = []
        for start in range(0, len(ids), PURGED_AT_ONCE):
            some = ids[start : start + PURGED_AT_ONCE]
            deleted = await asyncio.gather(*(self.delete_message(identifier, each) for each in some))
            stay += [each for each, done in zip(some, deleted, strict=True) if done is None]
        return stay

    def _posted(self, batch: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return {"items": [_item(each) for each in batch]}

    def _added(self, answer: Mapping[str, Any], batch: Sequence[Mapping[str, Any]]) -> list[str]:
        data = answer.get("data")
        items = data if isinstance(data, list) else []
        ids = [each["id"] for each in items if isinstance(each, dict) and each.get("id")]
        return ids if len(ids) == len(batch) else []

    def _with_resources(self, tool_resources: Mapping[str, Any] | None) -> dict[str, Any]:  # noqa: ARG002 - not kept here
        return {}


def _item(message: Mapping[str, Any]) -> dict[str, Any]:
    """Make an item. Plain text is what every role may have, on every server."""
    content: Any = message["content"]
    parts, files = message.get("parts"), message.get("attachments") or ()
    if message["role"] == "assistant" and parts is not None:
        content = parts[0]["text"]  # a plan refuses any other parts
    elif parts is not None or files:
        given = [{"type": "text", "text": content}] if parts is None else parts
        content = [part_to_send(each) for each in given]
        content += [{"type": "input_file", "file_id": each["file_id"]} for each in files]
    settings = {name: message[name] for name in MESSAGE_SETTINGS if name in message}
    return {"type": "message", "role": message["role"], "content": content, **settings}


def part_to_send(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return a part of the contract as a conversation takes it, from anybody but the assistant."""
    match part["type"]:
        case "text":
            return {"type": "input_text", "text": part["text"]}
        case "image":  # the API's document asks for the detail
            return {**part, "type": "input_image", "detail": part.get("detail") or "auto"}
        case kind:
            return {**part, "type": f"input_{kind}"}
