"""What an openai_thread is."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, NotRequired, TypedDict

from provider_shim.contract.attributes import (
    PROSE,
    Count,
    Deprecated,
    Keys,
    Length,
    PersistedBy,
    Resolvable,
    contract,
)
from provider_shim.contract.limits import (
    CODE_INTERPRETER_FILES,
    FILE_SEARCH_STORES,
    METADATA,
    METADATA_KEY,
    METADATA_PAIRS,
    METADATA_VALUE,
)

Role = Literal["user", "assistant", "system", "developer"]
Tool = Literal["code_interpreter", "file_search"]
Metadata = Annotated[
    Mapping[str, Annotated[str, Length(0, METADATA_VALUE)]],
    Count(0, METADATA_PAIRS),
    Keys(Length(1, METADATA_KEY)),
]
Id = Annotated[str, Length(1)]


class ThreadMessagesAttachments(TypedDict):
    """A file that belongs to a message."""

    file_id: Annotated[Id, "Id of an uploaded file."]
    tools: NotRequired[
        Annotated[
            Sequence[Tool],
            "Tools that may use the file.",
            PersistedBy(("threads",)),
        ]
    ]


class ThreadMessages(TypedDict):
    """A message that the thread starts with."""

    role: Annotated[
        Role,
        'Who speaks. `"system"` and `"developer"` exist on the Conversations API only.',
    ]
    content: Annotated[str, "Text of the message, not empty.", Length(1), PROSE]
    metadata: NotRequired[
        Annotated[
            Metadata | Resolvable,
            f"Pairs kept with the message: {METADATA}.",
            PersistedBy(("threads",)),
        ]
    ]
    attachments: NotRequired[
        Annotated[
            Sequence[ThreadMessagesAttachments] | Resolvable,
            "Files that belong to the message. On the Conversations API only a user message has them.",
        ]
    ]
    file_ids: NotRequired[
        Annotated[
            Sequence[Id],
            "Ids of files that belong to the message.",
            Deprecated("Version 2 of the API has attachments: use attachments = [{ file_id = … }]."),
        ]
    ]


class ThreadToolResourcesCodeInterpreter(TypedDict):
    """What the code interpreter may use."""

    file_ids: NotRequired[
        Annotated[
            Sequence[Id], f"Ids of files, at most {CODE_INTERPRETER_FILES}.", Count(0, CODE_INTERPRETER_FILES)
        ]
    ]


class ThreadToolResourcesFileSearch(TypedDict):
    """What file search may use."""

    vector_store_ids: NotRequired[
        Annotated[
            Sequence[Id], f"Ids of vector stores, at most {FILE_SEARCH_STORES}.", Count(0, FILE_SEARCH_STORES)
        ]
    ]


class ThreadToolResources(TypedDict):
    """What the thread's tools may use."""

    code_interpreter: NotRequired[
        Annotated[ThreadToolResourcesCodeInterpreter | Resolvable, "Files for the code interpreter."]
    ]
    file_search: NotRequired[
        Annotated[ThreadToolResourcesFileSearch | Resolvable, "Vector stores for file search."]
    ]


class ThreadConfig(TypedDict, total=False):
    """What a thread is made from."""

    metadata: Annotated[
        Metadata | Resolvable,
        f"Pairs kept with the thread: {METADATA}.",
    ]
    tools: Annotated[
        Sequence[Tool],
        "Tools that responses on this thread should have. No API keeps them with a thread: "
        "see `response_tools`.",
        PersistedBy(()),
    ]
    tool_resources: Annotated[
        ThreadToolResources | Resolvable,
        "What the tools may use. The Conversations API does not keep it: see `response_tools`.",
        PersistedBy(("threads",)),
    ]
    messages: Annotated[
        Sequence[ThreadMessages] | Resolvable,
        "Messages that the thread starts with, oldest first. Appending and trimming at the end "
        "happen in place, any other change makes a new thread. Messages that others add "
        "later are never touched.",
    ]
    retain_on_destroy: Annotated[
        bool | Resolvable,
        "Leave the thread at the API when it is destroyed or replaced here. Default: the provider's "
        "`retain_on_destroy`, else false.",
    ]
    force_destroy: Annotated[
        bool | Resolvable,
        "Destroy or replace the thread although others have written to it; their items are lost with it. "
        "Without, such a plan is an error. Default: the provider's `force_destroy`, else false.",
    ]


class ThreadComputed(TypedDict):
    """What the API gives a thread."""

    id: Annotated[str, "Id at the API: `conv_…` or `thread_…`."]
    created_at: Annotated[float, "When the thread was made, in Unix seconds."]
    object: Annotated[str, 'Always `"thread"`.']
    api: Annotated[str, 'The API that the thread lives on: `"conversations"` or `"threads"`.']
    message_ids: Annotated[Sequence[str], "Ids of `messages`, in their order."]
    response_tools: Annotated[
        str,
        "JSON of the `tools` argument for `responses.create(conversation=id, tools=…)`, made of "
        "`tools` and `tool_resources`; `[]` where there are none.",
    ]


THREAD = contract(
    "openai_thread",
    "A conversation: metadata, the messages it starts with, and what its tools may use.",
    ThreadConfig,
    ThreadComputed,
    version=1,
)
