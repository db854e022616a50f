"""Vector stores: made empty, filled in batches, waited for until everything is indexed."""

import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from provider_shim.api.client import CallFailed, Client, Request, path_to
from provider_shim.api.entries import listed, pairs, seconds
from provider_shim.api.lines import Line, Sought, digest, plain
from provider_shim.api.lost import Finder, Holds, Rivals, no_rivals, nobody
from provider_shim.api.retry import Repeat
from provider_shim.contract.limits import BATCH_FILES
from provider_shim.terraform.diagnostics import Failure, error

FIRST_POLL: Final = 0.5
LONGEST_POLL: Final = 5.0
"""Seconds between two looks at the progress, at first and at most."""

_AT: Final = "vector_stores"


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


@dataclass(frozen=True, slots=True)
class NewStore:
    """What a vector store is made from; None for what is left to the API."""

    name: str | None = None
    description: str | None = None
    metadata: Mapping[str, str] | None = None
    expires_after: Mapping[str, Any] | None = None


class VectorStores:
    """The calls of /vector_stores. Everything raises Failure, with what to do."""

    def __init__(self, client: Client, holds: Holds = nobody, rivals: Rivals = no_rivals) -> None:
        """Work through this client. One for a whole run: it tells its own stores from others'."""
        self._client = client
        self._finder = Finder(client, "vector store", path_to(_AT), _alike, holds=holds, rivals=rivals)

    async def before(self, store: NewStore) -> Sought:
        """Look what is there before a store is made, and tell how it is found in the list afterwards."""
        metadata = dict(store.metadata or {})
        sought = Sought(_digest(store.name, metadata, 0), keys=tuple(sorted(metadata)))
        return await self._finder.before(sought)

    async def lost(self, lines: Sequence[Line]) -> VectorStoreRecord | None:
        """Find what a run that died has made; None if it is certainly not there."""
        found = await self._finder.lost(lines)
        return None if found is None else _record(found)

    async def create(self, store: NewStore, sought: Sought | None = None) -> VectorStoreRecord:
        """Make an empty vector store; ``sought`` is what ``before`` gave, if that was asked already."""
        members = {
            "name": store.name,
            "description": store.description,
            "metadata": dict(store.metadata or {}) or None,
            "expires_after": dict(store.expires_after) if store.expires_after else None,
        }

        body = {name: value for name, value in members.items() if value is not None}
        request = Request("creating the vector store", "POST", path_to(_AT), body, repeat=Repeat.NEVER_TWICE)
        return _record(await self._finder.create(request, sought or await self.before(store)))

    async def read(self, identifier: str) -> VectorStoreRecord | None:
        """Read a vector store; None only if absence is proven."""
        answer = await self._client.find(
            Request("reading the vector store", "GET", path_to(_AT, identifier)), identifier
        )
        return None if answer is None else _record(answer)

    async def update(
        self, identifier: str, store: NewStore, stale_keys: Collection[str] = ()
    ) -> VectorStoreRecord:
        """Set name, metadata and expires_after as a whole. The API can't change a description."""
        metadata = dict(store.metadata or {})
        body: dict[str, Any] = {
            "name": store.name,
            "metadata": metadata,
            "expires_after": dict(store.expires_after) if store.expires_after else None,
        }
        record = await self._update(identifier, body)
        stayed = [key for key in stale_keys if key in record.metadata and key not in metadata]
        if stayed:
            record = await self._update(identifier, {"metadata": {**metadata, **dict.fromkeys(stayed)}})
        return record

    async def delete(self, identifier: str) -> None:
        """Delete a vector store, its files stay; one that is gone already is a success."""
        await self._client.find(
            Request("deleting the vector store", "DELETE", path_to(_AT, identifier)), identifier
        )

    async def all(self) -> AsyncIterator[VectorStoreRecord]:
        """Give the vector stores, newest first."""
        async for each in listed(
            self._client, "listing the vector stores", path_to(_AT), query={"order": "desc"}
        ):
            yield _record(each)

    # --- files --------------------------------------------------------------------------

    async def add_files(
        self, identifier: str, file_ids: Sequence[str], chunking_strategy: Mapping[str, Any] | None = None
    ) -> AsyncIterator[list[str]]:
        """Add files, as many in one call as the API takes; yield those that are in, batch by batch."""
        for start in range(0, len(file_ids), BATCH_FILES):
            batch = list(file_ids[start : start + BATCH_FILES])
            await self._add(identifier, batch, chunking_strategy)
            yield batch

    async def _add(
        self, identifier: str, batch: list[str], chunking_strategy: Mapping[str, Any] | None
    ) -> None:
        missing, tries = batch, self._client.settings.max_retries
        while missing:
            body: dict[str, Any] = {"file_ids": missing}
            if chunking_strategy:
                body["chunking_strategy"] = dict(chunking_strategy)
            request = Request(
                "adding files to the vector store",
                "POST",
                path_to(_AT, identifier, "file_batches"),
                body,
                repeat=Repeat.NEVER_TWICE,
            )
            try:
                await self._client.call(request)
            except CallFailed as failed:
                if not failed.uncertain:
                    raise
                there = {each.id async for each in self.files(identifier)}
                missing = [each for each in missing if each not in there]
                if missing and tries == 0:
                    raise
                tries -= 1
            else:
                return

    async def remove_file(self, identifier: str, file_id: str) -> None:
        """Take a file out of the store; the file itself stays, one that is not in it is a success."""
        request = Request(
            "removing a file from the vector store", "DELETE", path_to(_AT, identifier, "files", file_id)
        )
        await self._client.find(request, file_id, identifier)

    async def files(self, identifier: str, status: str | None = None) -> AsyncIterator[StoredFile]:
        """Give the files of a store, oldest first; only those of one status if it is given."""
        path = path_to(_AT, identifier, "files")
        query = {"filter": status} if status else {}
        async for each in listed(self._client, "listing the files of the vector store", path, query=query):
            problem = each.get("last_error") or {}
            reason = problem.get("message") or problem.get("code") or ""
            yield StoredFile(str(each.get("id", "")), str(each.get("status", "")), str(reason))

    async def wait(
        self,
        identifier: str,
        file_ids: Collection[str],
        timeout: float,  # noqa: ASYNC109 - the attribute of the resource
        progress: Callable[[str], None] = lambda _: None,
    ) -> VectorStoreRecord:
        """Wait until nothing is being indexed, at most ``timeout`` seconds.

        ``progress`` is told "3/12 files indexed" whenever that changes. Raises Failure if the time is
        over, or with each of ``file_ids`` that failed and its reason.
        """
        end, pause, told = time.monotonic() + timeout, FIRST_POLL, ""
        while True:
            record = await self.read(identifier)
            if record is None:
                raise Failure(
                    error(
                        "The vector store is gone",
                        f"{identifier} was deleted while its files were indexed. Apply again to make "
                        "another one.",
                    )
                )
            counts = record.file_counts
            now = f"{counts.get('completed', 0)}/{counts.get('total', 0)} files indexed"
            if now != told:
                progress(now)
                told = now
            if record.status == "expired":
                raise Failure(
                    error(
                        "The vector store has expired",
                        f"{identifier} expired with {now}, and nothing is indexed in it any more. Apply "
                        "again to make another one.",
                        ("expires_after",),
                    )
                )
            if not counts.get("in_progress") and record.status != "in_progress":
                break
            if time.monotonic() + pause > end:
                raise Failure(
                    error(
                        "The files are not indexed in time",
                        f"{now} in {identifier} after {timeout:g} s; the API goes on. Apply again later, "
                        "raise timeout, or set wait_for_indexing = false.",
                        ("timeout",),
                    )
                )
            await self._client.pause(pause, "waiting for the vector store")
            pause = min(LONGEST_POLL, pause * 1.5)
        if counts.get("failed") or counts.get("cancelled"):
            await self._name_failed(identifier, set(file_ids))
        return record

    async def _name_failed(self, identifier: str, file_ids: set[str]) -> None:
        failed = [
            each
            for status in ("failed", "cancelled")
            async for each in self.files(identifier, status)
            if each.id in file_ids and each.status == status
        ]
        if failed:
            lines = "\n".join(f"- {each.id}: {each.reason or each.status}" for each in failed)
            raise Failure(
                error(
                    f"{len(failed)} of {len(file_ids)} files could not be indexed",
                    f"In {identifier}:\n{lines}\n\nReplace these files, or take them out of file_ids.",
                    ("file_ids",),
                )
            )

    # --- calls --------------------------------------------------------------------------

    async def _update(self, identifier: str, body: Mapping[str, Any]) -> VectorStoreRecord:
        request = Request("updating the vector store", "POST", path_to(_AT, identifier), body)
        return _record(await self._client.call(request))


def _alike(listed: Mapping[str, Any], keys: Collection[str] | None) -> str:
    total = (listed.get("file_counts") or {}).get("total") or 0
    metadata = pairs(listed.get("metadata"))
    ours = {key: value for key, value in metadata.items() if keys is None or key in keys}
    return _digest(listed.get("name"), ours, total)


def _digest(name: str | None, metadata: Mapping[str, str], files: int) -> str:
    """Give what tells a store from others; the keys of metadata that a server adds are no part of it."""
    ours = {key: plain(value) for key, value in metadata.items()}
    return digest(plain(name) if name else None, ours, files)


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
