"""OpenAI threads as infrastructure: constructs for CDKTF, with the provider they need."""

from cdktf_openai_thread.errors import ConfigurationError
from cdktf_openai_thread.provider import OpenaiProvider
from cdktf_openai_thread.thread import Thread
from provider_shim import __version__
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
