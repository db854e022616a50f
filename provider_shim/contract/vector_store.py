"""What an openai_vector_store is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from provider_shim.contract.attributes import (
    JSON,
    PROSE,
    REPLACE,
    Between,
    Count,
    Default,
    Keys,
    Length,
    Resolvable,
    contract,
)
from provider_shim.contract.limits import (
    CHUNK_TOKENS,
    INDEXING_SECONDS,
    METADATA,
    METADATA_KEY,
    METADATA_PAIRS,
    METADATA_VALUE,
    VECTOR_STORE_EXPIRES_DAYS,
    spoken,
)
from provider_shim.contract.path import Path, spelled
from provider_shim.contract.thread import Id, Metadata

DEFAULT_INDEXING_TIMEOUT = 600

FileAttributes = Annotated[
    Mapping[str, str | float | bool],
    Count(0, METADATA_PAIRS),
    Keys(Length(1, METADATA_KEY)),
    Length(0, METADATA_VALUE),
    JSON,
]


class VectorStoreExpiresAfter(TypedDict):
    """When the API deletes the store's content by itself."""

    days: Annotated[
        float,
        f"Days after the anchor, {spoken(VECTOR_STORE_EXPIRES_DAYS)}.",
        Between(*VECTOR_STORE_EXPIRES_DAYS),
    ]
    anchor: NotRequired[
        Annotated[Literal["last_active_at"], "What the time counts from.", Default("last_active_at")]
    ]


class VectorStoreChunkingStrategyStatic(TypedDict):
    """Sizes of the chunks."""

    max_chunk_size_tokens: Annotated[
        float, f"Tokens of a chunk, {spoken(CHUNK_TOKENS)}.", Between(*CHUNK_TOKENS)
    ]
    chunk_overlap_tokens: Annotated[
        float,
        "Tokens that a chunk shares with the next one, at most half of `max_chunk_size_tokens`.",
        Between(0),
    ]


class VectorStoreChunkingStrategy(TypedDict):
    """How files are cut into the pieces that a search finds."""

    type: Annotated[Literal["auto", "static"], '`"auto"` leaves the sizes to the API.']
    static: NotRequired[
        Annotated[
            VectorStoreChunkingStrategyStatic | Resolvable, 'Sizes of the chunks, with type `"static"`.'
        ]
    ]


class VectorStoreFiles(TypedDict):
    """A file to search, with what belongs to it in this store."""

    file_id: Annotated[Id, "Id of the file."]
    attributes: NotRequired[
        Annotated[
            FileAttributes | Resolvable,
            f"Up to {METADATA_PAIRS} pairs that a search can filter by: texts, numbers, true and false. A "
            "mapping in Python, `jsonencode({ … })` in HCL. Changed in place.",
        ]
    ]
    chunking_strategy: NotRequired[
        Annotated[
            VectorStoreChunkingStrategy | Resolvable,
            "How this file is cut into chunks. A change has the file taken out and indexed anew. Default: as "
            "the store says.",
        ]
    ]


class VectorStoreConfig(TypedDict, total=False):
    """What a vector store is made from."""

    name: Annotated[str, "Name of the store.", Length(1)]
    description: Annotated[
        str, "What the store is for. A change makes a new store.", Length(1), PROSE, REPLACE
    ]
    file_ids: Annotated[
        Sequence[Id],
        "Ids of the files to search. Files are added and removed in place: a new one is searchable before an "
        "old one is removed. Files that others add to the store are never touched.",
    ]
    files: Annotated[
        Sequence[VectorStoreFiles] | Resolvable,
        "Files to search that have attributes or a chunking strategy of their own, beside `file_ids`. They "
        "come and go as those do.",
    ]
    metadata: Annotated[
        Metadata | Resolvable,
        f"Pairs kept with the store: {METADATA}.",
    ]
    expires_after: Annotated[
        VectorStoreExpiresAfter | Resolvable,
        "When the API lets the store expire by itself. Default: never.",
    ]
    chunking_strategy: Annotated[
        VectorStoreChunkingStrategy | Resolvable,
        "How files are cut into chunks. A change makes a new store. Default: the API's own, `auto`.",
        REPLACE,
    ]
    wait_for_indexing: Annotated[
        bool | Resolvable,
        "Wait until the files can be searched, and fail where one can't be indexed. Default: true.",
        Default(True),  # noqa: FBT003 - the value itself
    ]
    timeout: Annotated[
        float | Resolvable,
        f"Seconds to wait for indexing, {spoken(INDEXING_SECONDS)}. Default: {DEFAULT_INDEXING_TIMEOUT}.",
        Between(*INDEXING_SECONDS),
        Default(DEFAULT_INDEXING_TIMEOUT),
    ]
    retain_on_destroy: Annotated[
        bool | Resolvable,
        "Leave the store at the API when it is destroyed or replaced here. Default: the provider's "
        "`retain_on_destroy`, else false.",
    ]
    force_destroy: Annotated[
        bool | Resolvable,
        "Destroy or replace the store although others have put files into it. Without, such a plan is an "
        "error. Default: the provider's `force_destroy`, else false.",
    ]


class VectorStoreFileCounts(TypedDict):
    """How many files are in which state."""

    in_progress: Annotated[float, "Being indexed."]
    completed: Annotated[float, "Indexed."]
    failed: Annotated[float, "Could not be indexed."]
    cancelled: Annotated[float, "Indexing was cancelled."]
    total: Annotated[float, "All of them."]


StoreMadeAt = Annotated[float, "When the store was made, in Unix seconds."]
StoreBytes = Annotated[float, "Size of all that is indexed, in bytes."]


class VectorStoreComputed(TypedDict):
    """What the API gives a vector store."""

    id: Annotated[str, "Id at the API: `vs_…`."]
    created_at: StoreMadeAt
    object: Annotated[str, 'Always `"vector_store"`.']
    status: Annotated[str, '`"in_progress"`, `"completed"` or `"expired"`. An expired store is replaced.']
    file_counts: Annotated[
        VectorStoreFileCounts, "How many files are in which state, those of others among them."
    ]
    usage_bytes: StoreBytes
    last_active_at: Annotated[
        float,
        "When the store was last used, in Unix seconds, as of the last apply that changed it. The data "
        "source tells it anew.",
    ]
    expires_at: Annotated[
        float, "When the API lets the store expire, in Unix seconds, as of then; null if never."
    ]


def chunks(
    values: Mapping[str, Any], is_unknown: Callable[[object], bool], within: Path = ()
) -> Iterator[tuple[Path, str, str]]:
    """Judge a chunking strategy: the sizes belong to one of its types, and to each other."""
    strategy = values.get("chunking_strategy")
    if strategy is None or is_unknown(strategy) or is_unknown(strategy.get("type")):
        return
    static, here = strategy.get("static"), (*within, "chunking_strategy", "static")
    named = spelled(here)
    if strategy["type"] == "static" and static is None:
        yield (
            here,
            "Missing attribute",
            (
                f'{named} is missing, and the type "static" needs it: '
                "static = { max_chunk_size_tokens = 800, chunk_overlap_tokens = 400 }."
            ),
        )
    elif strategy["type"] == "auto" and static is not None:
        yield (
            here,
            "Value not allowed",
            (
                f'{named} is given with the type "auto". Allowed: only with "static". Remove it, or change '
                "the type."
            ),
        )
    if strategy["type"] != "static" or static is None or is_unknown(static):
        return
    size, overlap = static.get("max_chunk_size_tokens"), static.get("chunk_overlap_tokens")
    if not is_unknown(size) and not is_unknown(overlap) and float(overlap) > float(size) / 2:
        yield (
            (*here, "chunk_overlap_tokens"),
            "Out of range",
            (
                f"{named}.chunk_overlap_tokens is {overlap}. Allowed: at most half of "
                f"max_chunk_size_tokens, which is {size}."
            ),
        )


def _files(
    values: Mapping[str, Any], is_unknown: Callable[[object], bool]
) -> Iterator[tuple[Path, str, str]]:
    files, ids = values.get("files"), values.get("file_ids")
    if files is None or is_unknown(files):
        return
    known = () if ids is None or is_unknown(ids) else ids
    named = {each: "file_ids" for each in known if not is_unknown(each)}
    for index, each in enumerate(files):
        if is_unknown(each):
            continue
        here = ("files", index)
        yield from chunks(each, is_unknown, here)
        file_id = each.get("file_id")
        if is_unknown(file_id):
            continue
        if file_id in named:
            yield (
                (*here, "file_id"),
                "Twice the same file",
                (
                    f'{spelled(here)}.file_id is "{file_id}", which is in {named[file_id]} as well. Allowed: '
                    "a file once. Remove one."
                ),
            )
        named[file_id] = spelled(here)


VECTOR_STORE = contract(
    "openai_vector_store",
    "A vector store: files that a thread's file search finds passages in.",
    VectorStoreConfig,
    VectorStoreComputed,
    version=1,
    rules=(chunks, _files),
    identity=("id",),
)
