"""What the resources see of a thread, whichever API it lives on."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, Protocol

from provider_shim.api.metadata import MetadataChange, Updated

if TYPE_CHECKING:  # the journal's, which most runs do not need
    from provider_shim.journal.records import Lookup


class Payer(NamedTuple):
    """Who pays for a call, as the answer tells it; empty where it does not."""

    organization: str = ""
    project: str = ""


class Others(NamedTuple):
    """What others have put into an object."""

    ids: tuple[str, ...] = ()
    more: bool = False
    """Whether there may be more than these: only so many pages are read."""

    def __bool__(self) -> bool:
        return bool(self.ids) or self.more

    def __str__(self) -> str:
        return f"at least {len(self.ids)}" if self.more else str(len(self.ids))


@dataclass(frozen=True, slots=True)
class ThreadRecord:
    """A thread as the API tells it. ``created_at`` is in Unix seconds."""

    id: str
    created_at: int
    metadata: dict[str, str]
    tool_resources: dict[str, Any] | None = None
    """Only tools that have something; None on the Conversations API, which does not keep them."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Other attributes that the API tells as the contract has them."""


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A message as the API tells it.

    ``content`` is the text of all text parts, one a line; ``attachments`` holds ``file_id`` and
    ``tools``, a list of names, empty on the Conversations API. ``created_at`` is 0 where the API does
    not tell it. ``parts`` are all that the contract can carry, texts among them.
    """

    id: str
    role: str
    content: str
    metadata: dict[str, str] = field(default_factory=dict)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    created_at: int = 0
    readable: bool = True
    """Whether its content could be read: a server may answer it in a shape of its own."""
    parts: list[dict[str, Any]] = field(default_factory=list)
    unsupported: list[tuple[int, str]] = field(default_factory=list)
    """What the contract can't carry: its position in the content, and what the API calls it."""
    settings: dict[str, Any] = field(default_factory=dict)
    """What the API tells of the contract's `MESSAGE_SETTINGS`."""


class Own(NamedTuple):
    """Messages that were looked for by their ids, and what was met on the way."""

    found: dict[str, MessageRecord]
    others: Others


class ThreadApi(Protocol):
    """A thread on one of the two APIs. Everything raises ApiProblem."""

    @property
    def kind(self) -> Literal["conversations", "threads"]:
        """Which of the two."""

    settings: ClassVar[tuple[str, ...]]
    """Attributes beside metadata and tool_resources that the API takes as the contract has them."""
    answered: dict[str, MessageRecord]
    """What /threads answered when messages were added: what the server made of them."""

    async def create(
        self,
        metadata: Mapping[str, str] | None,
        tool_resources: Mapping[str, object] | None,
        values: Mapping[str, object] | None = None,
    ) -> ThreadRecord:
        """Make an empty thread; the record has what the server made of its metadata.

        The Conversations API ignores ``tool_resources``. Of ``values``, all that is planned, it takes
        ``settings``.
        """

    async def read(self, identifier: str) -> ThreadRecord | None:
        """Read a thread; None only if the API itself says that it does not exist."""

    def all(self, order: str) -> AsyncIterator[ThreadRecord]:
        """Return the threads, newest first or, with ``asc``, oldest first, where the server lists them."""

    async def update(
        self,
        identifier: str,
        metadata: MetadataChange | None,
        tool_resources: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Updated:
        """Write our pairs, on /threads these tool_resources, and these settings. None: no change.

        A tool that ``tool_resources`` does not name keeps what it has; one that is named with an empty
        list has none afterwards. Pairs of others stay.
        """

    async def delete(self, identifier: str) -> bool:
        """Delete a thread; return False if it was gone already."""

    async def purge(self, identifier: str) -> list[str]:
        """Delete what is in a thread and would outlive it; return the ids that the server can't delete."""

    async def newest(self, identifier: str) -> str | None:
        """Return the id of the newest item, of any type; None if there is none."""

    def lookup(
        self, identifier: str, messages: Sequence[Mapping[str, object]], after: str | None
    ) -> "Lookup":
        """Return how messages are found in their thread, behind the item that was the newest."""

    def add_messages(
        self, identifier: str, messages: Sequence[Mapping[str, object]], after: str | None
    ) -> AsyncIterator[list[str]]:
        """Add messages, as ``resources.messages.sent`` makes them, at the end; yield ids batch by batch.

        ``after`` is the newest item so far, None in an empty thread: if an answer is lost, what comes
        after it is looked through for the messages.
        """

    async def recover(
        self,
        identifier: str,
        messages: Sequence[Mapping[str, object]],
        after: str | None,
        holds: Callable[[str], bool],
    ) -> list[MessageRecord]:
        """Find those of the messages, from the first on, that a run that died has added behind ``after``."""

    def messages(self, identifier: str) -> AsyncIterator[MessageRecord]:
        """Return the messages, oldest first; items of other types are left out."""

    async def own(self, identifier: str, ids: Sequence[str]) -> Own:
        """Read these messages in as few calls as possible; what is absent for certain is left out."""

    async def others(self, identifier: str, own: Collection[str]) -> Others:
        """Look for items, of any type, that are not ``own``. The first page that has some is the last."""

    async def message(self, identifier: str, message_id: str) -> MessageRecord | None:
        """Read one message; None only if the API itself says that it, or its thread, does not exist."""

    async def update_message(self, identifier: str, message_id: str, metadata: MetadataChange) -> Updated:
        """Write our pairs of a message; nothing to do on the Conversations API, which keeps none."""

    async def delete_message(self, identifier: str, message_id: str) -> bool | None:
        """Delete a message; return False if it was gone already, None if the server can't delete any."""
