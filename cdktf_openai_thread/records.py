"""The nested types of messages, files, vector stores and data sources, as thread_records has a thread's."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cdktf_openai_thread._references import META_ARGUMENTS, list_class, record, reference_class
from provider_shim.contract import data as data_shapes
from provider_shim.contract import file as file_shapes
from provider_shim.contract import message as message_shapes
from provider_shim.contract import vector_store as store_shapes
from provider_shim.contract.attributes import Attribute, ListOf, Object
from provider_shim.contract.data import DATA_THREAD_MESSAGES
from provider_shim.contract.file import FILE
from provider_shim.contract.message import MESSAGE
from provider_shim.contract.vector_store import VECTOR_STORE

if TYPE_CHECKING:
    from provider_shim.contract.data import (
        DataOpenaiFileConfig,
        DataOpenaiThreadConfig,
        DataOpenaiThreadMessagesConfig,
        DataOpenaiVectorStoreConfig,
    )
    from provider_shim.contract.file import FileConfig, FileExpiresAfter
    from provider_shim.contract.message import MessageAttachments, MessageConfig
    from provider_shim.contract.vector_store import (
        VectorStoreChunkingStrategy,
        VectorStoreChunkingStrategyStatic,
        VectorStoreConfig,
        VectorStoreExpiresAfter,
    )
else:
    DataOpenaiFileConfig = record(data_shapes.DataOpenaiFileConfig, *META_ARGUMENTS)
    DataOpenaiThreadConfig = record(data_shapes.DataOpenaiThreadConfig, *META_ARGUMENTS)
    DataOpenaiThreadMessagesConfig = record(data_shapes.DataOpenaiThreadMessagesConfig, *META_ARGUMENTS)
    DataOpenaiVectorStoreConfig = record(data_shapes.DataOpenaiVectorStoreConfig, *META_ARGUMENTS)
    FileConfig = record(file_shapes.FileConfig, "path", *META_ARGUMENTS)
    FileExpiresAfter = record(file_shapes.FileExpiresAfter)
    MessageConfig = record(message_shapes.MessageConfig, *META_ARGUMENTS)
    MessageAttachments = record(message_shapes.MessageAttachments)
    VectorStoreConfig = record(store_shapes.VectorStoreConfig, "files", *META_ARGUMENTS)
    VectorStoreChunkingStrategy = record(store_shapes.VectorStoreChunkingStrategy)
    VectorStoreChunkingStrategyStatic = record(store_shapes.VectorStoreChunkingStrategyStatic)
    VectorStoreExpiresAfter = record(store_shapes.VectorStoreExpiresAfter)


def _nested(attributes: Mapping[str, Attribute], name: str) -> Object:
    kind = attributes[name].type
    nested = kind.element if isinstance(kind, ListOf) else kind
    if not isinstance(nested, Object):
        raise TypeError(f"{name} has no attributes of its own")
    return nested


_ATTACHMENTS = _nested(MESSAGE.attributes, "attachments")
_MESSAGES = _nested(DATA_THREAD_MESSAGES.attributes, "messages")
_CHUNKING = _nested(VECTOR_STORE.attributes, "chunking_strategy")

DataOpenaiThreadMessagesMessagesList = list_class(_MESSAGES)
DataOpenaiThreadMessagesMessagesOutputReference = reference_class(_MESSAGES)
FileExpiresAfterOutputReference = reference_class(_nested(FILE.attributes, "expires_after"))
MessageAttachmentsList = list_class(_ATTACHMENTS)
MessageAttachmentsOutputReference = reference_class(_ATTACHMENTS)
VectorStoreChunkingStrategyOutputReference = reference_class(_CHUNKING)
VectorStoreChunkingStrategyStaticOutputReference = reference_class(_nested(_CHUNKING.attributes, "static"))
VectorStoreExpiresAfterOutputReference = reference_class(_nested(VECTOR_STORE.attributes, "expires_after"))
VectorStoreFileCountsOutputReference = reference_class(_nested(VECTOR_STORE.attributes, "file_counts"))

__all__ = [
    "DataOpenaiFileConfig",
    "DataOpenaiThreadConfig",
    "DataOpenaiThreadMessagesConfig",
    "DataOpenaiThreadMessagesMessagesList",
    "DataOpenaiThreadMessagesMessagesOutputReference",
    "DataOpenaiVectorStoreConfig",
    "FileConfig",
    "FileExpiresAfter",
    "FileExpiresAfterOutputReference",
    "MessageAttachments",
    "MessageAttachmentsList",
    "MessageAttachmentsOutputReference",
    "MessageConfig",
    "VectorStoreChunkingStrategy",
    "VectorStoreChunkingStrategyOutputReference",
    "VectorStoreChunkingStrategyStatic",
    "VectorStoreChunkingStrategyStaticOutputReference",
    "VectorStoreConfig",
    "VectorStoreExpiresAfter",
    "VectorStoreExpiresAfterOutputReference",
    "VectorStoreFileCountsOutputReference",
]
