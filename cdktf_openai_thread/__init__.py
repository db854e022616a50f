"""OpenAI threads as infrastructure: constructs for CDKTF, with the provider they need."""

from cdktf_openai_thread.errors import ConfigurationError
from cdktf_openai_thread.file import File
from cdktf_openai_thread.message import Message
from cdktf_openai_thread.provider import OpenaiProvider
from cdktf_openai_thread.thread import Thread
from provider_shim import __version__
from provider_shim.contract.file import FileConfig, FileExpiresAfter
from provider_shim.contract.message import MessageAttachments, MessageConfig
from provider_shim.contract.provider import OpenaiProviderConfig
from provider_shim.contract.thread import (
    ThreadConfig,
    ThreadMessages,
    ThreadMessagesAttachments,
    ThreadToolResources,
    ThreadToolResourcesCodeInterpreter,
    ThreadToolResourcesFileSearch,
)

__all__ = [
    "ConfigurationError",
    "File",
    "FileConfig",
    "FileExpiresAfter",
    "Message",
    "MessageAttachments",
    "MessageConfig",
    "OpenaiProvider",
    "OpenaiProviderConfig",
    "Thread",
    "ThreadConfig",
    "ThreadMessages",
    "ThreadMessagesAttachments",
    "ThreadToolResources",
    "ThreadToolResourcesCodeInterpreter",
    "ThreadToolResourcesFileSearch",
    "__version__",
]
