"""What the data sources are: objects that Terraform reads and does not manage."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from provider_shim.contract.attributes import JSON, PROSE, Between, Length, Resolvable, contract
from provider_shim.contract.file import FileStatus, UploadedAt
from provider_shim.contract.limits import IMPORTED_MESSAGES, LISTED_OBJECTS, SEARCH_RESULTS, spoken
from provider_shim.contract.thread import Id, ThreadApi, ThreadMadeAt
from provider_shim.contract.vector_store import StoreBytes, StoreMadeAt, VectorStoreFileCounts
from provider_shim.contract.vector_store_file import IndexedBytes, NotIndexedWhy, PutInAt


class DataOpenaiThreadConfig(TypedDict):
    """Which thread."""

    id: Annotated[Id, "Id of the thread: `conv_…` or `thread_…`."]


class DataOpenaiThreadComputed(TypedDict):
    """What the API knows of it."""

    metadata: Annotated[Mapping[str, str], "Pairs kept with the thread."]
    created_at: ThreadMadeAt
    api: ThreadApi


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
    created_at: UploadedAt
    expires_at: Annotated[float, "When the API deletes it by itself, in Unix seconds; null if never."]
    status: FileStatus


class DataOpenaiVectorStoreConfig(TypedDict):
    """Which vector store."""

    id: Annotated[Id, "Id of the vector store: `vs_…`."]


class DataOpenaiVectorStoreComputed(TypedDict):
    """What the API knows of it."""

    name: Annotated[str, "Name of the store; null if it has none."]
    metadata: Annotated[Mapping[str, str], "Pairs kept with the store."]
    created_at: StoreMadeAt
    status: Annotated[str, '`"in_progress"`, `"completed"` or `"expired"`.']
    file_counts: Annotated[VectorStoreFileCounts, "How many files are in which state."]
    usage_bytes: StoreBytes
    last_active_at: Annotated[float, "When the store was last used, in Unix seconds."]
    expires_at: Annotated[float, "When the API lets the store expire, in Unix seconds; null if never."]


Order = Annotated[
    Literal["asc", "desc"], '`"desc"`, the newest first, or `"asc"`, the oldest first. Default: `"desc"`.'
]
Status = Annotated[
    Literal["in_progress", "completed", "failed", "cancelled"], "List the files of one status alone."
]
Most = Annotated[
    float | Resolvable,
    f"How many to list, 1 to {LISTED_OBJECTS:,}. Default: all, up to {LISTED_OBJECTS:,}.",
    Between(1, LISTED_OBJECTS),
]


class DataOpenaiFilesConfig(TypedDict, total=False):
    """Which files."""

    purpose: Annotated[str, "List the files of one purpose alone: `assistants`.", Length(1)]
    order: Order
    limit: Most


class DataOpenaiFilesFiles(DataOpenaiFileComputed):
    """One file."""

    id: Annotated[str, "Id at the API: `file-…`."]


class DataOpenaiFilesComputed(TypedDict):
    """What the API lists."""

    files: Annotated[Sequence[DataOpenaiFilesFiles], "The files."]


class DataOpenaiVectorStoresConfig(TypedDict, total=False):
    """Which vector stores."""

    order: Order
    limit: Most


class DataOpenaiVectorStoresVectorStores(DataOpenaiVectorStoreComputed):
    """One vector store."""

    id: Annotated[str, "Id at the API: `vs_…`."]


class DataOpenaiVectorStoresComputed(TypedDict):
    """What the API lists."""

    vector_stores: Annotated[Sequence[DataOpenaiVectorStoresVectorStores], "The vector stores."]


class DataOpenaiVectorStoreFilesConfig(TypedDict):
    """Which files of which store."""

    vector_store_id: Annotated[Id, "Id of the vector store: `vs_…`."]
    filter: NotRequired[Status]
    order: NotRequired[Order]
    limit: NotRequired[Most]


class DataOpenaiVectorStoreFilesFiles(TypedDict):
    """One file in the store."""

    file_id: Annotated[str, "Id of the file: `file-…`."]
    status: Annotated[str, '`"in_progress"`, `"completed"`, `"failed"` or `"cancelled"`.']
    last_error: NotIndexedWhy
    attributes: Annotated[str, "What a search can filter by, as JSON text: `jsondecode(…)` reads it."]
    usage_bytes: IndexedBytes
    created_at: PutInAt


class DataOpenaiVectorStoreFilesComputed(TypedDict):
    """What the API lists."""

    files: Annotated[Sequence[DataOpenaiVectorStoreFilesFiles], "The files in the store."]


class DataOpenaiVectorStoreSearchConfig(TypedDict):
    """What is searched for."""

    vector_store_id: Annotated[Id, "Id of the vector store: `vs_…`."]
    query: Annotated[str, "What to search for, as a person asks it.", Length(1), PROSE]
    filters: NotRequired[
        Annotated[
            Mapping[str, Any] | Resolvable,
            "Search only in files whose attributes pass: a comparison, "
            '`{ type = "gte", key = "year", value = 2024 }`, or several in '
            '`{ type = "and", filters = […] }` or `"or"`. '
            "A mapping in Python, `jsonencode({ … })` in HCL. Comparisons: `eq`, `ne`, `gt`, `gte`, `lt`, "
            "`lte`, `in`, `nin`.",
            JSON,
        ]
    ]
    max_num_results: NotRequired[
        Annotated[
            float | Resolvable,
            f"How many passages to return at most, {spoken(SEARCH_RESULTS)}. Default: the API's own, 10.",
            Between(*SEARCH_RESULTS),
        ]
    ]


class DataOpenaiVectorStoreSearchPassages(TypedDict):
    """One passage."""

    file_id: Annotated[str, "Id of the file that it is in."]
    filename: Annotated[str, "Name of that file."]
    score: Annotated[float, "How well it answers, 0 to 1."]
    attributes: Annotated[str, "The file's attributes, as JSON text: `jsondecode(…)` reads it."]
    text: Annotated[str, "The passage."]


class DataOpenaiVectorStoreSearchComputed(TypedDict):
    """What is found."""

    passages: Annotated[Sequence[DataOpenaiVectorStoreSearchPassages], "The passages, the best first."]


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
DATA_FILES = contract(
    "openai_files",
    "The files of the project, whoever uploaded them.",
    DataOpenaiFilesConfig,
    DataOpenaiFilesComputed,
)
DATA_VECTOR_STORES = contract(
    "openai_vector_stores",
    "The vector stores of the project, whoever made them.",
    DataOpenaiVectorStoresConfig,
    DataOpenaiVectorStoresComputed,
)
DATA_VECTOR_STORE_FILES = contract(
    "openai_vector_store_files",
    "The files in a vector store, whoever put them in.",
    DataOpenaiVectorStoreFilesConfig,
    DataOpenaiVectorStoreFilesComputed,
)
DATA_VECTOR_STORE_SEARCH = contract(
    "openai_vector_store_search",
    "The passages of a vector store that answer a question: a `check` block can say that the knowledge does.",
    DataOpenaiVectorStoreSearchConfig,
    DataOpenaiVectorStoreSearchComputed,
)
