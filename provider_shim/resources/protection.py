"""What destroys what: an object that others have put something into is not destroyed unasked.

It is looked at twice. A plan that would destroy it is an error, with the ways out. At the moment of
deletion it is looked at again, because a plan may be old or blind: then the object is kept, and named.
A delete never refuses, so nothing gets stuck.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple

from provider_shim.api.problem import ApiProblem
from provider_shim.contract.provider import ENVIRONMENT
from provider_shim.resources.connection import Connection, Flags
from provider_shim.resources.ownership import Leaving, Private, private_of
from provider_shim.terraform.diagnostics import Diagnostic, Failure, error, warning
from provider_shim.terraform.handler import Change, State, Work

if TYPE_CHECKING:
    from provider_shim.api.records import Others

Look = Callable[[Leaving, Collection[str]], Awaitable["Others"]]
"""Looks at the API for what is in an object beside its own parts and these ids."""
Own = Callable[[State, Private], list[str]]
"""Returns the ids of what the resource itself has put into the object of a state."""
Verb = Literal["Replacing", "Destroying"]


class Kind(NamedTuple):
    """How a kind of object is spoken of."""

    type_name: str
    noun: str
    part: str
    """What others put into it, in the singular."""
    done: str
    """What others have done, behind "that others have"."""
    always_seen: bool
    """Whether a refresh sees what others put in also where the resource has put in nothing."""

    def counted(self, others: "Others") -> str:
        """Return the number of what others have put into it: "2 items", "at least 3 items"."""
        return f"{others} {self.part}{'s' * (len(others.ids) != 1 or others.more)}"


THREADS = Kind("openai_thread", "thread", "item", "written to", always_seen=False)
STORES = Kind("openai_vector_store", "vector store", "file", "put files into", always_seen=True)


def flags_in(values: Mapping[str, object], connection: Connection) -> tuple[bool | None, bool | None]:
    """Return force and retain of a resource, completed by what is known of the provider now.

    None is what neither of them says: then the provider of the apply decides.
    """
    force, retain = values.get("force_destroy"), values.get("retain_on_destroy")
    if not isinstance(force, bool):
        force = True if force is None and connection.flags.force else None
    if not isinstance(retain, bool):
        retain = True if retain is None and connection.flags.retain else None
    return force, retain


def _with_purge(leaving: Leaving, values: Mapping[str, object]) -> Leaving:
    """Note whether what is in an object goes before it; nothing, where it does not."""
    leaving.pop("purge", None)
    if values.get("purge_on_destroy") is True:
        leaving["purge"] = True
    return leaving


def resolved(force: bool | None, retain: bool | None, connection: Connection) -> Flags:  # noqa: FBT001 - the two flags
    """Complete flags by what the provider says."""
    return Flags(
        connection.flags.force if force is None else force,
        connection.flags.retain if retain is None else retain,
    )


class Protection(Generic[State]):
    """Judges what becomes of objects of one kind."""

    def __init__(self, connection: Connection, kind: Kind, own: Own[State], look: Look) -> None:
        """Work through the provider's connection.

        Args:
            connection: The provider's.
            kind: How the objects are spoken of.
            own: Returns what the resource itself has put into an object.
            look: Looks for what others have put into it.
        """
        self._connection = connection
        self._kind = kind
        self._own = own
        self._look = look

    def allowed(self, values: Mapping[str, Any]) -> Flags:
        """Return what a resource's values, or else the provider, allow."""
        return resolved(*flags_in(values, self._connection), self._connection)

    # --- plan ---------------------------------------------------------------------------

    def planned_new(self, stored: Mapping[str, Any], planned: Mapping[str, Any]) -> Leaving:
        """Return the object that a planned create replaces; without an id where there is none.

        The old object goes by what the new configuration says.

        Args:
            stored: The private data of this plan: after a first plan of a replacement, what that one left.
            planned: The new values.
        """
        leaving: Leaving = stored.get("leaving") or Leaving()
        leaving["force"], leaving["retain"] = flags_in(planned, self._connection)
        return _with_purge(leaving, planned)

    async def planned(self, change: Change[State]) -> Private | None:
        """Judge the end of an object that goes, and note for the apply what it has to know of its end.

        Returns:
            What is known beside the state of an object that stays; None where there is none.
        """
        prior = change.prior
        if prior is None:
            leaving: Leaving = change.private["leaving"]
            if "id" in leaving and not leaving.get("judged"):
                await self._judge(change, leaving, "Replacing")
            return None
        private = private_of(change.private, prior)
        leaving = self._leaving(prior, private, prior if change.planned is None else change.planned)
        change.private = {**private, "leaving": leaving}
        if change.planned is None:
            leaving["destroy"] = True
            await self._judge(change, leaving, "Destroying")
            return None
        return private

    async def replaced(self, change: Change[State]) -> bool:
        """Judge the end of the old object, if the plan makes a new one; return whether it does."""
        if not change.replace:
            return False
        leaving: Leaving = change.private["leaving"]
        leaving["judged"] = True
        await self._judge(change, leaving, "Replacing")
        return True

    def _leaving(self, state: State, private: Private, flags: Mapping[str, object]) -> Leaving:
        """Return what the end of an object has to know.

        Args:
            state: The object.
            private: What is known beside its state.
            flags: The values whose flags hold: the state's, or the configuration's of a replacement.
        """
        force, retain = flags_in(flags, self._connection)
        leaving = Leaving(
            id=state["id"],
            own=self._own(state, private),
            others=private.get("others", False),
            account=private.get("account", []),
            force=force,
            retain=retain,
        )
        if "api" in state:
            leaving["api"] = state["api"]
        return _with_purge(leaving, flags)

    async def _judge(self, change: Change[State], leaving: Leaving, verb: Verb) -> None:
        """Report what is lost with an object: an error where that would be others' parts, unasked.

        Args:
            change: The plan. Where this run applies already, the moment of deletion decides.
            leaving: The object.
            verb: What the plan does.
        """
        flags = resolved(leaving.get("force"), leaving.get("retain"), self._connection)
        identifier, kind = leaving["id"], self._kind
        if self._connection.switched_off(identifier):
            return
        if flags.retain:
            change.diagnostics.append(
                warning(
                    f"The {kind.noun} stays at the API",
                    f"{identifier} is kept, as retain_on_destroy says, and Terraform manages it no more. "
                    "The apply notes it, and `openai-thread orphans` lists it."
                    + self._if_passed_over(
                        verb,
                        "Not with lifecycle.destroy = false: the provider is not asked then.",
                    )
                    + self._if_new(change),
                )
            )
            return
        if flags.force or change.applying or not self._connection.ready or self._saw_nothing(leaving, verb):
            return
        try:
            others, sure = await self._of_others(leaving)
        except (ApiProblem, Failure):
            return  # what is there is looked at again when it is deleted
        if others.ids:
            change.diagnostics.append(await self._judged(identifier, others, verb, sure=sure))

    def _saw_nothing(self, leaving: Leaving, verb: Verb) -> bool:
        """Return whether a refresh has just seen nothing of others in an object."""
        refreshed = leaving["id"] in self._connection.read or (
            verb == "Destroying" and self._connection.refreshed_before
        )
        return refreshed and (self._kind.always_seen or bool(leaving["own"])) and not leaving["others"]

    def _if_new(self, change: Change[State]) -> str:
        """Say what a flag that comes with the change itself can't do."""
        if change.prior is None or change.planned is None or self.allowed(change.prior).retain:
            return ""
        return (
            " With create_before_destroy the old one goes by the flag in its state: then apply "
            "retain_on_destroy first, and the change after."
        )

    def _if_passed_over(self, verb: Verb, text: str) -> str:
        """Return what has to be said of ``lifecycle.destroy = false``, where the engine has it.

        A replacement is planned without a word on it; a destroy is not even planned by the provider.
        """
        return f" {text}" if verb == "Replacing" and self._connection.may_be_passed_over else ""

    async def _judged(self, identifier: str, others: "Others", verb: Verb, *, sure: bool) -> Diagnostic:
        """Say what becomes of an object in which something of others is; ``sure``: not of this stack."""
        kind = self._kind
        ways = (
            f"To lose them with it: force_destroy = true. To keep the {kind.noun} at the API: "
            "retain_on_destroy = true. "
            + (
                "Set it on the resource, in the provider, or in the environment "
                if verb == "Replacing"
                else "Set it on the resource and apply that first; or, for one that has left the "
                "configuration too, in the provider or in the environment "
            )
            + f"({ENVIRONMENT['force_destroy']}=true, {ENVIRONMENT['retain_on_destroy']}=true)."
            + self._if_passed_over(
                verb,
                "The provider is not told of lifecycle.destroy = false: set retain_on_destroy beside it.",
            )
        )
        if not sure:
            return warning(
                f"{verb} a {kind.noun} that others may have {kind.done}",
                f"{identifier} holds {kind.counted(others)} that this resource did not make. Whether another "
                "resource of this stack made them is not known, because the state can't be read from here. "
                f"What none of them made is not deleted: the {kind.noun} is kept then. {ways}",
            )
        holds = f"{kind.counted(others)} that no resource of this stack made"
        if verb == "Destroying" and await self._connection.is_left_over(identifier):
            # Nobody asked for this now: a plan must not fail for what an application has done meanwhile.
            return warning(
                f"A {kind.noun} that others have {kind.done} is left over",
                f"An earlier apply has replaced {identifier} and could not delete it. It holds {holds}, so "
                "it is not deleted: it stays at the API, and Terraform manages it no more. To have it "
                f"deleted: force_destroy = true in the provider, or {ENVIRONMENT['force_destroy']}=true in "
                "the environment.",
            )
        return error(
            f"{verb} a {kind.noun} that others have {kind.done}",
            f"{identifier} holds {holds}, and that would be lost. {ways}",
        )

    # --- delete -------------------------------------------------------------------------

    async def deleted(self, work: Work[State]) -> Leaving:
        """Return what is known, at the moment of deletion, of the object of a state."""
        private = private_of(work.private, work.reached)
        planned = private.get("leaving") or Leaving()
        if planned and "id" not in planned:
            # Tainted: Terraform keeps from the plan, and from this delete, what is stored beside its state.
            private = private_of(
                await self._connection.private_of(work.reached["id"]) or private, work.reached
            )
        leaving = self._leaving(work.reached, private, work.reached)
        if "force" in planned:  # of a tainted object the plan knows no more than the new flags
            leaving["force"], leaving["retain"] = planned["force"], planned["retain"]
            _with_purge(leaving, {"purge_on_destroy": planned.get("purge")})
        if planned.get("id") == leaving["id"]:
            # The private data of a replacement is the new object's: the first plan knew of an import.
            leaving["own"] = planned["own"]
        leaving["account"] = planned.get("account") or leaving["account"]
        return leaving

    async def keeps(self, work: Work[State], leaving: Leaving) -> bool:
        """Decide whether the object stays at the API; say so, and note it in the journal, if it does."""
        said = await self._reason_to_keep(leaving)
        if said is None:
            return False
        work.diagnostics.append(said)
        work.state = None
        return True

    async def _reason_to_keep(self, leaving: Leaving) -> Diagnostic | None:
        flags = resolved(leaving.get("force"), leaving.get("retain"), self._connection)
        identifier, kind = leaving["id"], self._kind
        if flags.retain:
            listed = self._connection.recovery.retain(kind.type_name, identifier, "retained")
            return warning(
                f"The {kind.noun} stays at the API",
                f"{identifier} is kept, as retain_on_destroy says, and Terraform manages it no more. "
                f"{listed}, "
                "until it is imported or forgotten there.",
            )
        if flags.force:
            return None
        others, _ = await self._of_others(leaving)
        if not others.ids:
            return None
        listed = self._connection.recovery.retain(kind.type_name, identifier, "others")
        return warning(
            f"The {kind.noun} is kept: others have {kind.done} it",
            f"{identifier} holds {kind.counted(others)} that no resource of this stack is known to have "
            "made, and "
            "nothing allows to delete them. It stays at the API, and Terraform manages it no more. "
            f"{listed}. "
            "Import it, or delete it by its id. To have such a one deleted: force_destroy = true on the "
            "resource before it goes, or in the provider.",
        )

    async def _of_others(self, leaving: Leaving) -> tuple["Others", bool]:
        """Return what no resource of this stack made, and whether that is certain."""
        known: set[str] = set()
        while True:
            others = await self._look(leaving, known)
            if not others.ids:
                return others, True
            left = await self._connection.not_members(others.ids, leaving["id"])
            if left is None:
                return others, False
            if left or not others.more:
                return others._replace(ids=tuple(left)), True
            known.update(others.ids)
