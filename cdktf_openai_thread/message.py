"""A message in a thread that is managed elsewhere, as a construct."""

from cdktf_openai_thread.bindings.message import *  # noqa: F403 - what is given to a message, and refers to it
from cdktf_openai_thread.bindings.message import MessageBase


class Message(MessageBase):
    """Adds one message to a thread of another stack, another team or an application.

    For the messages that a thread of this stack starts with, see ``Thread(messages=...)``.
    Every change makes a new message, at the end of the thread.

    Raises:
        ConfigurationError: What no API would take: an unknown role, empty content, too many pairs of
            metadata, an unknown key.
    """
