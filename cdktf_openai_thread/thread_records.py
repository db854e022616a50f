"""The nested types of a thread: what is given, and references to what is deployed."""

from typing import TYPE_CHECKING

from cdktf_openai_thread._references import META_ARGUMENTS, list_class, record, reference_class
from provider_shim.contract import thread as shapes
from provider_shim.contract.attributes import ListOf, Object
from provider_shim.contract.thread import THREAD

if TYPE_CHECKING:
    from provider_shim.contract.thread import (
        ThreadConfig,
        ThreadMessages,
        ThreadMessagesAttachments,
        ThreadToolResources,
        ThreadToolResourcesCodeInterpreter,
        ThreadToolResourcesFileSearch,
    )
else:
    # To the type checker they are the contract's typed dictionaries. A program that was written
    # for generated bindings reads them as well: ThreadMessages(role=…, content=…).role.
    ThreadConfig = record(shapes.ThreadConfig, *META_ARGUMENTS)
    ThreadMessages = record(shapes.ThreadMessages)
    ThreadMessagesAttachments = record(shapes.ThreadMessagesAttachments)
    ThreadToolResources = record(shapes.ThreadToolResources)
    ThreadToolResourcesCodeInterpreter = record(shapes.ThreadToolResourcesCodeInterpreter)
    ThreadToolResourcesFileSearch = record(shapes.ThreadToolResourcesFileSearch)


def _nested(within: Object | None, name: str) -> Object:
    attributes = THREAD.attributes if within is None else within.attributes
    kind = attributes[name].type
    nested = kind.element if isinstance(kind, ListOf) else kind
    if not isinstance(nested, Object):
        raise TypeError(f"{name} has no attributes of its own")
    return nested


_MESSAGES = _nested(None, "messages")
_ATTACHMENTS = _nested(_MESSAGES, "attachments")
_RESOURCES = _nested(None, "tool_resources")

ThreadMessagesList = list_class(_MESSAGES)
ThreadMessagesOutputReference = reference_class(_MESSAGES)
ThreadMessagesAttachmentsList = list_class(_ATTACHMENTS)
ThreadMessagesAttachmentsOutputReference = reference_class(_ATTACHMENTS)
ThreadToolResourcesOutputReference = reference_class(_RESOURCES)
ThreadToolResourcesCodeInterpreterOutputReference = reference_class(_nested(_RESOURCES, "code_interpreter"))
ThreadToolResourcesFileSearchOutputReference = reference_class(_nested(_RESOURCES, "file_search"))

__all__ = [
    "ThreadConfig",
    "ThreadMessages",
    "ThreadMessagesAttachments",
    "ThreadMessagesAttachmentsList",
    "ThreadMessagesAttachmentsOutputReference",
    "ThreadMessagesList",
    "ThreadMessagesOutputReference",
    "ThreadToolResources",
    "ThreadToolResourcesCodeInterpreter",
    "ThreadToolResourcesCodeInterpreterOutputReference",
    "ThreadToolResourcesFileSearch",
    "ThreadToolResourcesFileSearchOutputReference",
    "ThreadToolResourcesOutputReference",
]
