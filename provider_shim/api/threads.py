"""A thread on the Assistants API, version 2: /threads and their messages."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from provider_shim.api.client import Request
from provider_shim.api.threadlike import Threadlike

TOOLS: Final = (("code_interpreter", "file_ids"), ("file_search", "vector_store_ids"))


class Threads(Threadlike):
    """Messages are posted one by one; tool_resources and messages' metadata are kept."""

    kind = "threads"
    collection = "threads"
    entries = "messages"
    noun = "thread"
    batch_size = 1
    headers = {"OpenAI-Beta": "assistants=v2"}  # noqa: RUF012 - a ClassVar in the base

    async def update_message(
        self, identifier: str, message_id: str, metadata: Mapping[str, str] | None
    ) -> None:
        """Set a message's metadata; keys that a merging server keeps are sent again as null."""
        path = self._entry(identifier, message_id)
        body: dict[str, Any] = {"metadata": dict(metadata or {})}
        for _ in range(2):
            answer = await self._client.call(
                Request("updating the message", "POST", path, body, headers=self.headers)
            )
            kept = answer.get("metadata") or answer.get("metadata_") or {}
            stale = [key for key, value in kept.items() if key not in (metadata or {}) and value is not None]
            if not stale:
                return
            body = {"metadata": {**(metadata or {}), **dict.fromkeys(stale)}}

    def _posted(self, batch: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        message = batch[0]
        body: dict[str, Any] = {"role": message["role"], "content": message["content"]}
        if message.get("metadata"):
            body["metadata"] = dict(message["metadata"])
        if message.get("attachments"):
            body["attachments"] = [
                {"file_id": each["file_id"], "tools": [{"type": tool} for tool in each.get("tools") or ()]}
                for each in message["attachments"]
            ]
        return body

    def _added(self, answer: Mapping[str, Any], batch: Sequence[Mapping[str, Any]]) -> list[str]:  # noqa: ARG002 - one
        return [answer["id"]] if isinstance(answer.get("id"), str) else []

    def _kept(self, tool_resources: Mapping[str, Any] | None) -> dict[str, Any]:
        wanted = {
            tool: {name: list(held[name])}
            for tool, name in TOOLS
            if (held := (tool_resources or {}).get(tool)) and held.get(name) is not None
        }
        return {"tool_resources": wanted} if wanted else {}

    def _resources(self, answer: Mapping[str, Any]) -> dict[str, Any] | None:
        given = answer.get("tool_resources")
        found = {
            tool: {name: list(held[name])}
            for tool, name in TOOLS
            if isinstance(given, dict) and isinstance(held := given.get(tool), dict) and held.get(name)
        }
        return {tool: found.get(tool) for tool, _ in TOOLS} if found else None
