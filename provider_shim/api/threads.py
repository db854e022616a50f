"""A thread on the Assistants API, version 2: /threads and their messages."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from provider_shim.api.client import Client, Request
from provider_shim.api.conversations import Conversations
from provider_shim.api.items import message_record
from provider_shim.api.leftovers import Leftover, Owners
from provider_shim.api.metadata import MetadataChange, Updated, write_metadata
from provider_shim.api.problem import ApiProblem
from provider_shim.api.thread_store import ThreadStore
from provider_shim.contract.identifiers import api_of
from provider_shim.contract.thread import MESSAGE_SETTINGS
from provider_shim.journal.records import Record

TOOLS: Final = (("code_interpreter", "file_ids"), ("file_search", "vector_store_ids"))


class Threads(ThreadStore):
    """Messages are posted one by one; tool_resources and messages' metadata are kept."""

    kind = "threads"
    collection = "threads"
    items = "messages"
    noun = "thread"
    batch_size = 1
    headers = {"OpenAI-Beta": "assistants=v2"}  # noqa: RUF012 - a ClassVar in the base

    async def update_message(self, identifier: str, message_id: str, metadata: MetadataChange) -> Updated:
        """Write our pairs of a message beside those of others."""
        there = await self.message(identifier, message_id)
        if there is None:
            raise ApiProblem(
                "message gone",
                "The message is gone",
                f"{message_id} of {identifier} was deleted at the API",
            )
        path = self._entry(identifier, message_id)

        async def send(pairs: dict[str, str | None]) -> Mapping[str, str]:
            answer = await self._client.call(
                Request("updating the message", "POST", path, {"metadata": pairs}, headers=self.headers)
            )
            return message_record(answer).metadata

        return await write_metadata(message_id, there.metadata, metadata, send)

    def _posted(self, batch: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        message = batch[0]
        body: dict[str, Any] = {name: message[name] for name in MESSAGE_SETTINGS if name in message}
        body |= {"role": message["role"], "content": message["content"]}
        if message.get("parts") is not None:
            body["content"] = [part_to_send(each) for each in message["parts"]]
        if message.get("metadata"):
            body["metadata"] = dict(message["metadata"])
        if message.get("attachments"):
            body["attachments"] = [
                {"file_id": each["file_id"], "tools": [{"type": tool} for tool in each.get("tools") or ()]}
                for each in message["attachments"]
            ]
        return body

    def _added(self, answer: Mapping[str, Any], batch: Sequence[Mapping[str, Any]]) -> list[str]:  # noqa: ARG002 - one
        if not isinstance(answer.get("id"), str):
            return []
        self.answered[answer["id"]] = message_record(answer)
        return [answer["id"]]

    def _with_resources(self, tool_resources: Mapping[str, Any] | None) -> dict[str, Any]:
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


def store_of(kind: object, client: Client) -> Conversations | Threads:
    """Return the calls of a thread on this API: ``threads``, else ``conversations``."""
    return Threads(client) if kind == "threads" else Conversations(client)


def leftover(record: Record, client: Client, _owners: Owners) -> Leftover:
    """Return what can be done about a thread; without its id none is found, for no API lists them."""
    store = store_of(api_of(record.id), client)
    return Leftover(_unlisted, store.read, store.delete)


async def _unlisted() -> None:
    pass


def part_to_send(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return a part of the contract as a thread takes it: a text or an image."""
    detail = {"detail": part["detail"]} if part.get("detail") else {}
    if part["type"] == "text":
        return {"type": "text", "text": part["text"]}
    if part.get("file_id"):
        return {"type": "image_file", "image_file": {"file_id": part["file_id"], **detail}}
    return {"type": "image_url", "image_url": {"url": part["image_url"], **detail}}
