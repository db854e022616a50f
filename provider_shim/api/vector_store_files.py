"""A file in a vector store: put in, found, given attributes, waited for, taken out."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from provider_shim.api.answers import seconds
from provider_shim.api.client import Client, Request, path_to
from provider_shim.api.creates import create_once
from provider_shim.api.leftovers import Leftover, Owners
from provider_shim.api.problem import ApiProblem, Uncertain
from provider_shim.api.retry import Repeat
from provider_shim.contract.identifiers import parted_ids
from provider_shim.journal.records import Record

FIRST_POLL: Final = 0.5
LONGEST_POLL: Final = 5.0
"""Seconds between two looks at the progress, at first and at most."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in a vector store as the API tells it; ``reason`` says why one failed, else it is empty."""

    id: str
    status: str
    reason: str = ""
    attributes: dict[str, Any] | None = None
    """None where the server does not tell any."""
    chunking_strategy: dict[str, Any] | None = None
    created_at: int = 0
    usage_bytes: int = 0

    @property
    def failed(self) -> bool:
        """Whether it never will be searchable."""
        return self.status in ("failed", "cancelled")


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to put into a store; None for what is left to the API."""

    id: str
    attributes: Mapping[str, Any] | None = None
    chunking_strategy: Mapping[str, Any] | None = None

    @property
    def body(self) -> dict[str, Any]:
        """What a call says of it."""
        members = {"attributes": self.attributes, "chunking_strategy": self.chunking_strategy}
        return {
            "file_id": self.id,
            **{name: dict(each) for name, each in members.items() if each is not None},
        }


class VectorStoreFiles:
    """The calls of /vector_stores/{id}/files. Everything raises ApiProblem."""

    def __init__(self, client: Client) -> None:
        """Work through this client."""
        self._client = client

    async def add(self, store: str, file: NewFile) -> StoredFile:
        """Put a file that is not there into a store; it is indexed after that.

        Raises:
            Uncertain: the answer was lost, and whether it is there can't be told.
        """
        request = Request(
            "adding the file to the vector store",
            "POST",
            _path(store),
            file.body,
            repeat=Repeat.NEVER_TWICE,
            locate=_attribute,
        )

        async def call() -> StoredFile:
            return stored(await self._client.call(request))

        async def look(problem: ApiProblem) -> StoredFile | None:
            try:
                return await self.read(store, file.id)
            except ApiProblem as failed:
                raise _in_doubt(store, file.id, problem) from failed

        made = await create_once(self._client, call, look, lambda problem: problem)
        self._client.born(file.id)
        return made

    async def read(self, store: str, file_id: str, *, at_once: bool = False) -> StoredFile | None:
        """Read a file of a store; None only if its absence, or the store's, is proven.

        Args:
            store: The store.
            file_id: The file.
            at_once: Whether an absence counts although the file was uploaded just now.
        """
        request = Request(
            "reading the file in the vector store", "GET", _path(store, file_id), newborn=not at_once
        )
        answer = await self._client.find(request)
        return None if answer is None else stored(answer)

    async def set_attributes(self, store: str, file_id: str, attributes: Mapping[str, Any]) -> StoredFile:
        """Replace all attributes of a file in a store."""
        body = {"attributes": dict(attributes)}
        action = "changing the attributes of the file in the vector store"
        request = Request(action, "POST", _path(store, file_id), body, locate=_attribute)
        return stored(await self._client.call(request))

    async def remove(self, store: str, file_id: str) -> bool:
        """Take a file out of a store; the file itself stays. Return False if it was not in it."""
        request = Request("removing a file from the vector store", "DELETE", _path(store, file_id))
        return await self._client.find(request) is not None

    async def wait(
        self,
        store: str,
        file_id: str,
        timeout: float,  # noqa: ASYNC109 - the attribute of the resource
        progress: Callable[[StoredFile], None],
    ) -> StoredFile:
        """Wait until a file can be searched, at most ``timeout`` seconds; ``progress`` is told each look.

        Raises:
            ApiProblem: the time is over, the file can't be indexed, or it is gone.
        """
        end, pause = time.monotonic() + timeout, FIRST_POLL
        while True:
            found = await self.read(store, file_id)
            if found is None:
                raise ApiProblem(
                    "store file gone",
                    "The file is not in the vector store any more",
                    f"{file_id} was taken out of {store}, or one of the two was deleted, while it was "
                    "indexed.",
                )
            progress(found)
            if found.status == "completed":
                return found
            if found.failed:
                raise ApiProblem(
                    "store file not indexed",
                    "The file could not be indexed",
                    f"{file_id} in {store}: {found.reason or found.status}.",
                    ("file_id",),
                )
            if time.monotonic() + pause > end:
                raise ApiProblem(
                    "not indexed in time",
                    "The file is not indexed in time",
                    f"{file_id} in {store} has the status {found.status or 'unknown'} after {timeout:g} s; "
                    "the API goes on.",
                    ("timeout",),
                )
            await self._client.pause(pause, "waiting for the file in the vector store")
            pause = min(LONGEST_POLL, pause * 1.5)


def leftover(record: Record, client: Client, _owners: Owners) -> Leftover:
    """Return what can be done about a file in a store: both ids are known before it is put in."""
    store, file_id = parted_ids(str(record.id or record.thread)) or ("", "")
    files = VectorStoreFiles(client)

    async def look_up() -> str | None:
        return str(record.thread) if await files.read(store, file_id) else None

    return Leftover(look_up, lambda _: files.read(store, file_id), lambda _: files.remove(store, file_id))


def stored(answer: Mapping[str, Any]) -> StoredFile:
    """Read a file in a vector store off an answer."""
    problem = answer.get("last_error") or {}
    reason = problem.get("message") or problem.get("code") or ""
    return StoredFile(
        str(answer.get("id", "")),
        str(answer.get("status") or ""),
        str(reason),
        answer.get("attributes"),
        answer.get("chunking_strategy"),
        seconds(answer.get("created_at")),
        seconds(answer.get("usage_bytes")),
    )


def _in_doubt(store: str, file_id: str, problem: ApiProblem) -> Uncertain:
    return Uncertain(
        "store file unseen",
        f"{file_id} may be in {store} now",
        "",
        problem.path,
        call=problem.call,
        answer=problem.answer,
        cause=problem,
    )


def _path(store: str, *file: str) -> str:
    return path_to("vector_stores", store, "files", *file)


def _attribute(param: str) -> tuple[str, ...]:
    """Return the attribute that the API's ``param`` names."""
    name = param.partition(".")[0].partition("[")[0]
    return (name,) if name in ("file_id", "attributes", "chunking_strategy") else ()
