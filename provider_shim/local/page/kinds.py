"""A thread lives in one of two pairs of tables, one for each API."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Kind:
    """The tables of one API: threads in `table`, what they hold in `messages`, by column `parent`."""

    name: str
    table: str
    messages: str
    parent: str
    labelled: bool
    """Whether a message has metadata of its own."""


KINDS: Final = (
    Kind("Conversation", "conversations", "items", "conversation", labelled=False),
    Kind("Thread", "threads", "messages", "thread", labelled=True),
)
