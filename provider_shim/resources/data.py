"""The data sources: each reads one object, or says which id is on which API not."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, TypeVar, cast

from provider_shim.contract.attributes import Contract
from provider_shim.contract.data import (
    DATA_FILE,
    DATA_FILES,
    DATA_THREAD,
    DATA_THREAD_MESSAGES,
    DATA_VECTOR_STORE,
    DATA_VECTOR_STORE_FILES,
    DATA_VECTOR_STORE_SEARCH,
    DATA_VECTOR_STORES,
)
from provider_shim.contract.limits import IMPORTED_MESSAGES, LISTED_OBJECTS
from provider_shim.contract.parts import NAMES
from provider_shim.resources import file_attributes
from provider_shim.resources.identifiers import checked_id
from provider_shim.resources.reading import NEWEST_FIRST, Reading
from provider_shim.terraform.diagnostics import Diagnostic, warning
from provider_shim.terraform.handler import data_source

if TYPE_CHECKING:
    from provider_shim.api.files import FileRecord
    from provider_shim.api.records import MessageRecord
    from provider_shim.api.vector_stores import VectorStoreRecord
    from provider_shim.contract.states import (
        DataOpenaiFilesState,
        DataOpenaiFileState,
        DataOpenaiThreadMessagesMessagesPartsState,
        DataOpenaiThreadMessagesMessagesState,
        DataOpenaiThreadMessagesState,
        DataOpenaiThreadState,
        DataOpenaiVectorStoreFilesState,
        DataOpenaiVectorStoreSearchState,
        DataOpenaiVectorStoresState,
        DataOpenaiVectorStoreState,
    )
    from provider_shim.terraform.handler import Work

Each = TypeVar("Each")


@data_source
class ThreadData(Reading):
    """A thread by its id."""

    contract: Contract = DATA_THREAD

    async def read(self, work: "Work[DataOpenaiThreadState]") -> None:
        """Read the thread."""
        config = work.config
        identifier = checked_id(config["id"], "a thread", "conv_… or thread_…")
        api = self._connection.threads(self._connection.kind_of(identifier))
        record = await api.read(identifier)
        if record is None:
            raise self.not_found("thread", identifier, api.kind, "id")
        work.state = {
            **config,
            "metadata": record.metadata,
            "created_at": record.created_at,
            "api": api.kind,
        }


@data_source
class ThreadMessagesData(Reading):
    """The messages of a thread."""

    contract: Contract = DATA_THREAD_MESSAGES

    async def read(self, work: "Work[DataOpenaiThreadMessagesState]") -> None:
        """Read the messages, page by page, oldest first."""
        config = work.config
        identifier, api = await self.thread_of(config)
        limit = IMPORTED_MESSAGES if config["limit"] is None else int(config["limit"])
        found: list[DataOpenaiThreadMessagesMessagesState] = []
        async for each in api.messages(identifier):
            if len(found) == limit:
                if config["limit"] is None:
                    work.diagnostics.append(_more(identifier))
                break
            found.append(
                {
                    "id": each.id,
                    "role": each.role,
                    "text": each.content,
                    "parts": _parts(each),
                    "phase": each.settings.get("phase"),
                }
            )
        work.state = {**config, "messages": found}


@data_source
class FileData(Reading):
    """A file by its id."""

    contract: Contract = DATA_FILE

    async def read(self, work: "Work[DataOpenaiFileState]") -> None:
        """Read what the API knows of the file; its content stays there."""
        config = work.config
        identifier = checked_id(config["id"], "a file", "file-…")
        record = await self._connection.files.read(identifier)
        if record is None:
            raise self.not_found("file", identifier, "files", "id")
        work.state = {**config, **_file(record)}


@data_source
class VectorStoreData(Reading):
    """A vector store by its id."""

    contract: Contract = DATA_VECTOR_STORE

    async def read(self, work: "Work[DataOpenaiVectorStoreState]") -> None:
        """Read the vector store."""
        config = work.config
        identifier = checked_id(config["id"], "a vector store", "vs_…")
        record = await self._connection.vector_stores.read(identifier)
        if record is None:
            raise self.not_found("vector store", identifier, "vector stores", "id")
        work.state = {**config, **_store(record)}


@data_source
class FilesData(Reading):
    """The files of the project."""

    contract: Contract = DATA_FILES

    async def read(self, work: "Work[DataOpenaiFilesState]") -> None:
        """Read the list, page by page."""
        config = work.config
        every = self._connection.files.all(config["purpose"], config["order"] or NEWEST_FIRST)
        found = await _listed(work.diagnostics, every, config["limit"], "files")
        files: Any = [{"id": each.id, **_file(each)} for each in found]
        work.state = {**config, "files": files}


@data_source
class VectorStoresData(Reading):
    """The vector stores of the project."""

    contract: Contract = DATA_VECTOR_STORES

    async def read(self, work: "Work[DataOpenaiVectorStoresState]") -> None:
        """Read the list, page by page."""
        config = work.config
        every = self._connection.vector_stores.all(config["order"] or NEWEST_FIRST)
        found = await _listed(work.diagnostics, every, config["limit"], "vector stores")
        stores: Any = [{"id": each.id, **_store(each)} for each in found]
        work.state = {**config, "vector_stores": stores}


@data_source
class VectorStoreFilesData(Reading):
    """The files in a vector store."""

    contract: Contract = DATA_VECTOR_STORE_FILES

    async def read(self, work: "Work[DataOpenaiVectorStoreFilesState]") -> None:
        """Read the list, page by page."""
        config = work.config
        identifier = await self.store_of(config)
        every = self._connection.vector_stores.files(
            identifier, config["order"] or NEWEST_FIRST, config["filter"]
        )
        found = await _listed(work.diagnostics, every, config["limit"], "files")
        work.state = {
            **config,
            "files": [
                {
                    "file_id": each.id,
                    "status": each.status,
                    "last_error": each.reason or None,
                    "attributes": file_attributes.written(each.attributes or {}),
                    "usage_bytes": each.usage_bytes,
                    "created_at": each.created_at,
                }
                for each in found
            ],
        }


@data_source
class VectorStoreSearchData(Reading):
    """What a vector store answers."""

    contract: Contract = DATA_VECTOR_STORE_SEARCH

    async def read(self, work: "Work[DataOpenaiVectorStoreSearchState]") -> None:
        """Search, once."""
        config = work.config
        identifier = await self.store_of(config)
        most = config["max_num_results"]
        found = await self._connection.vector_stores.search(
            identifier,
            config["query"],
            file_attributes.sent(config["filters"]),
            None if most is None else int(most),
        )
        work.state = {
            **config,
            "passages": [
                {
                    "file_id": each.file_id,
                    "filename": each.filename,
                    "score": each.score,
                    "attributes": file_attributes.written(each.attributes),
                    "text": each.text,
                }
                for each in found
            ],
        }


def _file(record: "FileRecord") -> Any:  # noqa: ANN401 - what the states of two data sources have in common
    return {
        "filename": record.filename,
        "bytes": record.bytes,
        "purpose": record.purpose,
        "created_at": record.created_at,
        "expires_at": record.expires_at,
        "status": record.status,
    }


def _store(record: "VectorStoreRecord") -> Any:  # noqa: ANN401 - as above
    names = ("in_progress", "completed", "failed", "cancelled", "total")
    return {
        "name": record.name,
        "metadata": record.metadata,
        "created_at": record.created_at,
        "status": record.status,
        "file_counts": {name: record.file_counts.get(name, 0) for name in names},
        "usage_bytes": record.usage_bytes,
        "last_active_at": record.last_active_at,
        "expires_at": record.expires_at,
    }


async def _listed(
    diagnostics: list[Diagnostic], every: AsyncIterator[Each], limit: float | None, what: str
) -> list[Each]:
    """Take as many of a list as are wanted; say so where there are more than anybody should want."""
    most = LISTED_OBJECTS if limit is None else int(limit)
    found: list[Each] = []
    async for each in every:
        if len(found) == most:
            if limit is None:
                diagnostics.append(
                    warning(
                        "Not everything is listed",
                        f"There are more than {LISTED_OBJECTS:,} {what}; {LISTED_OBJECTS:,} are listed. Set "
                        "limit to say how many you need.",
                        ("limit",),
                    )
                )
            break
        found.append(each)
    return found


def _parts(of: "MessageRecord") -> "list[DataOpenaiThreadMessagesMessagesPartsState]":
    """Return all parts of a message; what no attribute can carry as no more than its type."""
    parts = [*of.parts]
    for position, kind in of.unsupported:
        parts.insert(position, {"type": kind})
    held: Any = [{name: each.get(name) for name in NAMES} for each in parts]
    return cast("list[DataOpenaiThreadMessagesMessagesPartsState]", held)


def _more(identifier: str) -> Diagnostic:
    return warning(
        "Not all messages are read",
        f"{identifier} has more than {IMPORTED_MESSAGES:,} messages; the oldest {IMPORTED_MESSAGES:,} are "
        "read. Set limit to say how many you need.",
        ("limit",),
    )
