"""What reads at the API and changes nothing: data sources and lists."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from provider_shim.resources.connection import Connection
from provider_shim.resources.identifiers import checked_id
from provider_shim.terraform.diagnostics import Failure, error

if TYPE_CHECKING:
    from provider_shim.api.records import ThreadApi

NEWEST_FIRST: Final = "desc"
"""The order of what is listed, where the configuration says none."""


class Reading:
    """Works through the provider's connection."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection."""
        self._connection = connection

    async def thread_of(self, config: Mapping[str, Any]) -> "tuple[str, ThreadApi]":
        """Return the id that thread_id says, and the API of the thread; Failure if there is none."""
        identifier = checked_id(config["thread_id"], "a thread", "conv_… or thread_…")
        api = self._connection.threads(self._connection.kind_of(identifier))
        if await api.read(identifier) is None:
            raise self.not_found("thread", identifier, api.kind, "thread_id")
        return identifier, api

    async def store_of(self, config: Mapping[str, Any]) -> str:
        """Return the id that vector_store_id says; Failure if there is no such store."""
        identifier = checked_id(config["vector_store_id"], "a vector store", "vs_…")
        if await self._connection.vector_stores.read(identifier) is None:
            raise self.not_found("vector store", identifier, "vector stores", "vector_store_id")
        return identifier

    def not_found(self, what: str, identifier: str, api: str, name: str) -> Failure:
        """Return what is said of an id that the API does not know."""
        return Failure(
            error(
                "Not found",
                f'{name} is "{identifier}". There is no such {what} on the {api} API at '
                f"{self._connection.base_url}. Check the id, base_url, project and key.",
                (name,),
            )
        )
