"""What an openai_thread is."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, NotRequired, TypedDict

from provider_shim.contract.attributes import (
    PROSE,
    WRITE_ONLY,
    Attribute,
    Between,
    Count,
    Deprecated,
    Keys,
    Length,
    ListOf,
    Object,
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
    PART_DATA,
)
from provider_shim.contract.parts import DETAILS_IN_WORDS, SAYS, messages_rule

Role = Literal["user", "assistant", "system", "developer"]
Tool = Literal["code_interpreter", "file_search"]
PartType = Literal["text", "image", "file", "refusal"]
Detail = Literal["auto", "low", "high", "original"]
Phase = Literal["commentary", "final_answer"]
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


class ThreadMessagesParts(TypedDict):
    """A part of a message: a text, an image or a file."""

    type: Annotated[
        PartType,
        "What it is. A refusal is what a model said, so it comes by import only and can't be made.",
    ]
    text: NotRequired[Annotated[str, "The text, of a text or a refusal.", Length(1), PROSE]]
    image_url: NotRequired[
        Annotated[
            str,
            f"Where the image is, `https:` or `http:`, or the image itself, `data:`; at most {PART_DATA:,} "
            "characters.",
            Length(1, PART_DATA),
        ]
    ]
    file_id: NotRequired[Annotated[Id, "Id of an uploaded file, of an image or a file."]]
    file_url: NotRequired[Annotated[str, "Where the file is: `https:` or `http:`.", Length(1, PART_DATA)]]
    file_data: NotRequired[
        Annotated[
            str,
            f"The file itself in base64, at most {PART_DATA:,} characters, for the state holds it. "
            "Upload a larger one with `openai_file`.",
            Length(1, PART_DATA),
        ]
    ]
    filename: NotRequired[Annotated[str, "Name of the file.", Length(1), PROSE]]
    detail: NotRequired[Annotated[Detail, f"How closely the model looks at it: {DETAILS_IN_WORDS}"]]


class MessageBody(TypedDict):
    """What a message is made of, in a thread and on its own."""

    role: Annotated[
        Role,
        'Who speaks. `"system"` and `"developer"` exist on the Conversations API only.',
    ]
    content: NotRequired[
        Annotated[
            str,
            "Text of the message, not empty. Exactly one of `content`, `parts` and `content_wo` is given.",
            Length(1),
            PROSE,
        ]
    ]
    parts: NotRequired[
        Annotated[
            Sequence[ThreadMessagesParts] | Resolvable,
            "The message as texts, images and files, in place of `content`. Files are on the Conversations "
            "API only; the assistant has text there and nothing else.",
            Count(1),
        ]
    ]
    content_wo: NotRequired[
        Annotated[
            str,
            "Text of the message, in place of `content`, that is in no plan and in no state. Needs Terraform "
            "1.11 or OpenTofu 1.11, and `content_wo_version`.",
            Length(1),
            WRITE_ONLY,
        ]
    ]
    content_wo_version: NotRequired[
        Annotated[
            float | Resolvable,
            "A whole number: another one says that `content_wo` is another text, which nobody can compare.",
            Between(0),
        ]
    ]
    phase: NotRequired[
        Annotated[
            Phase,
            "Of an assistant's message: whether it is on the way to the answer or the answer.",
            PersistedBy(("conversations",)),
        ]
    ]
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


class ThreadMessages(MessageBody):
    """A message that the thread starts with."""

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
    purge_on_destroy: Annotated[
        bool | Resolvable,
        "Delete the items of the thread before the thread itself, which the Conversations API keeps "
        "otherwise. Where the thread stays, they stay. Default: false.",
    ]


ThreadMadeAt = Annotated[float, "When the thread was made, in Unix seconds."]
ThreadApi = Annotated[str, 'The API that the thread lives on: `"conversations"` or `"threads"`.']


class ThreadComputed(TypedDict):
    """What the API gives a thread."""

    id: Annotated[str, "Id at the API: `conv_…` or `thread_…`."]
    created_at: ThreadMadeAt
    object: Annotated[str, 'Always `"thread"`.']
    api: ThreadApi
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
    rules=(messages_rule,),
    identity=("id",),
)


def _message_settings() -> Mapping[str, Attribute]:
    own = {*SAYS, "content_wo_version", "role", "metadata", "attachments", "file_ids"}
    match THREAD.attributes["messages"].type:
        case ListOf(Object(_, attributes)):
            return {name: each for name, each in attributes.items() if name not in own}
    raise AssertionError("messages are a list of objects")


MESSAGE_SETTINGS = _message_settings()
"""Attributes of a message beyond what it says: an API that keeps one takes and tells it as it is here."""
