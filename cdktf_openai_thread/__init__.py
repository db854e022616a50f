"""OpenAI threads as infrastructure: constructs for CDKTF, with the provider they need."""

from cdktf_openai_thread.any_thread import ExistingThread, IThread
from cdktf_openai_thread.bindings import (
    DataOpenaiFileConfig,
    DataOpenaiFilesConfig,
    DataOpenaiThreadConfig,
    DataOpenaiThreadMessagesConfig,
    DataOpenaiVectorStoreConfig,
    DataOpenaiVectorStoreFilesConfig,
    DataOpenaiVectorStoresConfig,
    DataOpenaiVectorStoreSearchConfig,
    FileConfig,
    FileExpiresAfter,
    MessageAttachments,
    MessageConfig,
    OpenaiProviderConfig,
    ThreadConfig,
    ThreadMessages,
    ThreadMessagesAttachments,
    ThreadToolResources,
    ThreadToolResourcesCodeInterpreter,
    ThreadToolResourcesFileSearch,
    VectorStoreChunkingStrategy,
    VectorStoreChunkingStrategyStatic,
    VectorStoreConfig,
    VectorStoreExpiresAfter,
    VectorStoreFileChunkingStrategy,
    VectorStoreFileChunkingStrategyStatic,
    VectorStoreFileConfig,
    VectorStoreFiles,
    VectorStoreFilesChunkingStrategy,
    VectorStoreFilesChunkingStrategyStatic,
)
from cdktf_openai_thread.data import (
    DataOpenaiFile,
    DataOpenaiFiles,
    DataOpenaiThread,
    DataOpenaiThreadMessages,
    DataOpenaiVectorStore,
    DataOpenaiVectorStoreFiles,
    DataOpenaiVectorStores,
    DataOpenaiVectorStoreSearch,
)
from cdktf_openai_thread.errors import ConfigurationError
from cdktf_openai_thread.file import File
from cdktf_openai_thread.message import Message
from cdktf_openai_thread.provider import OpenaiProvider
from cdktf_openai_thread.synth.app import watch
from cdktf_openai_thread.thread import Thread
from cdktf_openai_thread.thread_set import ThreadOfSet, ThreadSet
from cdktf_openai_thread.vector_store import VectorStore
from cdktf_openai_thread.vector_store_file import VectorStoreFile
from provider_shim import __version__

__all__ = [
    "ConfigurationError",
    "DataOpenaiFile",
    "DataOpenaiFileConfig",
    "DataOpenaiFiles",
    "DataOpenaiFilesConfig",
    "DataOpenaiThread",
    "DataOpenaiThreadConfig",
    "DataOpenaiThreadMessages",
    "DataOpenaiThreadMessagesConfig",
    "DataOpenaiVectorStore",
    "DataOpenaiVectorStoreConfig",
    "DataOpenaiVectorStoreFiles",
    "DataOpenaiVectorStoreFilesConfig",
    "DataOpenaiVectorStoreSearch",
    "DataOpenaiVectorStoreSearchConfig",
    "DataOpenaiVectorStores",
    "DataOpenaiVectorStoresConfig",
    "ExistingThread",
    "File",
    "FileConfig",
    "FileExpiresAfter",
    "IThread",
    "Message",
    "MessageAttachments",
    "MessageConfig",
    "OpenaiProvider",
    "OpenaiProviderConfig",
    "Thread",
    "ThreadConfig",
    "ThreadMessages",
    "ThreadMessagesAttachments",
    "ThreadOfSet",
    "ThreadSet",
    "ThreadToolResources",
    "ThreadToolResourcesCodeInterpreter",
    "ThreadToolResourcesFileSearch",
    "VectorStore",
    "VectorStoreChunkingStrategy",
    "VectorStoreChunkingStrategyStatic",
    "VectorStoreConfig",
    "VectorStoreExpiresAfter",
    "VectorStoreFile",
    "VectorStoreFileChunkingStrategy",
    "VectorStoreFileChunkingStrategyStatic",
    "VectorStoreFileConfig",
    "VectorStoreFiles",
    "VectorStoreFilesChunkingStrategy",
    "VectorStoreFilesChunkingStrategyStatic",
    "__version__",
]

watch()
