"""What the data sources are: objects that Terraform reads and does not manage."""

from collections.abc import Mapping, Sequence
from typing import Annotated, NotRequired, TypedDict

from provider_shim.contract.attributes import Between, Resolvable, contract
from provider_shim.contract.limits import IMPORTED_MESSAGES
from provider_shim.contract.thread import Id
from provider_shim.contract.vector_store import VectorStoreFileCounts


class DataOpenaiThreadConfig(TypedDict):
    """Which thread."""

    id: Annotated[Id, "Id of the thread: `conv_…` or `thread_…`."]


class DataOpenaiThreadComputed(TypedDict):
    """What the API knows of it."""

    metadata: Annotated[Mapping[str, str], "Pairs kept with the thread."]
    created_at: Annotated[float, "When the thread was made, in Unix seconds."]
    api: Annotated[str, 'The API that the thread lives on: `"conversations"` or `"threads"`.']


class DataOpenaiThreadMessagesConfig(TypedDict):
    """Whose messages, and how many."""

    thread_id: Annotated[Id, "Id of the thread: `conv_…` or `thread_…`."]
    limit: NotRequired[
        Annotated[
            float | Resolvable,
            f"How many messages to read, from the oldest on, 1 to {IMPORTED_MESSAGES:,}. Default: all, up to "
            f"{IMPORTED_MESSAGES:,}.",
            Between(1, IMPORTED_MESSAGES),
        ]
    ]


class DataOpenaiThreadMessagesMessagesParts(TypedDict):
    """A part of a message."""

    type: Annotated[
        str,
        '`"text"`, `"image"`, `"file"` or `"refusal"`; of any other part, what the API calls it.',
    ]
    text: Annotated[str, "The text, of a text or a refusal."]
    image_url: Annotated[str, "Where the image is, or the image itself as `data:`."]
    file_id: Annotated[str, "Id of the uploaded image or file."]
    file_url: Annotated[str, "Where the file is."]
    file_data: Annotated[str, "The file itself in base64."]
    filename: Annotated[str, "Name of the file."]
    detail: Annotated[str, "How closely a model looks at it; null for `auto`."]


class DataOpenaiThreadMessagesMessages(TypedDict):
    """One message."""

    id: Annotated[str, "Id at the API: `msg_…`."]
    role: Annotated[str, "Who speaks."]
    text: Annotated[
        str, "The text; of several parts, each on lines of its own. A refusal is in `parts` only."
    ]
    parts: Annotated[Sequence[DataOpenaiThreadMessagesMessagesParts], "All parts, in their order."]
    phase: Annotated[
        str, 'Of an assistant\'s message: `"commentary"` or `"final_answer"`, null where the API has none.'
    ]


class DataOpenaiThreadMessagesComputed(TypedDict):
    """What the API knows of them."""

    messages: Annotated[Sequence[DataOpenaiThreadMessagesMessages], "The messages, oldest first."]


class DataOpenaiFileConfig(TypedDict):
    """Which file."""

    id: Annotated[Id, "Id of the file: `file-…`."]


class DataOpenaiFileComputed(TypedDict):
    """What the API knows of it."""

    filename: Annotated[str, "Name at the API."]
    bytes: Annotated[float, "Size in bytes."]
    purpose: Annotated[str, "What the file is for."]
    created_at: Annotated[float, "When the file was uploaded, in Unix seconds."]
    expires_at: Annotated[float, "When the API deletes it by itself, in Unix seconds; null if never."]
    status: Annotated[str, '`"uploaded"`, `"processed"` or `"error"`.']


class DataOpenaiVectorStoreConfig(TypedDict):
    """Which vector store."""

    id: Annotated[Id, "Id of the vector store: `vs_…`."]


class DataOpenaiVectorStoreComputed(TypedDict):
    """What the API knows of it."""

    name: Annotated[str, "Name of the store; null if it has none."]
    metadata: Annotated[Mapping[str, str], "Pairs kept with the store."]
    created_at: Annotated[float, "When the store was made, in Unix seconds."]
    status: Annotated[str, '`"in_progress"`, `"completed"` or `"expired"`.']
    file_counts: Annotated[VectorStoreFileCounts, "How many files are in which state."]


DATA_THREAD = contract(
    "openai_thread",
    "A thread that is managed elsewhere.",
    DataOpenaiThreadConfig,
    DataOpenaiThreadComputed,
)
DATA_THREAD_MESSAGES = contract(
    "openai_thread_messages",
    "The messages of a thread, whoever wrote them.",
    DataOpenaiThreadMessagesConfig,
    DataOpenaiThreadMessagesComputed,
)
DATA_FILE = contract(
    "openai_file",
    "A file that is managed elsewhere.",
    DataOpenaiFileConfig,
    DataOpenaiFileComputed,
)
DATA_VECTOR_STORE = contract(
    "openai_vector_store",
    "A vector store that is managed elsewhere.",
    DataOpenaiVectorStoreConfig,
    DataOpenaiVectorStoreComputed,
)
