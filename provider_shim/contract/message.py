"""What an openai_message is."""

from collections.abc import Sequence
from typing import Annotated, NotRequired, TypedDict

from provider_shim.contract.attributes import (
    PROSE,
    REPLACE,
    Length,
    PersistedBy,
    Resolvable,
    contract,
)
from provider_shim.contract.limits import METADATA
from provider_shim.contract.thread import Id, Metadata, Role, Tool


class MessageAttachments(TypedDict):
    """A file that belongs to the message."""

    file_id: Annotated[Id, "Id of an uploaded file."]
    tools: NotRequired[Annotated[Sequence[Tool], "Tools that may use the file.", PersistedBy(("threads",))]]


class MessageConfig(TypedDict):
    """What a message is made from. Any change makes a new message, at the end of the thread."""

    thread_id: Annotated[Id, "Id of the thread to add the message to: `conv_…` or `thread_…`.", REPLACE]
    role: Annotated[
        Role,
        'Who speaks. `"system"` and `"developer"` exist on the Conversations API only.',
        REPLACE,
    ]
    content: Annotated[str, "Text of the message, not empty.", Length(1), PROSE, REPLACE]
    metadata: NotRequired[
        Annotated[
            Metadata | Resolvable,
            f"Pairs kept with the message: {METADATA}.",
            PersistedBy(("threads",)),
            REPLACE,
        ]
    ]
    attachments: NotRequired[
        Annotated[
            Sequence[MessageAttachments] | Resolvable,
            "Files that belong to the message. On the Conversations API only a user message has them.",
            REPLACE,
        ]
    ]


class MessageComputed(TypedDict):
    """What the API gives a message."""

    id: Annotated[str, "Id at the API: `msg_…`."]
    created_at: Annotated[
        float, "When the message was made, in Unix seconds. The Conversations API does not tell it: null."
    ]
    object: Annotated[str, 'Always `"thread.message"`.']


MESSAGE = contract(
    "openai_message",
    "A message in a thread that is managed elsewhere: by another stack, another team or an application.",
    MessageConfig,
    MessageComputed,
    version=1,
)
