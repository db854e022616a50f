"""What the resources have in common: an object is taken over, found, gone, deleted, imported."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from provider_shim.contract.attributes import Contract
from provider_shim.contract.identifiers import HasId
from provider_shim.resources.connection import Connection, is_young, taken_over
from provider_shim.resources.ownership import Private, private_of
from provider_shim.terraform.diagnostics import Failure, error
from provider_shim.terraform.handler import State, Work

if TYPE_CHECKING:
    from collections.abc import Collection

    from provider_shim.journal.journal import Pending
    from provider_shim.journal.records import Record


Found = TypeVar("Found", bound=HasId)


class Lifecycle:
    """The steps of one type of resource that do not depend on the type."""

    def __init__(self, connection: Connection, type_name: str, noun: str) -> None:
        """Work through the provider's connection.

        Args:
            connection: The provider's.
            type_name: Such as `openai_vector_store`.
            noun: Such as `vector store`.
        """
        self._connection = connection
        self._type_name = type_name
        self._noun = noun

    async def taken_over(
        self,
        work: Work[State],
        pending: "Pending",
        read: Callable[[str], Awaitable[Found | None]],
        recover: "Callable[[Sequence[Record]], Awaitable[Found | None]] | None" = None,
    ) -> Found | None:
        """Return what an interrupted run has made of the same plan, None where there is nothing of it.

        Args:
            work: Takes the diagnostic.
            pending: The create under way.
            read: Reads an object by its id.
            recover: Looks for an object whose id was never answered.
        """
        record = None
        identifier = pending.adopted
        if identifier is not None:
            made_at = pending.earlier[0].at
            record = await self._connection.find(lambda: read(identifier), made_at)
        if record is None and recover is not None and pending.unanswered:
            record = await recover(pending.unanswered)
        if record is not None:
            work.diagnostics.append(taken_over(self._noun, record.id))
        return record

    async def refreshed(
        self,
        work: Work[State],
        look: Callable[[], Awaitable[Found | None]],
        made_at: float | None,
        parts: "Collection[str]" = (),
    ) -> Found | None:
        """Return the object of a state as the API has it; None if it is gone, which is then reported.

        Args:
            work: Takes diagnostics; its state becomes None where the object is gone.
            look: Reads the object; None only if the API itself says that it does not exist.
            made_at: When it was made, in Unix seconds; None where that is not known.
            parts: Ids of what the resource has put into the object.

        Raises:
            Failure: another account than the one that made the object does not find it.
        """
        identifier = work.reached["id"]
        record = await self._connection.find(look, made_at)
        if record is None:
            self._connection.check_absence(identifier, work.private.get("account", []))
            work.diagnostics += self._connection.new_database()
            self._leave(work, made_at)
            return None
        self._connection.recovery.stored(identifier, *parts)
        if "account" not in work.private:
            self._connection.note_account(work.private)
        return record

    async def delete(
        self,
        work: Work[State],
        call: Callable[[str], Awaitable[bool]],
        account: Sequence[str],
        parts: "Collection[str]" = (),
    ) -> None:
        """Delete the object of a state, and make sure that it is gone.

        Args:
            work: Takes diagnostics; its state is None afterwards.
            call: Deletes by id; False if the object was not there.
            account: Who made it; [] where that was not told.
            parts: Ids of what goes with it.

        Raises:
            Failure: another account than the one that made the object does not find it.
        """
        state = work.reached
        identifier, made_at = state["id"], state["created_at"]

        async def deleted() -> bool | None:
            return await call(identifier) or None

        if not await self._connection.find(deleted, made_at):
            self._connection.check_absence(identifier, account)
            if self._leave(work, made_at):
                return
        self._connection.recovery.gone(identifier, *parts)
        work.state = None

    def _leave(self, work: Work[State], made_at: float | None) -> bool:
        """Let go of an object that is not found; return whether it may exist all the same."""
        young = is_young(made_at)
        if young:
            work.diagnostics.append(self._connection.not_found_young(self._type_name, work.reached["id"]))
        work.state = None
        return young

    def to_import(self, record: Found | None, what: str, where: str, ids: str = "the id") -> Found:
        """Return what was read for an import.

        Args:
            record: None where nothing was found.
            what: What was asked for, with its id.
            where: Which API has not found it.
            ids: What the user has to check.

        Raises:
            Failure: there is no such object.
        """
        if record is None:
            raise Failure(
                error(
                    "Nothing to import",
                    f"There is no {what} on the {where} API at {self._connection.base_url}. Check {ids}, "
                    "base_url, project and key.",
                )
            )
        return record


def private_data(work: Work[State]) -> Private:
    """Return what is known beside a state, in today's layout and without what a plan has left.

    It is the work's own: what is changed in it is in Terraform's private state afterwards.
    """
    private = private_of(work.private, work.state)
    private.pop("leaving", None)
    work.private = cast("dict[str, Any]", private)
    return private


def copied(planned: State, state: State, but: "Collection[str]") -> State:
    """Return the state with what is planned, except for attributes that are reached step by step."""
    return cast("State", {**planned, **{name: state[name] for name in but}})


def absent(contract: Contract) -> Any:  # noqa: ANN401 - a state of whichever type the contract is of
    """Return a state with no attribute but the defaults, for an import to fill in."""
    return {name: attribute.default for name, attribute in contract.attributes.items()}
