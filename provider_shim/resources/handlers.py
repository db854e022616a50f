"""The handler of each type, imported when it is asked for: a run that has no files loads nothing of them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from provider_shim.resources.connection import Connection
from provider_shim.terraform.handler import DataSourceHandler, ListHandler, ResourceHandler

# ruff: noqa: PLC0415 - see the module's text

Handler = TypeVar("Handler")


class Handlers(Mapping[str, Handler]):
    """Handlers by type name, each made once."""

    def __init__(self, makers: Mapping[str, Callable[[Connection], Handler]], connection: Connection) -> None:
        """Take how each is made, and the connection that they work through."""
        self._makers = makers
        self._connection = connection
        self._made: dict[str, Handler] = {}

    def __getitem__(self, name: str) -> Handler:
        if name not in self._made:
            self._made[name] = self._makers[name](self._connection)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def _file(connection: Connection) -> ResourceHandler[Any]:
    from provider_shim.resources.file import FileHandler

    return FileHandler(connection)


def _message(connection: Connection) -> ResourceHandler[Any]:
    from provider_shim.resources.message import MessageHandler

    return MessageHandler(connection)


def _thread(connection: Connection) -> ResourceHandler[Any]:
    from provider_shim.resources.thread import ThreadHandler

    return ThreadHandler(connection)


def _thread_set(connection: Connection) -> ResourceHandler[Any]:
    from provider_shim.resources.thread_set import ThreadSetHandler

    return ThreadSetHandler(connection)


def _vector_store(connection: Connection) -> ResourceHandler[Any]:
    from provider_shim.resources.vector_store import VectorStoreHandler

    return VectorStoreHandler(connection)


def _vector_store_file(connection: Connection) -> ResourceHandler[Any]:
    from provider_shim.resources.vector_store_file import VectorStoreFileHandler

    return VectorStoreFileHandler(connection)


def _file_data(connection: Connection) -> DataSourceHandler[Any]:
    from provider_shim.resources.data import FileData

    return FileData(connection)


def _thread_data(connection: Connection) -> DataSourceHandler[Any]:
    from provider_shim.resources.data import ThreadData

    return ThreadData(connection)


def _thread_messages_data(connection: Connection) -> DataSourceHandler[Any]:
    from provider_shim.resources.data import ThreadMessagesData

    return ThreadMessagesData(connection)


def _vector_store_data(connection: Connection) -> DataSourceHandler[Any]:
    from provider_shim.resources.data import VectorStoreData

    return VectorStoreData(connection)


def _files_data(connection: Connection) -> DataSourceHandler[Any]:
    from provider_shim.resources.data import FilesData

    return FilesData(connection)


def _vector_stores_data(connection: Connection) -> DataSourceHandler[Any]:
    from provider_shim.resources.data import VectorStoresData

    return VectorStoresData(connection)


def _vector_store_files_data(connection: Connection) -> DataSourceHandler[Any]:
    from provider_shim.resources.data import VectorStoreFilesData

    return VectorStoreFilesData(connection)


def _vector_store_search_data(connection: Connection) -> DataSourceHandler[Any]:
    from provider_shim.resources.data import VectorStoreSearchData

    return VectorStoreSearchData(connection)


def _files_list(connection: Connection) -> ListHandler:
    from provider_shim.resources.lists import FilesList

    return FilesList(connection)


def _messages_list(connection: Connection) -> ListHandler:
    from provider_shim.resources.lists import MessagesList

    return MessagesList(connection)


def _threads_list(connection: Connection) -> ListHandler:
    from provider_shim.resources.lists import ThreadsList

    return ThreadsList(connection)


def _vector_stores_list(connection: Connection) -> ListHandler:
    from provider_shim.resources.lists import VectorStoresList

    return VectorStoresList(connection)


def _vector_store_files_list(connection: Connection) -> ListHandler:
    from provider_shim.resources.lists import VectorStoreFilesList

    return VectorStoreFilesList(connection)


RESOURCES: Mapping[str, Callable[[Connection], ResourceHandler[Any]]] = {
    "openai_file": _file,
    "openai_message": _message,
    "openai_thread": _thread,
    "openai_thread_set": _thread_set,
    "openai_vector_store": _vector_store,
    "openai_vector_store_file": _vector_store_file,
}
DATA_SOURCES: Mapping[str, Callable[[Connection], DataSourceHandler[Any]]] = {
    "openai_file": _file_data,
    "openai_files": _files_data,
    "openai_thread": _thread_data,
    "openai_thread_messages": _thread_messages_data,
    "openai_vector_store": _vector_store_data,
    "openai_vector_store_files": _vector_store_files_data,
    "openai_vector_store_search": _vector_store_search_data,
    "openai_vector_stores": _vector_stores_data,
}
LISTS: Mapping[str, Callable[[Connection], ListHandler]] = {
    "openai_file": _files_list,
    "openai_message": _messages_list,
    "openai_thread": _threads_list,
    "openai_vector_store": _vector_stores_list,
    "openai_vector_store_file": _vector_store_files_list,
}
