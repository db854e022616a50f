"""Vector stores: made empty, filled in batches, waited for until everything is indexed."""

import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from provider_shim.api.answers import pairs, seconds
from provider_shim.api.client import Client, Request, path_to
from provider_shim.api.creates import create_once
from provider_shim.api.lookup import Finder, Holds, Unanswered, nobody, none_unanswered
from provider_shim.api.metadata import MetadataChange, Updated, write_metadata
from provider_shim.api.pages import listed, others_in, pages
from provider_shim.api.problem import ApiProblem
from provider_shim.api.records import Others
from provider_shim.api.retry import Repeat
from provider_shim.contract.limits import BATCH_FILES_SENT
from provider_shim.journal.records import Lookup, Record, digest, plain

FIRST_POLL: Final = 0.5
LONGEST_POLL: Final = 5.0
"""Seconds between two looks at the progress, at first and at most."""
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


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in a vector store; ``reason`` says why one failed, else it is empty."""

    id: str
    status: str
    reason: str = ""

    @property
    def failed(self) -> bool:
        """Whether it never will be searchable."""
        return self.status in ("failed", "cancelled")


@dataclass(frozen=True, slots=True)
class NewStore:
    """What a vector store is made from; None for what is left to the API."""

    name: str | None = None
    description: str | None = None
    metadata: Mapping[str, str] | None = None
    expires_after: Mapping[str, Any] | None = None


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

    async def lost(self, records: Sequence[Record]) -> VectorStoreRecord | None:
        """Find what a run that died has made; None if it is certainly not there."""
        found = await self._finder.lost(records)
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

    async def all(self) -> AsyncIterator[VectorStoreRecord]:
        """Return the vector stores, newest first."""
        newest_first = pages(self._client, "listing the vector stores", path_to(_AT), query={"order": "desc"})
        async for each in listed(newest_first):
            yield _record(each)

    # --- files --------------------------------------------------------------------------

    async def add_files(
        self, identifier: str, file_ids: Sequence[str], chunking_strategy: Mapping[str, Any] | None = None
    ) -> AsyncIterator[list[str]]:
        """Add files, as many in one call as every API takes; yield those that are in, batch by batch."""
        for start in range(0, len(file_ids), BATCH_FILES_SENT):
            batch = list(file_ids[start : start + BATCH_FILES_SENT])
            await self._add(identifier, batch, chunking_strategy)
            yield batch

    async def _add(
        self, identifier: str, batch: list[str], chunking_strategy: Mapping[str, Any] | None
    ) -> None:
        missing = batch
        more = {"chunking_strategy": dict(chunking_strategy)} if chunking_strategy else {}

        async def call() -> list[str]:
            await self._client.call(
                Request(
                    "adding files to the vector store",
                    "POST",
                    path_to(_AT, identifier, "file_batches"),
                    {"file_ids": missing, **more},
                    repeat=Repeat.NEVER_TWICE,
                )
            )
            return batch

        async def look(_: ApiProblem) -> list[str] | None:
            nonlocal missing
            there = {each.id async for each in self.files(identifier)}
            missing = [each for each in missing if each not in there]
            return None if missing else batch

        await create_once(self._client, call, look, lambda problem: problem)

    async def remove_file(self, identifier: str, file_id: str) -> None:
        """Take a file out of the store; the file itself stays, one that is not in it is a success."""
        request = Request(
            "removing a file from the vector store", "DELETE", path_to(_AT, identifier, "files", file_id)
        )
        await self._client.find(request)

    async def files(self, identifier: str) -> AsyncIterator[StoredFile]:
        """Return the files of a store, oldest first."""
        async for each in listed(pages(self._client, _LISTING, path_to(_AT, identifier, "files"))):
            yield _stored(each)

    async def others(self, identifier: str, own: Collection[str]) -> Others:
        """Look for files that are not ``own``, newest first; the first page that has some is the last.

        A file that could not be indexed is nothing that would be lost.
        """
        path = path_to(_AT, identifier, "files")
        newest_first = pages(self._client, _LISTING, path, query={"order": "desc"})
        return await others_in(newest_first, own, lambda each: not _stored(each).failed)

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


def _digest_of(listed: Mapping[str, Any], keys: Collection[str] | None) -> str:
    total = (listed.get("file_counts") or {}).get("total") or 0
    metadata = pairs(listed.get("metadata"))
    ours = {key: value for key, value in metadata.items() if keys is None or key in keys}
    return _digest(listed.get("name"), ours, total)


def _digest(name: str | None, metadata: Mapping[str, str], files: int) -> str:
    """Return what tells a store from others; the keys of metadata that a server adds are no part of it."""
    ours = {key: plain(value) for key, value in metadata.items()}
    return digest(plain(name) if name else None, ours, files)


def _stored(answer: Mapping[str, Any]) -> StoredFile:
    problem = answer.get("last_error") or {}
    reason = problem.get("message") or problem.get("code") or ""
    return StoredFile(str(answer.get("id", "")), str(answer.get("status", "")), str(reason))


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
    )
