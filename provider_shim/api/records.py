"""What the resources see of a thread, whichever API it lives on."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:  # the journal's, which most runs do not need
    from provider_shim.api.lines import Sought

COUNTED_ITEMS = 1_000
"""Items that a count of others' items looks at, at most. Our own limit: a plan must end."""


@dataclass(frozen=True, slots=True)
class ThreadRecord:
    """A thread as the API tells it. ``created_at`` is in Unix seconds."""

    id: str
    created_at: int
    metadata: dict[str, str]
    tool_resources: dict[str, Any] | None = None
    """Always None on the Conversations API, which does not keep it; else None if there are none."""


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A message as the API tells it.

    ``content`` is the text of all text parts, one a line; ``attachments`` holds ``file_id`` and
    ``tools``, a list of names, empty on the Conversations API. ``created_at`` is 0 where the API does
    not tell it.
    """

    id: str
    role: str
    content: str
    metadata: dict[str, str] = field(default_factory=dict)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    created_at: int = 0


class ThreadApi(Protocol):
    """A thread on one of the two APIs. Everything raises Failure, with what to do."""

    @property
    def kind(self) -> Literal["conversations", "threads"]:
        """Which of the two."""

    async def create(
        self, metadata: Mapping[str, str] | None, tool_resources: Mapping[str, Any] | None
    ) -> ThreadRecord:
        """Make an empty thread. The Conversations API ignores ``tool_resources``."""

    async def read(self, identifier: str) -> ThreadRecord | None:
        """Read a thread; None only if the API itself says that it does not exist."""

    async def update(
        self,
        identifier: str,
        metadata: Mapping[str, str] | None,
        stale_keys: Collection[str],
        tool_resources: Mapping[str, Any] | None,
    ) -> ThreadRecord:
        """Set the whole metadata, and tool_resources (None: none) on /threads.

        Stale keys that the server keeps are sent again as null; a server that keeps them all the same
        shows in the record.
        """

    async def delete(self, identifier: str) -> None:
        """Delete a thread; one that is gone already is a success."""

    async def newest(self, identifier: str) -> str | None:
        """Give the id of the newest item, of any type; None if there is none."""

    def sought(self, identifier: str, messages: Sequence[Mapping[str, Any]], after: str | None) -> "Sought":
        """Tell how messages are found in their thread, behind the item that was the newest."""

    def add_messages(
        self, identifier: str, messages: Sequence[Mapping[str, Any]], after: str | None
    ) -> AsyncIterator[list[str]]:
        """Add messages (role, content, metadata, attachments) at the end; yield ids batch by batch.

        ``after`` is the newest item so far, None in an empty thread: if an answer is lost, what comes
        after it is looked through for the messages.
        """

    async def lost(
        self,
        identifier: str,
        messages: Sequence[Mapping[str, Any]],
        after: str | None,
        holds: Callable[[str], bool],
    ) -> list[MessageRecord]:
        """Find those of the messages, from the first on, that a run that died has added behind ``after``."""

    def messages(self, identifier: str) -> AsyncIterator[MessageRecord]:
        """Give the messages, oldest first; items of other types are left out."""

    async def foreign(self, identifier: str, own_ids: Collection[str]) -> int:
        """Count the items, of any type, that are not in ``own_ids``; at most COUNTED_ITEMS."""

    async def message(self, identifier: str, message_id: str) -> MessageRecord | None:
        """Read one message; None only if the API itself says that it, or its thread, does not exist."""

    async def update_message(
        self, identifier: str, message_id: str, metadata: Mapping[str, str] | None
    ) -> None:
        """Set a message's metadata; nothing to do on the Conversations API, which keeps none."""

    async def delete_message(self, identifier: str, message_id: str) -> None:
        """Delete a message; one that is gone already is a success."""
