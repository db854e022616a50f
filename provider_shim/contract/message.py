"""What an openai_message is."""

from typing import Annotated, TypedDict

from provider_shim.contract.attributes import contract
from provider_shim.contract.parts import message_rule
from provider_shim.contract.thread import Id, MessageBody


class _InThread(TypedDict):
    thread_id: Annotated[Id, "Id of the thread to add the message to: `conv_…` or `thread_…`."]


class MessageConfig(_InThread, MessageBody):
    """What a message is made from. Any change makes a new message, at the end of the thread."""


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
    rules=(message_rule,),
    identity=("thread_id", "id"),
    replaces=True,
)
