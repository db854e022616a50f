"""The list resources: what there is at the API, each object by its identity."""

from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any, Final

from provider_shim.contract.attributes import Contract
from provider_shim.contract.lists import (
    LIST_FILES,
    LIST_MESSAGES,
    LIST_THREADS,
    LIST_VECTOR_STORE_FILES,
    LIST_VECTOR_STORES,
)
from provider_shim.resources.reading import NEWEST_FIRST, Reading
from provider_shim.terraform.handler import Listed

if TYPE_CHECKING:
    from provider_shim.api.records import ThreadRecord

SHOWN: Final = 60
"""Characters of a name that is made of a text."""


class ThreadsList(Reading):
    """The threads of the API that the provider is configured with."""

    contract: Contract = LIST_THREADS

    async def list(self, config: Mapping[str, Any]) -> AsyncGenerator[Listed, None]:
        """Yield the threads, page by page."""
        self._connection.recovery.only_looks()
        async for each in self._connection.threads(self._connection.api).all(config["order"] or NEWEST_FIRST):
            yield Listed(_thread_name(each), {"id": each.id})


class MessagesList(Reading):
    """The messages of a thread."""

    contract: Contract = LIST_MESSAGES

    async def list(self, config: Mapping[str, Any]) -> AsyncGenerator[Listed, None]:
        """Yield the messages, page by page, oldest first."""
        self._connection.recovery.only_looks()
        thread_id, api = await self.thread_of(config)
        async for each in api.messages(thread_id):
            name = _shortened(f"{each.role}: {each.content}" if each.content else f"{each.role} {each.id}")
            yield Listed(name, {"thread_id": thread_id, "id": each.id})


class FilesList(Reading):
    """The files of the project."""

    contract: Contract = LIST_FILES

    async def list(self, config: Mapping[str, Any]) -> AsyncGenerator[Listed, None]:
        """Yield the files, page by page."""
        self._connection.recovery.only_looks()
        async for each in self._connection.files.all(config["purpose"], config["order"] or NEWEST_FIRST):
            yield Listed(each.filename or each.id, {"id": each.id})


class VectorStoresList(Reading):
    """The vector stores of the project."""

    contract: Contract = LIST_VECTOR_STORES

    async def list(self, config: Mapping[str, Any]) -> AsyncGenerator[Listed, None]:
        """Yield the vector stores, page by page."""
        self._connection.recovery.only_looks()
        async for each in self._connection.vector_stores.all(config["order"] or NEWEST_FIRST):
            yield Listed(each.name or each.id, {"id": each.id})


class VectorStoreFilesList(Reading):
    """The files in a vector store."""

    contract: Contract = LIST_VECTOR_STORE_FILES

    async def list(self, config: Mapping[str, Any]) -> AsyncGenerator[Listed, None]:
        """Yield the files, page by page."""
        self._connection.recovery.only_looks()
        store = await self.store_of(config)
        order = config["order"] or NEWEST_FIRST
        async for each in self._connection.vector_stores.files(store, order, config["filter"]):
            yield Listed(each.id, {"vector_store_id": store, "file_id": each.id})


def _thread_name(record: "ThreadRecord") -> str:
    """Return the id of a thread with its metadata, which is all that tells a person which one it is."""
    pairs = ", ".join(f"{key} = {value}" for key, value in sorted(record.metadata.items()))
    return f"{record.id} ({_shortened(pairs)})" if pairs else record.id


def _shortened(text: str) -> str:
    """Return a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}…"
