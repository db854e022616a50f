"""Vector stores: made empty, filled in batches, waited for until everything is indexed."""

import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from provider_shim.api.answers import pairs, seconds
from provider_shim.api.client import Client, Request, path_to
from provider_shim.api.creates import create_once
from provider_shim.api.leftovers import Leftover, Owners, recovering
from provider_shim.api.lookup import Finder, Holds, Unanswered, nobody, none_unanswered
from provider_shim.api.metadata import MetadataChange, Updated, write_metadata
from provider_shim.api.pages import listed, others_in, pages
from provider_shim.api.problem import ApiProblem
from provider_shim.api.records import Others
from provider_shim.api.retry import Repeat
from provider_shim.api.vector_store_files import FIRST_POLL, LONGEST_POLL, NewFile, StoredFile, stored
from provider_shim.contract.limits import BATCH_FILES_SENT
from provider_shim.contract.path import Path
from provider_shim.journal.records import Lookup, Record, digest, plain

NAMED: Final = 20
"""Files whose names are asked for, to name them in an error."""

_AT: Final = "vector_stores"
_LISTING: Final = "listing the files of the vector store"


@dataclass(frozen=True, slots=True)
class VectorStoreRecord:
    """A vector store as the API tells it. Times in Unix seconds, ``expires_after`` {anchor, days}."""

    id: str
    name: str | None
    description: str | None
    created_at: int
    status: str
    metadata: dict[str, str]
    file_counts: dict[str, int]
    expires_after: dict[str, Any] | None = None
    usage_bytes: int | None = None
    last_active_at: int | None = None
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class NewStore:
    """What a vector store is made from; None for what is left to the API."""

    name: str | None = None
    description: str | None = None
    metadata: Mapping[str, str] | None = None
    expires_after: Mapping[str, Any] | None = None


class Passage(NamedTuple):
    """What a search has found."""

    file_id: str
    filename: str
    score: float
    attributes: dict[str, Any]
    text: str


class VectorStores:
    """The calls of /vector_stores. Everything raises ApiProblem."""

    def __init__(
        self, client: Client, holds: Holds = nobody, unanswered: Unanswered = none_unanswered
    ) -> None:
        """Work through this client. One for a whole run: it tells its own stores from others'."""
        self._client = client
        self._finder = Finder(
            client, "vector store", path_to(_AT), _digest_of, holds=holds, unanswered=unanswered
        )

    async def before(self, store: NewStore) -> Lookup:
        """Look what is there before a store is made, and tell how it is found in the list afterwards."""
        metadata = dict(store.metadata or {})
        lookup = Lookup(_digest(store.name, metadata, 0), keys=tuple(sorted(metadata)))
        return await self._finder.before(lookup)

    async def recover(self, records: Sequence[Record]) -> VectorStoreRecord | None:
        """Find what a run that died has made; None if it is certainly not there."""
        found = await self._finder.recover(records)
        return None if found is None else _record(found)

    async def create(self, store: NewStore, lookup: Lookup | None = None) -> VectorStoreRecord:
        """Make an empty vector store; ``lookup`` is what ``before`` gave, if that was asked already."""
        members = {
            "name": store.name,
            "description": store.description,
            "metadata": dict(store.metadata or {}) or None,
            "expires_after": dict(store.expires_after) if store.expires_after else None,
        }

        body = {name: value for name, value in members.items() if value is not None}
        request = Request("creating the vector store", "POST", path_to(_AT), body, repeat=Repeat.NEVER_TWICE)
        record = _record(await self._finder.create(request, lookup or await self.before(store)))
        self._client.born(record.id)
        return record

    async def read(self, identifier: str) -> VectorStoreRecord | None:
        """Read a vector store; None only if absence is proven."""
        answer = await self._client.find(Request("reading the vector store", "GET", path_to(_AT, identifier)))
        return None if answer is None else _record(answer)

    async def update(
        self, identifier: str, settings: Mapping[str, Any], metadata: MetadataChange | None
    ) -> tuple[VectorStoreRecord, Updated]:
        """Set ``name`` and ``expires_after`` where they are given, and write our pairs.

        Null takes a setting back to the API's default. What is not given stays as it is, and so do the
        pairs of others. The API can't change a description.

        Raises:
            ApiProblem: the store is gone, or all pairs together are more than the API takes.
        """
        record: VectorStoreRecord | None = None

        async def send(pairs: dict[str, str | None] | None) -> Mapping[str, str]:
            nonlocal record
            members = {} if pairs is None else {"metadata": pairs}
            record = await self._update(identifier, {**settings, **members})
            return record.metadata

        if metadata is not None:
            record = await self.read(identifier)
            if record is None:
                raise _gone(identifier)
            if not metadata.is_done(record.metadata):
                updated = await write_metadata(identifier, record.metadata, metadata, send)
                return record, updated
        if settings or record is None:
            await send(None)
        assert record is not None
        return record, Updated(record.metadata)

    async def delete(self, identifier: str) -> bool:
        """Delete a vector store, its files stay; return False if it was gone already."""
        request = Request("deleting the vector store", "DELETE", path_to(_AT, identifier))
        return await self._client.find(request) is not None

    async def all(self, order: str = "desc") -> AsyncIterator[VectorStoreRecord]:
        """Return the vector stores, newest first or, with ``asc``, oldest first."""
        query = {"order": order}
        async for each in listed(pages(self._client, "listing the vector stores", path_to(_AT), query=query)):
            yield _record(each)

    async def search(
        self, identifier: str, query: str, filters: Mapping[str, Any] | None = None, most: int | None = None
    ) -> list[Passage]:
        """Return the passages that answer a question, the best first.

        Args:
            identifier: The store.
            query: The question.
            filters: What the files' attributes have to pass.
            most: How many passages at most; None for the API's own limit.
        """
        members = {"filters": filters, "max_num_results": most}
        body = {"query": query, **{name: each for name, each in members.items() if each is not None}}
        path = path_to(_AT, identifier) + "/search"
        request = Request("searching the vector store", "POST", path, body, locate=_searched)
        return [_passage(each) for each in (await self._client.call(request))["data"]]

    # --- files --------------------------------------------------------------------------

    async def add_files(
        self, identifier: str, files: Sequence[NewFile], chunking_strategy: Mapping[str, Any] | None = None
    ) -> AsyncIterator[list[str]]:
        """Add files, as many in one call as every API takes; yield those that are in, batch by batch.

        Args:
            identifier: The store.
            files: What to add.
            chunking_strategy: Of the files that have none of their own.
        """
        for start in range(0, len(files), BATCH_FILES_SENT):
            batch = list(files[start : start + BATCH_FILES_SENT])
            await self._add(identifier, batch, chunking_strategy)
            yield [each.id for each in batch]

    async def _add(
        self, identifier: str, batch: list[NewFile], chunking_strategy: Mapping[str, Any] | None
    ) -> None:
        missing = batch

        async def call() -> list[NewFile]:
            await self._client.call(
                Request(
                    "adding files to the vector store",
                    "POST",
                    path_to(_AT, identifier, "file_batches"),
                    _batch(missing, chunking_strategy),
                    repeat=Repeat.NEVER_TWICE,
                )
            )
            return batch

        async def look(_: ApiProblem) -> list[NewFile] | None:
            nonlocal missing
            there = {each.id async for each in self.files(identifier)}
            missing = [each for each in missing if each.id not in there]
            return None if missing else batch

        await create_once(self._client, call, look, lambda problem: problem)

    async def files(
        self, identifier: str, order: str = "asc", status: str | None = None
    ) -> AsyncIterator[StoredFile]:
        """Return the files of a store, oldest first or, with ``desc``, newest first; of one status or all."""
        query = {"order": order, **({"filter": status} if status else {})}
        found = pages(self._client, _LISTING, path_to(_AT, identifier, "files"), query=query)
        async for each in listed(found):
            yield stored(each)

    async def others(self, identifier: str, own: Collection[str]) -> Others:
        """Look for files that are not ``own``, newest first; the first page that has some is the last.

        A file that could not be indexed is nothing that would be lost.
        """
        path = path_to(_AT, identifier, "files")
        newest_first = pages(self._client, _LISTING, path, query={"order": "desc"})
        return await others_in(newest_first, own, lambda each: not stored(each).failed)

    async def wait(
        self,
        identifier: str,
        file_ids: Collection[str],
        timeout: float,  # noqa: ASYNC109 - the attribute of the resource
        progress: Callable[[str], None] = lambda _: None,
        *,
        total: int = 0,
    ) -> VectorStoreRecord:
        """Wait until each of these files can be searched, at most ``timeout`` seconds.

        Args:
            identifier: The store.
            file_ids: The files. What others are indexing is not waited for.
            timeout: Seconds.
            progress: Is told "3/12 files indexed" whenever that changes.
            total: Files that are in the store for certain. The counts of a store that tell of fewer lag
                behind, and prove nothing.

        Raises:
            ApiProblem: the time is over, or files failed: each is named, with its reason.
        """
        wanted = dict.fromkeys(file_ids)
        end, pause, told = time.monotonic() + timeout, FIRST_POLL, ""
        while True:
            record = await self.read(identifier)
            if record is None:
                raise _gone(identifier)
            counts = record.file_counts
            now = f"{counts.get('completed', 0)}/{counts.get('total', 0)} files indexed"
            if now != told:
                progress(now)
                told = now
            if record.status == "expired":
                raise ApiProblem(
                    "expired",
                    "The vector store has expired",
                    f"{identifier} expired with {now}, and nothing is indexed in it any more.",
                    ("expires_after",),
                )
            waiting = await self._waiting(record, wanted, total)
            if not waiting:
                return record
            if time.monotonic() + pause > end:
                raise ApiProblem(
                    "not indexed in time",
                    "The files are not indexed in time",
                    f"{now} in {identifier} after {timeout:g} s; the API goes on. Not searchable yet: "
                    f"{_some(waiting)}.",
                    ("timeout",),
                )
            await self._client.pause(pause, "waiting for the vector store")
            pause = min(LONGEST_POLL, pause * 1.5)

    async def _waiting(
        self, record: VectorStoreRecord, wanted: Collection[str], total: int
    ) -> Collection[str]:
        """Return those of the files that are not indexed yet; ApiProblem once the rest of them has failed.

        The counts of the store are asked first: they are one call. They count the files of others too,
        and some servers answer old ones for a while.
        """
        counts = record.file_counts
        held, completed = counts.get("total", 0), counts.get("completed", 0)
        ended = completed + counts.get("failed", 0) + counts.get("cancelled", 0)
        busy = counts.get("in_progress", 0) > 0 or record.status == "in_progress"
        if not busy and completed == held >= total:
            return ()
        if busy and ended < len(wanted):
            return wanted
        there = {each.id: each async for each in self.files(record.id) if each.id in wanted}
        failed = [each for each in there.values() if each.failed]
        done = {each.id for each in there.values() if each.failed or each.status == "completed"}
        waiting = [each for each in wanted if each not in done]
        if failed and not waiting:
            raise await self._unindexed(record.id, failed, len(wanted))
        return waiting

    async def _unindexed(self, identifier: str, failed: Sequence[StoredFile], of: int) -> ApiProblem:
        lines = []
        for number, each in enumerate(failed):
            name = await self._filename(each.id) if number < NAMED else ""
            lines.append(f"- {each.id}{f' ({name})' if name else ''}: {each.reason or each.status}")
        return ApiProblem(
            "not indexed",
            f"{len(failed)} of {of} files could not be indexed",
            f"In {identifier}:\n" + "\n".join(lines),
            ("file_ids",),
        )

    async def _filename(self, file_id: str) -> str:
        request = Request("reading the file", "GET", path_to("files", file_id))
        try:
            answer = await self._client.find(request)
        except ApiProblem:
            return ""  # its id names it as well
        return str((answer or {}).get("filename") or "")

    # --- calls --------------------------------------------------------------------------

    async def _update(self, identifier: str, body: Mapping[str, Any]) -> VectorStoreRecord:
        request = Request("updating the vector store", "POST", path_to(_AT, identifier), body)
        return _record(await self._client.call(request))


def leftover(record: Record, client: Client, owners: Owners) -> Leftover:
    """Return what can be done about a vector store that was asked for."""
    stores = VectorStores(client, owners.holds, owners.unanswered)
    return Leftover(recovering(stores.recover, record), stores.read, stores.delete)


def _digest_of(listed: Mapping[str, Any], keys: Collection[str] | None) -> str:
    total = (listed.get("file_counts") or {}).get("total") or 0
    metadata = pairs(listed.get("metadata"))
    ours = {key: value for key, value in metadata.items() if keys is None or key in keys}
    return _digest(listed.get("name"), ours, total)


def _digest(name: str | None, metadata: Mapping[str, str], files: int) -> str:
    """Return what tells a store from others; the keys of metadata that a server adds are no part of it."""
    ours = {key: plain(value) for key, value in metadata.items()}
    return digest(plain(name) if name else None, ours, files)


def _batch(files: Sequence[NewFile], chunking_strategy: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the body of a batch. What is said of all files counts only where none says anything itself."""
    more = {"chunking_strategy": dict(chunking_strategy)} if chunking_strategy else {}
    if any(len(each.body) > 1 for each in files):
        return {"files": [{**more, **each.body} for each in files]}
    return {"file_ids": [each.id for each in files], **more}


def _passage(answer: Mapping[str, Any]) -> Passage:
    parts = answer.get("content") or ()
    if isinstance(parts, str):
        parts = ({"text": parts},)
    texts = [str(each["text"]) for each in parts if isinstance(each, Mapping) and each.get("text")]
    return Passage(
        str(answer.get("file_id") or ""),
        str(answer.get("filename") or ""),
        answer.get("score") or 0,
        answer.get("attributes") or {},
        "\n".join(texts),
    )


def _searched(param: str) -> Path:
    """Return the attribute that the API's ``param`` names."""
    name = param.partition(".")[0].partition("[")[0]
    return (name,) if name in ("query", "filters", "max_num_results") else ()


def _gone(identifier: str) -> ApiProblem:
    return ApiProblem("gone", "The vector store is gone", f"{identifier} was deleted at the API")


def _some(ids: Collection[str], most: int = 5) -> str:
    return ", ".join(list(ids)[:most]) + ", …" * (len(ids) > most)


def _record(answer: Mapping[str, Any]) -> VectorStoreRecord:
    counts, expires = answer.get("file_counts"), answer.get("expires_after")
    return VectorStoreRecord(
        str(answer.get("id", "")),
        answer.get("name") or None,
        answer.get("description") or None,
        seconds(answer.get("created_at")),
        str(answer.get("status", "")),
        pairs(answer.get("metadata")),
        {str(name): seconds(count) for name, count in (counts if isinstance(counts, dict) else {}).items()},
        dict(expires) if isinstance(expires, dict) else None,
        *(_number(answer.get(name)) for name in ("usage_bytes", "last_active_at", "expires_at")),
    )


def _number(value: object) -> int | None:
    return None if value is None else seconds(value)
