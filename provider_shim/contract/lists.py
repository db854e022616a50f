"""What the list resources are: which objects `terraform query` finds, from Terraform 1.14 on."""

from typing import Annotated, NotRequired, TypedDict

from provider_shim.contract.attributes import Length, contract
from provider_shim.contract.data import Order, Status
from provider_shim.contract.thread import Id


class ListThreadsConfig(TypedDict, total=False):
    """Which threads."""

    order: Order


class ListMessagesConfig(TypedDict):
    """The messages of which thread."""

    thread_id: Annotated[Id, "Id of the thread: `conv_…` or `thread_…`."]


class ListFilesConfig(TypedDict, total=False):
    """Which files."""

    purpose: Annotated[str, "List the files of one purpose alone: `assistants`.", Length(1)]
    order: Order


class ListVectorStoresConfig(TypedDict, total=False):
    """Which vector stores."""

    order: Order


class ListVectorStoreFilesConfig(TypedDict):
    """Which files of which store."""

    vector_store_id: Annotated[Id, "Id of the vector store: `vs_…`."]
    filter: NotRequired[Status]
    order: NotRequired[Order]


LIST_THREADS = contract(
    "openai_thread",
    "The threads of the project, where the server lists them: Azure AI Foundry and the embedded API do, "
    "OpenAI does not.",
    ListThreadsConfig,
)
LIST_MESSAGES = contract(
    "openai_message", "The messages of a thread, oldest first, whoever wrote them.", ListMessagesConfig
)
LIST_FILES = contract("openai_file", "The files of the project, whoever uploaded them.", ListFilesConfig)
LIST_VECTOR_STORES = contract(
    "openai_vector_store", "The vector stores of the project, whoever made them.", ListVectorStoresConfig
)
LIST_VECTOR_STORE_FILES = contract(
    "openai_vector_store_file",
    "The files in a vector store, whoever put them in.",
    ListVectorStoreFilesConfig,
)
