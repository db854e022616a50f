"""OpenAI threads as infrastructure: constructs for CDKTF, with the provider they need."""

from cdktf_openai_thread.any_thread import ExistingThread, IThread
from cdktf_openai_thread.bindings import (
    DataOpenaiFileConfig,
    DataOpenaiThreadConfig,
    DataOpenaiThreadMessagesConfig,
    DataOpenaiVectorStoreConfig,
    FileConfig,
    FileExpiresAfter,
    MessageAttachments,
    MessageConfig,
    MessageParts,
    OpenaiProviderConfig,
    ThreadConfig,
    ThreadMessages,
    ThreadMessagesAttachments,
    ThreadMessagesParts,
    ThreadSetConfig,
    ThreadSetThreads,
    ThreadSetThreadsMessages,
    ThreadSetThreadsMessagesAttachments,
    ThreadSetThreadsMessagesParts,
    ThreadSetThreadsToolResources,
    ThreadSetThreadsToolResourcesCodeInterpreter,
    ThreadSetThreadsToolResourcesFileSearch,
    ThreadToolResources,
    ThreadToolResourcesCodeInterpreter,
    ThreadToolResourcesFileSearch,
    VectorStoreChunkingStrategy,
    VectorStoreChunkingStrategyStatic,
    VectorStoreConfig,
    VectorStoreExpiresAfter,
)
from cdktf_openai_thread.data import (
    DataOpenaiFile,
    DataOpenaiThread,
    DataOpenaiThreadMessages,
    DataOpenaiVectorStore,
)
from cdktf_openai_thread.errors import ConfigurationError
from cdktf_openai_thread.file import File
from cdktf_openai_thread.message import Message
from cdktf_openai_thread.provider import OpenaiProvider
from cdktf_openai_thread.synth.app import watch
from cdktf_openai_thread.thread import Thread
from cdktf_openai_thread.thread_set import ThreadOfSet, ThreadSet
from cdktf_openai_thread.vector_store import VectorStore
from provider_shim import __version__

__all__ = [
    "ConfigurationError",
    "DataOpenaiFile",
    "DataOpenaiFileConfig",
    "DataOpenaiThread",
    "DataOpenaiThreadConfig",
    "DataOpenaiThreadMessages",
    "DataOpenaiThreadMessagesConfig",
    "DataOpenaiVectorStore",
    "DataOpenaiVectorStoreConfig",
    "ExistingThread",
    "File",
    "FileConfig",
    "FileExpiresAfter",
    "IThread",
    "Message",
    "MessageAttachments",
    "MessageConfig",
    "MessageParts",
    "OpenaiProvider",
    "OpenaiProviderConfig",
    "Thread",
    "ThreadConfig",
    "ThreadMessages",
    "ThreadMessagesAttachments",
    "ThreadMessagesParts",
    "ThreadOfSet",
    "ThreadSet",
    "ThreadSetConfig",
    "ThreadSetThreads",
    "ThreadSetThreadsMessages",
    "ThreadSetThreadsMessagesAttachments",
    "ThreadSetThreadsMessagesParts",
    "ThreadSetThreadsToolResources",
    "ThreadSetThreadsToolResourcesCodeInterpreter",
    "ThreadSetThreadsToolResourcesFileSearch",
    "ThreadToolResources",
    "ThreadToolResourcesCodeInterpreter",
    "ThreadToolResourcesFileSearch",
    "VectorStore",
    "VectorStoreChunkingStrategy",
    "VectorStoreChunkingStrategyStatic",
    "VectorStoreConfig",
    "VectorStoreExpiresAfter",
    "__version__",
]

watch()
