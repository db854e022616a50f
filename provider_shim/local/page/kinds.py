"""A thread lives in one of two pairs of tables, one for each API."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Tables:
    """The tables of one API: threads in `table`, what they hold in `messages`, by column `parent`."""

    name: str
    table: str
    messages: str
    parent: str
    labelled: bool
    """Whether a message has metadata of its own."""


KINDS: Final = (
    Tables("Conversation", "conversations", "items", "conversation", labelled=False),
    Tables("Thread", "threads", "messages", "thread", labelled=True),
)
