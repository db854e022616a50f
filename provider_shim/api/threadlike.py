"""A thread on an API of either shape; conversations.py and threads.py say where they differ."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any, ClassVar, Final, Literal

from provider_shim.api.client import CallFailed, Client, Request, path_to
from provider_shim.api.entries import essence, is_message, listed, message_record, pairs, places_of, seconds
from provider_shim.api.lines import Line, Sought, digest
from provider_shim.api.lost import Holds
from provider_shim.api.problems import Uncertain, attribute_path, uncertain
from provider_shim.api.records import COUNTED_ITEMS, MessageRecord, ThreadRecord
from provider_shim.api.retry import Repeat
from provider_shim.contract.path import Path
from provider_shim.terraform.diagnostics import Diagnostic, Failure, error

_NO_SUCH_ITEM: Final = (400, 404)
LOOKS: Final = 2
"""How often a batch whose call was not answered is looked for before it is sent again."""
BETWEEN_LOOKS: Final = 1.0
"""Seconds between: a server that was slow may still be at work."""
NO_RESOURCES: Final[Mapping[str, Any]] = {
    "code_interpreter": {"file_ids": []},
    "file_search": {"vector_store_ids": []},
}


class Threadlike(ABC):
    """What both APIs do alike. Implements ThreadApi."""

    kind: ClassVar[Literal["conversations", "threads"]]
    collection: ClassVar[str]
    entries: ClassVar[str]
    noun: ClassVar[str]
    batch_size: ClassVar[int]
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, client: Client) -> None:
        """Work through this client."""
        self._client = client

    @abstractmethod
    def _posted(self, batch: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Give the body that adds these messages."""

    @abstractmethod
    def _added(self, answer: Mapping[str, Any], batch: Sequence[Mapping[str, Any]]) -> list[str]:
        """Give the ids in the answer to it; empty if it has other ids than one for each message."""

    @abstractmethod
    def _kept(self, tool_resources: Mapping[str, Any] | None) -> dict[str, Any]:
        """Give the members of a request that carry tool_resources."""

    async def create(
        self, metadata: Mapping[str, str] | None, tool_resources: Mapping[str, Any] | None
    ) -> ThreadRecord:
        """Make an empty thread."""
        body = {"metadata": dict(metadata or {}), **self._kept(tool_resources)}
        request = Request(
            f"creating the {self.noun}",
            "POST",
            path_to(self.collection),
            body,
            headers=self.headers,
            repeat=Repeat.NEVER_TWICE,
        )
        try:
            record = self._record(answer := await self._client.call(request))
        except CallFailed as failed:
            if failed.uncertain:
                raise Uncertain(uncertain(failed.problem, f"A {self.noun}", self._doubt())) from failed
            raise
        if not record.id:
            raise Uncertain(uncertain(self._strange(request, answer), f"A {self.noun}", self._doubt()))
        return record

    def _doubt(self) -> str:
        return (
            f"The API can't list {self.noun}s, so it can't be looked up: if there is one, it is empty, and "
            "stays until it is deleted by its id, which the API's own log may show. Apply again to make "
            "another one."
        )

    def _strange(self, request: Request, answer: Mapping[str, Any]) -> Diagnostic:
        members = ", ".join(sorted(map(str, answer))[:10]) or "nothing"
        return error(
            f"{request.action.capitalize()} failed: the answer has no id",
            f"{request.method} {request.path} at {self._client.settings.origin} was answered with an "
            f"object that holds {members}. Expected: id. Check base_url in the provider.",
        )

    async def read(self, identifier: str) -> ThreadRecord | None:
        """Read a thread; None only if absence is proven."""
        answer = await self._client.find(
            Request(
                f"reading the {self.noun}", "GET", path_to(self.collection, identifier), headers=self.headers
            ),
            identifier,
        )
        return None if answer is None else self._checked(answer, identifier)

    def _checked(self, answer: Mapping[str, Any], identifier: str) -> ThreadRecord:
        record = self._record(answer)
        if record.id != identifier:
            request = Request(f"reading the {self.noun}", "GET", path_to(self.collection, identifier))
            raise Failure(self._strange(request, answer))
        return record

    async def update(
        self,
        identifier: str,
        metadata: Mapping[str, str] | None,
        stale_keys: Collection[str],
        tool_resources: Mapping[str, Any] | None,
    ) -> ThreadRecord:
        """Send the whole metadata, and again with nulls where a server merges."""
        body: dict[str, Any] = {"metadata": dict(metadata or {}), **self._kept(tool_resources)}
        record = await self._update(identifier, body)
        again: dict[str, Any] = {}
        stayed = sorted(key for key in stale_keys if key in record.metadata and key not in (metadata or {}))
        if stayed:
            again["metadata"] = {**(metadata or {}), **dict.fromkeys(stayed)}
        if self.kind == "threads" and not tool_resources and record.tool_resources:
            again |= self._kept(
                {"code_interpreter": {"file_ids": []}, "file_search": {"vector_store_ids": []}}
            )
            again.setdefault("metadata", dict(metadata or {}))
        return await self._update(identifier, again) if again else record

    async def _update(self, identifier: str, body: Mapping[str, Any]) -> ThreadRecord:
        path = path_to(self.collection, identifier)
        answer = await self._client.call(
            Request(f"updating the {self.noun}", "POST", path, body, headers=self.headers)
        )
        return self._checked(answer, identifier)

    async def delete(self, identifier: str) -> None:
        """Delete a thread, or find it gone."""
        path = path_to(self.collection, identifier)
        await self._client.find(
            Request(f"deleting the {self.noun}", "DELETE", path, headers=self.headers), identifier
        )

    async def add_messages(
        self, identifier: str, messages: Sequence[Mapping[str, Any]], after: str | None
    ) -> AsyncIterator[list[str]]:
        """Add messages at the end; yield the ids batch by batch."""
        last = after
        for start in range(0, len(messages), self.batch_size):
            ids = await self._add(identifier, messages[start : start + self.batch_size], start, last)
            yield ids
            last = ids[-1]

    async def newest(self, identifier: str) -> str | None:
        """Give the id of the newest item, None if there is none."""
        page = await self._client.call(
            Request(
                f"listing the messages of the {self.noun}",
                "GET",
                self._entries(identifier),
                query={"limit": 1, "order": "desc"},
                headers=self.headers,
            )
        )
        newest = page.get("data") or [{}]
        last = newest[0].get("id")
        return last if isinstance(last, str) else None

    async def _add(
        self, identifier: str, batch: Sequence[Mapping[str, Any]], first: int, last: str | None
    ) -> list[str]:
        def locate(param: str) -> Path:
            return attribute_path(param, first)

        request = Request(
            f"adding messages to the {self.noun}",
            "POST",
            self._entries(identifier),
            self._posted(batch),
            headers=self.headers,
            repeat=Repeat.NEVER_TWICE,
            locate=locate,
        )
        tries = self._client.settings.max_retries
        while True:
            try:
                ids = self._added(await self._client.call(request), batch)
            except CallFailed as failed:
                if not failed.uncertain:
                    raise
                problem = failed.problem
            else:
                if ids:
                    return ids
                problem = self._strange(request, {})
            there = await self._look(identifier, batch, last, problem)
            if there is not None:
                return there
            if tries == 0:
                raise Failure(problem)
            tries -= 1

    async def _look(
        self, identifier: str, batch: Sequence[Mapping[str, Any]], last: str | None, problem: Diagnostic
    ) -> list[str] | None:
        """Look whether a batch whose call was not answered is there; None if it is not.

        Raises Uncertain, with this problem, if it can't be looked for or stands in two places.
        """
        for look in range(LOOKS):
            try:
                if look:
                    await self._client.pause(BETWEEN_LOOKS, f"adding messages to the {self.noun}")
                items = [item async for item in self._items(identifier, last) if is_message(item)]
            except Failure as failed:
                advice = f"Looking for them failed too: {failed}. Apply again: the next run looks for them."
                raise Uncertain(uncertain(problem, "Messages", advice)) from failed
            found = [message_record(item) for item in items]
            places = places_of(found, batch)
            if len(places) > 1:
                raise Uncertain(self._ambiguous(identifier, [found[each].id for each in places]))
            if places:
                return [each.id for each in found[places[0] : places[0] + len(batch)]]
        return None

    async def lost(
        self, identifier: str, messages: Sequence[Mapping[str, Any]], after: str | None, holds: Holds
    ) -> list[MessageRecord]:
        """Find those of the messages, from the first one on, that a run that died has added.

        ``after`` is the newest item there was before. Raises Failure if a batch stands in two places.
        """
        items, sure = await self._behind(identifier, after)
        found = [each for each in items if not holds(each.id)]
        there: list[MessageRecord] = []
        for start in range(0, len(messages), self.batch_size):
            batch = messages[start : start + self.batch_size]
            places = places_of(found, batch)
            if len(places) > 1 or (places and not sure):
                raise Failure(self._ambiguous(identifier, [found[each].id for each in places]))
            if not places:
                break
            end = places[0] + len(batch)
            there += found[places[0] : end]
            found = found[end:]
        return there

    async def _behind(self, identifier: str, after: str | None) -> tuple[list[MessageRecord], bool]:
        """Give the messages behind an item; all of them, and False, if the item is gone."""
        try:
            return [
                message_record(each) async for each in self._items(identifier, after) if is_message(each)
            ], True
        except CallFailed as failed:
            if after is None or failed.answer is None or failed.answer.status not in _NO_SUCH_ITEM:
                raise
        return [each async for each in self.messages(identifier)], False

    def sought(self, identifier: str, messages: Sequence[Mapping[str, Any]], after: str | None) -> Sought:
        """Tell how messages are found in their thread, behind the item that was the newest."""
        alike = [essence(each["role"], each["content"], each.get("attachments")) for each in messages]
        return Sought(digest(*alike), identifier, after)

    async def found(self, identifier: str, line: Line, holds: Holds) -> str | None:
        """Find the message of a line by its digest; Failure if more than one could be it."""
        items, sure = await self._behind(identifier, line.after)
        alike = [
            each.id
            for each in items
            if not holds(each.id) and digest(essence(each.role, each.content, each.attachments)) == line.alike
        ]
        if len(alike) > 1 or (alike and not sure):
            raise Failure(self._ambiguous(identifier, alike))
        return alike[0] if alike else None

    def _ambiguous(self, identifier: str, ids: Sequence[str]) -> Diagnostic:
        return error(
            "A message may have been added before, and it is not clear which one it is",
            f"It was asked for without an answer, and it is not certain which of these in {identifier} "
            f"it is: {', '.join(ids)}. Delete those that are not wanted at the API and apply again. If it is "
            "none of them: `openai-thread orphans --forget`, and apply again.",
        )

    async def messages(self, identifier: str) -> AsyncIterator[MessageRecord]:
        """Give the messages, oldest first."""
        async for item in self._items(identifier):
            if is_message(item):
                yield message_record(item)

    async def foreign(self, identifier: str, own_ids: Collection[str]) -> int:
        """Count items of others, up to COUNTED_ITEMS."""
        own, count = set(own_ids), 0
        async for item in self._items(identifier):
            count += item.get("id") not in own
            if count == COUNTED_ITEMS:
                break
        return count

    async def message(self, identifier: str, message_id: str) -> MessageRecord | None:
        """Read one message; None only if absence is proven, its own or its thread's."""
        answer = await self._client.find(
            Request("reading the message", "GET", self._entry(identifier, message_id), headers=self.headers),
            message_id,
            identifier,
        )
        return None if answer is None or not is_message(answer) else message_record(answer)

    async def update_message(  # noqa: B027 - the Conversations API keeps none
        self, identifier: str, message_id: str, metadata: Mapping[str, str] | None
    ) -> None:
        """Set a message's metadata, where the API keeps any."""

    async def delete_message(self, identifier: str, message_id: str) -> None:
        """Delete a message, or find it gone."""
        await self._client.find(
            Request(
                "deleting the message", "DELETE", self._entry(identifier, message_id), headers=self.headers
            ),
            message_id,
            identifier,
        )

    def _items(self, identifier: str, after: str | None = None) -> AsyncIterator[dict[str, Any]]:
        return listed(
            self._client,
            f"listing the messages of the {self.noun}",
            self._entries(identifier),
            headers=self.headers,
            after=after,
        )

    def _entries(self, identifier: str) -> str:
        return path_to(self.collection, identifier, self.entries)

    def _entry(self, identifier: str, message_id: str) -> str:
        return path_to(self.collection, identifier, self.entries, message_id)

    def _record(self, answer: Mapping[str, Any]) -> ThreadRecord:
        metadata = answer["metadata"] if answer.get("metadata") is not None else answer.get("metadata_")
        return ThreadRecord(
            str(answer.get("id") or ""),
            seconds(answer.get("created_at")),
            pairs(metadata),
            self._resources(answer),
        )

    def _resources(self, answer: Mapping[str, Any]) -> dict[str, Any] | None:  # noqa: ARG002 - /threads has some
        return None
