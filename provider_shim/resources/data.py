"""The data sources: each reads one object, or says which id is on which API not."""

from typing import TYPE_CHECKING, Any, cast

from provider_shim.contract.attributes import Contract
from provider_shim.contract.data import DATA_FILE, DATA_THREAD, DATA_THREAD_MESSAGES, DATA_VECTOR_STORE
from provider_shim.contract.limits import IMPORTED_MESSAGES
from provider_shim.contract.parts import NAMES
from provider_shim.resources.connection import Connection
from provider_shim.resources.identifiers import checked_id
from provider_shim.terraform.diagnostics import Diagnostic, Failure, error, warning

if TYPE_CHECKING:
    from provider_shim.api.records import MessageRecord
    from provider_shim.contract.states import (
        DataOpenaiFileState,
        DataOpenaiThreadMessagesMessagesPartsState,
        DataOpenaiThreadMessagesMessagesState,
        DataOpenaiThreadMessagesState,
        DataOpenaiThreadState,
        DataOpenaiVectorStoreState,
    )
    from provider_shim.terraform.handler import Work


class ThreadData:
    """A thread by its id."""

    contract: Contract = DATA_THREAD

    def __init__(self, connection: Connection) -> None:
        """Work through the provider's connection."""
        self._connection = connection

    async def read(self, work: "Work[DataOpenaiThreadState]") -> None:
        """Read the thread."""
        config = work.config
        identifier = checked_id(config["id"], "a thread", "conv_… or thread_…")
        api = self._connection.threads(self._connection.kind_of(identifier))
        record = await api.read(identifier)
        if record is None:
            raise _not_found(self._connection, "thread", identifier, api.kind, "id")
        work.state = {
            **config,
            "metadata": record.metadata,
            "created_at": record.created_at,
            "api": api.kind,
        }


class ThreadMessagesData:
    """The messages of a thread."""

    contract: Contract = DATA_THREAD_MESSAGES

    def __init__(self, connection: Connection) -> None:
        """Work through the provider's connection."""
        self._connection = connection

    async def read(self, work: "Work[DataOpenaiThreadMessagesState]") -> None:
        """Read the messages, page by page, oldest first."""
        config = work.config
        identifier = checked_id(config["thread_id"], "a thread", "conv_… or thread_…")
        api = self._connection.threads(self._connection.kind_of(identifier))
        if await api.read(identifier) is None:
            raise _not_found(self._connection, "thread", identifier, api.kind, "thread_id")
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
                    "phase": each.phase,
                }
            )
        work.state = {**config, "messages": found}


class FileData:
    """A file by its id."""

    contract: Contract = DATA_FILE

    def __init__(self, connection: Connection) -> None:
        """Work through the provider's connection."""
        self._connection = connection

    async def read(self, work: "Work[DataOpenaiFileState]") -> None:
        """Read what the API knows of the file; its content stays there."""
        config = work.config
        identifier = checked_id(config["id"], "a file", "file-…")
        record = await self._connection.files.read(identifier)
        if record is None:
            raise _not_found(self._connection, "file", identifier, "files", "id")
        work.state = {
            **config,
            "filename": record.filename,
            "bytes": record.bytes,
            "purpose": record.purpose,
            "created_at": record.created_at,
            "expires_at": record.expires_at,
            "status": record.status,
        }


class VectorStoreData:
    """A vector store by its id."""

    contract: Contract = DATA_VECTOR_STORE

    def __init__(self, connection: Connection) -> None:
        """Work through the provider's connection."""
        self._connection = connection

    async def read(self, work: "Work[DataOpenaiVectorStoreState]") -> None:
        """Read the vector store."""
        config = work.config
        identifier = checked_id(config["id"], "a vector store", "vs_…")
        record = await self._connection.vector_stores.read(identifier)
        if record is None:
            raise _not_found(self._connection, "vector store", identifier, "vector stores", "id")
        counts = record.file_counts
        work.state = {
            **config,
            "name": record.name,
            "metadata": record.metadata,
            "created_at": record.created_at,
            "status": record.status,
            "file_counts": {
                "in_progress": counts.get("in_progress", 0),
                "completed": counts.get("completed", 0),
                "failed": counts.get("failed", 0),
                "cancelled": counts.get("cancelled", 0),
                "total": counts.get("total", 0),
            },
        }


def _parts(of: "MessageRecord") -> "list[DataOpenaiThreadMessagesMessagesPartsState]":
    """Return all parts of a message; what no attribute can carry as no more than its type."""
    parts = [*of.parts]
    for position, kind in of.lost:
        parts.insert(position, {"type": kind})
    held: Any = [{name: each.get(name) for name in NAMES} for each in parts]
    return cast("list[DataOpenaiThreadMessagesMessagesPartsState]", held)


def _not_found(connection: Connection, what: str, identifier: str, api: str, name: str) -> Failure:
    return Failure(
        error(
            "Not found",
            f'{name} is "{identifier}". There is no such {what} on the {api} API at {connection.base_url}. '
            "Check the id, base_url, project and key.",
            (name,),
        )
    )


def _more(identifier: str) -> Diagnostic:
    return warning(
        "Not all messages are read",
        f"{identifier} has more than {IMPORTED_MESSAGES:,} messages; the oldest {IMPORTED_MESSAGES:,} are "
        "read. Set limit to say how many you need.",
        ("limit",),
    )
