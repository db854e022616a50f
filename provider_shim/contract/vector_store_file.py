"""What an openai_vector_store_file is."""

from typing import Annotated, NotRequired, TypedDict

from provider_shim.contract.attributes import REPLACE, Between, Default, Resolvable, contract
from provider_shim.contract.limits import INDEXING_SECONDS, METADATA_PAIRS, spoken
from provider_shim.contract.thread import Id
from provider_shim.contract.vector_store import (
    DEFAULT_INDEXING_TIMEOUT,
    FileAttributes,
    VectorStoreChunkingStrategy,
    chunks,
)


class VectorStoreFileConfig(TypedDict):
    """Which file is put into which store, and how."""

    vector_store_id: Annotated[Id, "Id of the vector store: `vs_…`.", REPLACE]
    file_id: Annotated[Id, "Id of the file: `file-…`.", REPLACE]
    attributes: NotRequired[
        Annotated[
            FileAttributes | Resolvable,
            f"Up to {METADATA_PAIRS} pairs that a search can filter by: texts, numbers, true and false. A "
            "mapping in Python, `jsonencode({ … })` in HCL; what it says counts, not how it is written.",
        ]
    ]
    chunking_strategy: NotRequired[
        Annotated[
            VectorStoreChunkingStrategy | Resolvable,
            "How the file is cut into chunks. Default: the API's own, `auto`.",
            REPLACE,
        ]
    ]
    wait_for_indexing: NotRequired[
        Annotated[
            bool | Resolvable,
            "Wait until the file can be searched, and fail where it can't be indexed. Default: true.",
            Default(True),  # noqa: FBT003 - the value itself
        ]
    ]
    timeout: NotRequired[
        Annotated[
            float | Resolvable,
            f"Seconds to wait for indexing, {spoken(INDEXING_SECONDS)}. Default: {DEFAULT_INDEXING_TIMEOUT}.",
            Between(*INDEXING_SECONDS),
            Default(DEFAULT_INDEXING_TIMEOUT),
        ]
    ]


PutInAt = Annotated[float, "When the file was put into the store, in Unix seconds."]
NotIndexedWhy = Annotated[str, "Why the file could not be indexed; null if it was."]
IndexedBytes = Annotated[float, "Size of what is indexed of it, in bytes."]


class VectorStoreFileComputed(TypedDict):
    """What the API knows of a file in a vector store."""

    id: Annotated[str, "Both ids, as an import takes them: `STORE/FILE`."]
    created_at: PutInAt
    object: Annotated[str, 'Always `"vector_store.file"`.']
    status: Annotated[
        str,
        '`"in_progress"`, `"completed"`, `"failed"` or `"cancelled"`. One that failed is put in anew, unless '
        "`wait_for_indexing` is false.",
    ]
    last_error: NotIndexedWhy
    usage_bytes: IndexedBytes


VECTOR_STORE_FILE = contract(
    "openai_vector_store_file",
    "A file in a vector store that is managed elsewhere, with attributes that a search can filter by.",
    VectorStoreFileConfig,
    VectorStoreFileComputed,
    version=1,
    rules=(chunks,),
    identity=("vector_store_id", "file_id"),
)
