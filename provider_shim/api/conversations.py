"""A thread on the Conversations API: /conversations and their items."""

from collections.abc import Mapping, Sequence
from typing import Any

from provider_shim.api.thread_store import ThreadStore
from provider_shim.contract.limits import ITEMS_PER_CALL


class Conversations(ThreadStore):
    """Messages are items, several a call; the API keeps neither tool_resources nor messages' metadata."""

    kind = "conversations"
    collection = "conversations"
    items = "items"
    noun = "conversation"
    batch_size = ITEMS_PER_CALL

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
    if message.get("attachments"):
        files = [{"type": "input_file", "file_id": each["file_id"]} for each in message["attachments"]]
        content = [{"type": "input_text", "text": content}, *files]
    return {"type": "message", "role": message["role"], "content": content}
