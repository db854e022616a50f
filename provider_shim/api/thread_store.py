"""A thread on an API of either shape; conversations.py and threads.py say where they differ."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any, ClassVar, Final, Literal

from provider_shim.api.answers import pairs, seconds
from provider_shim.api.client import Client, Request, path_to
from provider_shim.api.creates import create_once, strange
from provider_shim.api.items import (
    digested_record,
    digested_without_text,
    is_message,
    matches,
    message_record,
)
from provider_shim.api.lookup import Holds
from provider_shim.api.metadata import MetadataChange, Updated, write_metadata
from provider_shim.api.pages import Page, listed, others_in, pages, to_read
from provider_shim.api.problem import ApiProblem, CallFailed, Uncertain
from provider_shim.api.problems import attribute_path, uncertain
from provider_shim.api.records import MessageRecord, Others, Own, ThreadRecord
from provider_shim.api.retry import Repeat
from provider_shim.contract.path import Path
from provider_shim.journal.records import Lookup, Record, digest

_NO_SUCH_ITEM: Final = (400, 404)
_NOT_OFFERED: Final = (405, 501)
_NOT_LISTED: Final = (404, *_NOT_OFFERED)
_SAY_MORE: Final = ("switched off", "foreign")
"""Kinds of such an answer that are about more than the one call."""
LOOKS: Final = 2
"""How often a batch whose call was not answered is looked for before it is sent again."""
BETWEEN_LOOKS: Final = 1.0
"""Seconds between: a server that was slow may still be at work."""


class ThreadStore(ABC):
    """What both APIs do in the same way. Implements ThreadApi."""

    kind: ClassVar[Literal["conversations", "threads"]]
    collection: ClassVar[str]
    items: ClassVar[str]
    noun: ClassVar[str]
    batch_size: ClassVar[int]
    headers: ClassVar[Mapping[str, str]] = {}
    settings: ClassVar[tuple[str, ...]] = ()
    """Attributes that the API takes and answers as the contract has them, and changes in place."""

    def __init__(self, client: Client) -> None:
        """Work through this client."""
        self._client = client
        self.answered: dict[str, MessageRecord] = {}

    @abstractmethod
    def _posted(self, batch: Sequence[Mapping[str, object]]) -> dict[str, Any]:
        """Return the body that adds these messages."""

    @abstractmethod
    def _added(self, answer: Mapping[str, object], batch: Sequence[Mapping[str, object]]) -> list[str]:
        """Return the ids in the answer to it; empty if it has other ids than one for each message."""

    @abstractmethod
    def _with_resources(self, tool_resources: Mapping[str, object] | None) -> dict[str, Any]:
        """Return the members of a request that carry tool_resources."""

    async def create(
        self,
        metadata: Mapping[str, str] | None,
        tool_resources: Mapping[str, object] | None,
        values: Mapping[str, object] | None = None,
    ) -> ThreadRecord:
        """Make an empty thread."""
        given = {name: (values or {}).get(name) for name in self.settings}
        body = {
            "metadata": dict(metadata or {}),
            **self._with_resources(tool_resources),
            **{name: value for name, value in given.items() if value is not None},
        }
        request = Request(
            f"creating the {self.noun}",
            "POST",
            path_to(self.collection),
            body,
            headers=self.headers,
            repeat=Repeat.NEVER_TWICE,
        )
        try:
            record = self._record(await self._client.call(request))
        except CallFailed as failed:
            if failed.uncertain:
                raise uncertain(failed, f"A {self.noun}", "unlisted", self._doubt()) from failed
            raise
        self._client.born(record.id)
        return record

    def _doubt(self) -> str:
        return (
            f"The API can't list {self.noun}s, so it can't be looked up: if there is one, it is empty, and "
            "stays until it is deleted by its id, which the API's own log may show."
        )

    async def read(self, identifier: str) -> ThreadRecord | None:
        """Read a thread; None only if absence is proven."""
        answer = await self._client.find(
            Request(
                f"reading the {self.noun}", "GET", path_to(self.collection, identifier), headers=self.headers
            )
        )
        return None if answer is None else self._record(answer)

    async def all(self, order: str = "desc") -> AsyncIterator[ThreadRecord]:
        """Return the threads, newest first or, with ``asc``, oldest first, where the server lists them."""
        path = path_to(self.collection)
        found = pages(
            self._client, f"listing the {self.noun}s", path, headers=self.headers, query={"order": order}
        )
        try:
            async for each in listed(found):
                yield self._record(each)
        except CallFailed as failed:
            if failed.status not in _NOT_LISTED or failed.kind in _SAY_MORE:
                raise
            raise ApiProblem(
                "threads unlisted",
                f"The server does not list {self.noun}s",
                f"GET {path} at {self._client.settings.origin} is answered with HTTP status {failed.status}. "
                "OpenAI's API has no such call; Azure AI Foundry and the embedded API have it.",
                remedy="Import what you know by its id.",
            ) from failed

    async def update(
        self,
        identifier: str,
        metadata: MetadataChange | None,
        tool_resources: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Updated:
        """Write our pairs beside those of others, on /threads these tools' resources, and these settings."""
        there = await self.read(identifier)
        if there is None:
            raise self._gone(identifier)
        more = dict(settings or {})
        if tool_resources:
            more |= self._with_resources({**(there.tool_resources or {}), **tool_resources})

        async def send(pairs: dict[str, str | None] | None) -> Mapping[str, str]:
            body = {**({} if pairs is None else {"metadata": pairs}), **more}
            return (await self._update(identifier, body)).metadata

        if metadata is not None and not metadata.is_done(there.metadata):
            return await write_metadata(identifier, there.metadata, metadata, send)
        return Updated(dict(await send(None) if more else there.metadata))

    def _gone(self, identifier: str) -> ApiProblem:
        return ApiProblem("gone", f"The {self.noun} is gone", f"{identifier} was deleted at the API")

    async def _update(self, identifier: str, body: Mapping[str, object]) -> ThreadRecord:
        path = path_to(self.collection, identifier)
        answer = await self._client.call(
            Request(f"updating the {self.noun}", "POST", path, body, headers=self.headers)
        )
        return self._record(answer)

    async def delete(self, identifier: str) -> bool:
        """Delete a thread; return False if it was gone already."""
        path = path_to(self.collection, identifier)
        request = Request(f"deleting the {self.noun}", "DELETE", path, headers=self.headers)
        return await self._client.find(request) is not None

    async def purge(self, identifier: str) -> list[str]:  # noqa: ARG002 - here they go with their thread
        """Delete what would outlive the thread; return the ids that the server can't delete."""
        return []

    async def add_messages(
        self, identifier: str, messages: Sequence[Mapping[str, object]], after: str | None
    ) -> AsyncIterator[list[str]]:
        """Add messages at the end; yield the ids batch by batch."""
        last = after
        for start in range(0, len(messages), self.batch_size):
            ids = await self._add(identifier, messages[start : start + self.batch_size], start, last)
            yield ids
            last = ids[-1]

    async def newest(self, identifier: str) -> str | None:
        """Return the id of the newest item, None if there is none."""
        page = await self._client.call(
            Request(
                f"listing the messages of the {self.noun}",
                "GET",
                self._path(identifier),
                query={"limit": 1, "order": "desc"},
                headers=self.headers,
            )
        )
        newest = page.get("data") or [{}]
        last = newest[0].get("id")
        return last if isinstance(last, str) else None

    async def _add(
        self, identifier: str, batch: Sequence[Mapping[str, object]], first: int, last: str | None
    ) -> list[str]:
        def locate(param: str) -> Path:
            return attribute_path(param, first)

        request = Request(
            f"adding messages to the {self.noun}",
            "POST",
            self._path(identifier),
            self._posted(batch),
            headers=self.headers,
            repeat=Repeat.NEVER_TWICE,
            locate=locate,
        )

        async def call() -> list[str]:
            ids = self._added(await self._client.call(request), batch)
            if not ids:
                answered = f"another number of messages than the {len(batch)} that were sent."
                raise strange(self._client, request, "the answer is not the API's", answered)
            return ids

        def not_made(problem: ApiProblem) -> ApiProblem:
            problem.uncertain = False  # it was looked for
            return problem

        return await create_once(
            self._client, call, lambda problem: self._look(identifier, batch, last, problem), not_made
        )

    async def _look(
        self, identifier: str, batch: Sequence[Mapping[str, object]], last: str | None, problem: ApiProblem
    ) -> list[str] | None:
        """Look whether a batch whose call was not answered is there; None if it is not.

        Raises Uncertain, with this problem, if it can't be looked for or stands in two places.
        """
        for look in range(LOOKS):
            try:
                if look:
                    await self._client.pause(BETWEEN_LOOKS, f"adding messages to the {self.noun}")
                items = [item async for item in self._items(identifier, last) if is_message(item)]
            except ApiProblem as failed:
                fact = f"Looking for them failed too: {failed}."
                raise uncertain(problem, "Messages", "messages not looked up", fact, many=True) from failed
            found = [message_record(item) for item in items]
            found_at = matches(found, batch)
            if len(found_at) > 1:
                raise self._ambiguous(identifier, [found[each].id for each in found_at], Uncertain)
            if found_at:
                return [each.id for each in found[found_at[0] : found_at[0] + len(batch)]]
        return None

    async def recover(
        self, identifier: str, messages: Sequence[Mapping[str, object]], after: str | None, holds: Holds
    ) -> list[MessageRecord]:
        """Find those of the messages, from the first one on, that a run that died has added.

        ``after`` is the newest item there was before. Raises ApiProblem if a batch stands in two places.
        """
        items, sure = await self._behind(identifier, after)
        found = [each for each in items if not holds(each.id)]
        there: list[MessageRecord] = []
        for start in range(0, len(messages), self.batch_size):
            batch = messages[start : start + self.batch_size]
            found_at = matches(found, batch)
            if len(found_at) > 1 or (found_at and not sure):
                raise self._ambiguous(identifier, [found[each].id for each in found_at])
            if not found_at:
                break
            end = found_at[0] + len(batch)
            there += found[found_at[0] : end]
            found = found[end:]
        return there

    async def _behind(self, identifier: str, after: str | None) -> tuple[list[MessageRecord], bool]:
        """Return the messages behind an item; all of them, and False, if the item is gone."""
        try:
            return [
                message_record(each) async for each in self._items(identifier, after) if is_message(each)
            ], True
        except CallFailed as failed:
            if after is None or failed.answer is None or failed.answer.status not in _NO_SUCH_ITEM:
                raise
        return [each async for each in self.messages(identifier)], False

    def lookup(self, identifier: str, messages: Sequence[Mapping[str, object]], after: str | None) -> Lookup:
        """Return how messages are found in their thread, behind the item that was the newest."""
        return Lookup(digest(*map(digested_without_text, messages)), identifier, after)

    async def recover_message(self, identifier: str, record: Record, holds: Holds) -> str | None:
        """Find the message of a record by its digest; ApiProblem if more than one could be it."""
        items, sure = await self._behind(identifier, record.after)
        same = [
            each.id for each in items if not holds(each.id) and digest(digested_record(each)) == record.digest
        ]
        if len(same) > 1 or (same and not sure):
            raise self._ambiguous(identifier, same)
        return same[0] if same else None

    def _ambiguous(
        self, identifier: str, ids: Sequence[str], kind: type[ApiProblem] = ApiProblem
    ) -> ApiProblem:
        return kind(
            "ambiguous messages",
            "A message may have been added before, and it is not clear which one it is",
            f"It was asked for without an answer, and it is not certain which of these in {identifier} "
            f"it is: {', '.join(ids)}.",
            ids=ids,
        )

    async def messages(self, identifier: str) -> AsyncIterator[MessageRecord]:
        """Return the messages, oldest first."""
        async for item in self._items(identifier):
            if is_message(item):
                yield message_record(item)

    async def own(self, identifier: str, ids: Sequence[str]) -> Own:
        """Read these messages: the pages they fill, one more, and a call for each that was not there."""
        wanted, found, others = set(ids), dict[str, MessageRecord](), list[str]()
        left, more = to_read(wanted), False
        async for page in self._pages(identifier, {"order": "asc"}):
            for item in page.objects:
                if item.get("id") not in wanted:
                    others.append(str(item.get("id")))
                elif is_message(item):
                    record = message_record(item)
                    found[record.id] = record
            left, more = left - page.limit, page.more
            if left <= 0 or len(found) == len(wanted):
                break
        for each in [each for each in ids if each not in found] if more else ():
            single = await self.message(identifier, each)
            if single is not None:
                found[each] = single
        return Own(found, Others(tuple(others), more))

    async def others(self, identifier: str, own: Collection[str]) -> Others:
        """Look for items that are not ``own``, newest first; the first page that has some is the last.

        There are none in a thread that is absent for certain.
        """
        return await others_in(self._pages(identifier, {"order": "desc"}), own)

    async def message(self, identifier: str, message_id: str) -> MessageRecord | None:
        """Read one message; None only if absence is proven, its own or its thread's."""
        answer = await self._client.find(
            Request("reading the message", "GET", self._entry(identifier, message_id), headers=self.headers)
        )
        return None if answer is None or not is_message(answer) else message_record(answer)

    async def update_message(self, identifier: str, message_id: str, metadata: MetadataChange) -> Updated:  # noqa: ARG002 - the Conversations API keeps none
        """Write our pairs of a message, where the API keeps any."""
        return Updated(dict(metadata.ours))

    async def delete_message(self, identifier: str, message_id: str) -> bool | None:
        """Delete a message; return False if it was gone already, None if the server can't delete any."""
        request = Request(
            "deleting the message", "DELETE", self._entry(identifier, message_id), headers=self.headers
        )
        try:
            return await self._client.find(request) is not None
        except CallFailed as failed:
            if failed.answer is None or failed.answer.status not in _NOT_OFFERED:
                raise
        return None

    def _pages(
        self, identifier: str, query: Mapping[str, object] | None = None, after: str | None = None
    ) -> AsyncIterator[Page]:
        return pages(
            self._client,
            f"listing the messages of the {self.noun}",
            self._path(identifier),
            headers=self.headers,
            query=query,
            after=after,
        )

    def _items(self, identifier: str, after: str | None = None) -> AsyncIterator[dict[str, Any]]:
        return listed(self._pages(identifier, after=after))

    def _path(self, identifier: str) -> str:
        return path_to(self.collection, identifier, self.items)

    def _entry(self, identifier: str, message_id: str) -> str:
        return path_to(self.collection, identifier, self.items, message_id)

    def _record(self, answer: Mapping[str, object]) -> ThreadRecord:
        metadata = answer["metadata"] if answer.get("metadata") is not None else answer.get("metadata_")
        return ThreadRecord(
            str(answer.get("id") or ""),
            seconds(answer.get("created_at")),
            pairs(metadata),
            self._resources(answer),
            {name: answer.get(name) for name in self.settings},
        )

    def _resources(self, answer: Mapping[str, object]) -> dict[str, Any] | None:  # noqa: ARG002 - threads.py has some
        return None
