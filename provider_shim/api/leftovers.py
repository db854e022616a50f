"""What can be done about an object that an interrupted run has left at the API.

Which calls that takes, the module of a type's calls says, in a function ``leftover``: of
``openai_vector_store`` it is ``vector_stores.py``. What has no such module is a thread.
"""

from collections.abc import Awaitable, Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple, Protocol

from provider_shim.api.client import Client
from provider_shim.contract.identifiers import HasId
from provider_shim.journal.records import Record


class Leftover(NamedTuple):
    """One object: look it up without an id, read and delete it with one."""

    look_up: Callable[[], Awaitable[str | None]]
    read: Callable[[str], Awaitable[object]]
    delete: Callable[[str], Awaitable[object]]


class Owners(Protocol):
    """Whose the objects at the API are."""

    def holds(self, identifier: str) -> bool:
        """Return whether an object has an owner."""

    def unanswered(self, looked_for: str) -> list[Record]:
        """Return the records without an answer whose object has this digest."""


def recovering(
    recover: Callable[[Sequence[Record]], Awaitable[HasId | None]], record: Record
) -> Callable[[], Awaitable[str | None]]:
    """Return how the object of a record is looked up where a list shows those of its kind."""

    async def look_up() -> str | None:
        found = await recover([record])
        return found.id if found else None

    return look_up


def leftover_of(record: Record, client: Client, owners: Owners) -> Leftover:
    """Return what can be done about the object of a record, whatever type that names."""
    name = f"{record.type_name.removeprefix('openai_')}s"
    there = name.isidentifier() and find_spec(f"{__package__}.{name}") is not None
    threads = import_module(f"{__package__}.threads")
    module = import_module(f"{__package__}.{name}") if there else threads
    made: Callable[[Record, Client, Owners], Leftover] = getattr(module, "leftover", threads.leftover)
    return made(record, client, owners)
