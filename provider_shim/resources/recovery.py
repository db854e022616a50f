"""What interrupted runs have left: noted in the journal, looked up in the state, taken over or named.

An id that was answered is not stored yet. A record stays, and nobody hears of it, until a later run brings
its id from the state, or until the same content is to be made again. Then the state is asked for, once a run:
what it holds is settled, what it does not hold is taken over, and what can't be known is named.
"""

import os
from _thread import allocate_lock
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from provider_shim.contract.provider import ENVIRONMENT
from provider_shim.journal.place import journal_of
from provider_shim.system.parent import command, identity, is_there, parent
from provider_shim.terraform.diagnostics import Diagnostic, Failure, error, warning

# Pathlib and what opens a journal cost each start more than the work here.
# ruff: noqa: PTH109, PTH110
if TYPE_CHECKING:
    from provider_shim.journal.file import Unusable
    from provider_shim.journal.journal import Journal, Pending
    from provider_shim.journal.matches import Account
    from provider_shim.journal.records import Lookup, Record, Run
    from provider_shim.resources.connection import Connection
    from provider_shim.system.engine_state import Resources
    from provider_shim.terraform.handler import Change, State, Work

LONGEST_END: Final = 75.0
"""Seconds to wait for the provider of an interrupted run, which may wait for the API to answer."""
BETWEEN_LOOKS: Final = 0.25
_WAYS: Final = (
    f"Set `journal` in the provider, or {ENVIRONMENT['journal']} in the environment, to a folder on a file "
    "system with room, that can be written and has POSIX locks; or to `off`, to go without."
)


class Recovery:
    """The journal and the state of the stack, as the resources use them."""

    def __init__(self, connection: "Connection") -> None:
        """Work for this connection."""
        self._connection = connection
        self._terraform = parent()
        self._chosen: str | None = None
        self._journal: Journal | None = None
        self._seen: set[str] = set()
        """Ids that a prior state has told, and that are not gone."""
        self._imported: set[str] = set()
        self._looks = False
        self._asking = allocate_lock()
        self._asked_state = False
        self._resources: Resources | None = None
        self._said_off = False
        self.adopted: set[str] = set()
        """Ids that a create of this process has taken over."""

    def choose(self, journal: str | None) -> None:
        """Take what the provider's configuration says of the journal's place."""
        self._chosen = journal

    # --- creates ------------------------------------------------------------------------

    def planned(self, change: "Change[State]", type_name: str, content: Mapping[str, Any]) -> None:
        """Say what earlier runs have left of what is planned to be made.

        Args:
            change: Takes the diagnostics.
            type_name: What is to be made.
            content: What tells it from others: the same as ``pending`` gets.
        """
        journal = self._existing()
        if journal is None:
            return
        from provider_shim.journal.file import Unusable  # noqa: PLC0415 - as above
        from provider_shim.journal.records import digest  # noqa: PLC0415 - as above

        with suppress(Unusable):  # only who makes something needs the journal
            asked = type_name, digest(type_name, content)
            if any(each.id for each, _ in journal.judged(*asked, None)):
                self._ask_state()
            self._say(change.diagnostics, journal, asked)

    def _say(self, diagnostics: list[Diagnostic], journal: "Journal", asked: tuple[str, str]) -> None:
        from provider_shim.journal.matches import Standing  # noqa: PLC0415 - as above

        judged = journal.judged(*asked, self._ids)
        journal.forget(*(each for each, what in judged if what is Standing.STORED))
        standings = {each.key: what for each, what in judged}
        for each in journal.name(each for each, what in judged if what is not Standing.STORED):
            if standings[each.key] is Standing.FREE:
                diagnostics.append(_free(each))
            elif standings[each.key] is Standing.UNANSWERED:
                diagnostics.append(_unanswered(each, journal, "Applying looks for it and takes it over."))
            else:
                diagnostics.append(self._named(each, journal))

    @asynccontextmanager
    async def pending(
        self,
        work: "Work[State]",
        type_name: str,
        content: Mapping[str, object],
        lookup: "Lookup | None" = None,
    ) -> "AsyncIterator[Pending]":
        """Stand around a create: whatever dies, the journal knows what was made.

        Leaving without an id settles the record, unless it is unknown whether the object was made.

        Args:
            work: Takes the diagnostics.
            type_name: What is made.
            content: What tells it from others.
            lookup: How it is found in a list, where there is one.

        Raises:
            Failure: nothing can be noted; or the API gave the id of another resource.
        """
        from provider_shim.api.problem import ApiProblem, Uncertain  # noqa: PLC0415 - as above

        pending = await self._begun(work, type_name, content, lookup)
        try:
            yield pending
            if pending.id is not None and not pending.earlier:
                await self._check_owner(pending, lookup)
        except (ApiProblem, Failure) as failure:
            if not isinstance(failure, Uncertain) and pending.id is None:
                self._refused(pending)
            raise
        else:
            if pending.id is None:
                self._refused(pending)
        finally:
            if pending.id is not None:
                await self._on_disk(work, pending)

    async def _begun(
        self, work: "Work[State]", type_name: str, content: Mapping[str, object], lookup: "Lookup | None"
    ) -> "Pending":
        from provider_shim.journal.file import Unusable  # noqa: PLC0415 - as above
        from provider_shim.journal.journal import Pending  # noqa: PLC0415 - as above
        from provider_shim.journal.records import Record, digest  # noqa: PLC0415 - as above

        journal = self._opened()
        asked = type_name, digest(type_name, content)
        if journal is None:
            self._say_off(work)
            return Pending(None, Record("", 0, *asked, 0, ""), [])
        try:
            if journal.anew().same(*asked):
                await self._wait(journal, asked)
                if any(each.id for each, _ in journal.judged(*asked, None)):
                    import asyncio  # noqa: PLC0415 - as above

                    await asyncio.to_thread(self._ask_state)
            pending = journal.begin(*asked, lookup, self._ids)
            try:
                await journal.on_disk()
            except Unusable:
                self._refused(pending)
                raise
            work.diagnostics += [self._named(each, journal) for each in journal.name(pending.named)]
            if pending.adopted:
                self.adopted.add(pending.adopted)
        except Unusable as problem:
            raise Failure(_unusable(problem)) from problem
        return pending

    async def _wait(self, journal: "Journal", asked: tuple[str, str]) -> None:
        """Wait until the provider of an interrupted run has ended: the API may not have answered it yet."""
        for _ in range(int(LONGEST_END / BETWEEN_LOOKS)):
            if not journal.waits_for(*asked, is_there):
                break
            await self._connection.client.pause(BETWEEN_LOOKS, "waiting for an interrupted run to end")

    async def _on_disk(self, work: "Work[State]", pending: "Pending") -> None:
        """Say an id that the journal could not take: it is in no other place until the state is stored."""
        from provider_shim.journal.file import Unusable  # noqa: PLC0415 - as above

        problem = pending.problem
        if problem is None and self._journal is not None:
            try:
                await self._journal.on_disk()
            except Unusable as failed:
                problem = failed
        if problem is not None:
            work.diagnostics.append(
                error(
                    "The journal could not note an id",
                    f"{pending.id} was made ({pending.record.type_name}), and {problem}. It is in the answer "
                    f"to Terraform. Should the state not be saved, nothing but this text tells it. {_WAYS}",
                )
            )

    @staticmethod
    def _refused(pending: "Pending") -> None:
        from provider_shim.journal.file import Unusable  # noqa: PLC0415 - as above

        with suppress(Unusable):
            pending.refused()

    async def _check_owner(self, pending: "Pending", lookup: "Lookup | None") -> None:
        """Refuse an id that another resource has: some servers keep equal uploads once."""
        identifier, type_name = str(pending.id), pending.record.type_name
        if lookup is not None and lookup.thread is not None:
            return
        journal = self._journal
        holders = (
            [] if journal is None else [e for e in journal.holders(identifier, pending.record) if not e.why]
        )
        under_way = journal is not None and any(
            journal.run.engine in journal.anew().engines_of(each) or each.run == journal.run.run
            for each in holders
        )
        if under_way:
            owner = f"another {type_name} of this apply"
        elif (
            holders
            or identifier in self._seen
            or (lookup is not None and identifier in (lookup.before or ()))
        ):
            import asyncio  # noqa: PLC0415 - as above

            await asyncio.to_thread(self._ask_state)
            if self._ids is not None and identifier not in self._ids:
                return
            owner = (
                "perhaps another resource (the state can't be read)"
                if self._ids is None
                else self._ids[identifier]
            )
        else:
            return
        self._refused(pending)
        raise Failure(
            error(
                f"One {type_name} can't be two resources",
                f"The API answered this create with {identifier}, and {owner} has it already: the server "
                "keeps equal contents once. Nothing was deleted. Use the one resource in both places, or "
                "give this one another name or content.",
            )
        )

    def _say_off(self, work: "Work[State]") -> None:
        if not self._said_off:
            self._said_off = True
            work.diagnostics.append(
                warning(
                    "The journal is off",
                    "If this run is interrupted, what it has made at the API and what no state holds yet is "
                    f"known nowhere. `journal` in the provider, or {ENVIRONMENT['journal']} in the "
                    "environment, says so: name a folder there to have one.",
                )
            )

    # --- what becomes of objects --------------------------------------------------------

    def stored(self, *identifiers: str) -> None:
        """Note that a prior state holds these ids. After an import in this run that proves nothing."""
        self._seen.update(identifiers)
        self._note("stored", *(each for each in identifiers if each not in self._imported))

    def gone(self, *identifiers: str) -> None:
        """Note that the objects are gone."""
        self._seen.difference_update(identifiers)
        self._note("gone", *identifiers)

    def only_looks(self) -> None:
        """Note that this process reads for a query: nothing of it goes into a state."""
        self._looks = True

    def imported(self, *identifiers: str) -> None:
        """Note that the objects are being imported."""
        if self._looks:
            return
        self._imported.update(identifiers)
        self._note("imported", *identifiers)

    def _note(self, what: str, *identifiers: str) -> None:
        if not identifiers or (self._journal is None and not self._is_there):
            return
        from provider_shim.journal.file import Unusable  # noqa: PLC0415 - as above

        with suppress(Unusable):  # a folder that can't be written is a matter of creates alone
            journal = self._existing()
            if journal is not None:
                getattr(journal, what)(*identifiers)

    async def hand_over(self, type_name: str, contents: Mapping[str, Mapping[str, object]]) -> None:
        """Note objects that leave the state for a create of this run to go on with: as if it had made them.

        Args:
            type_name: What they are.
            contents: What such a create asks for, by id: what ``pending`` gets.

        Raises:
            Failure: they can't be noted.
        """
        from provider_shim.journal.file import Unusable  # noqa: PLC0415 - as above
        from provider_shim.journal.records import digest  # noqa: PLC0415 - as above

        self._seen.difference_update(contents)
        journal = self._opened()
        if journal is None:
            return
        try:
            journal.hand_over(type_name, {each: digest(type_name, what) for each, what in contents.items()})
            await journal.on_disk()
        except Unusable as problem:
            raise Failure(_unusable(problem)) from problem

    def retain(self, type_name: str, identifier: str, why: str) -> str:
        """Note an object that leaves the state and stays at the API; return where it is listed."""
        from provider_shim.journal.file import Unusable  # noqa: PLC0415 - as above
        from provider_shim.journal.records import WHY  # noqa: PLC0415 - as above

        assert why in WHY
        journal = self._opened()
        if journal is None:
            return "The journal is off, so nothing lists it"
        try:
            journal.retain(type_name, identifier, why)
        except Unusable as problem:
            return f"It could not be noted in the journal ({problem})"
        return "`openai-thread orphans` lists it"

    def in_state(self, identifier: str) -> bool:
        """Return whether Terraform is known to have this object."""
        return identifier in self._seen or identifier in (self._ids or ())

    def holds(self, identifier: str) -> bool:
        """Return whether Terraform, or a record, has this object: so it is no lost one."""
        found = self._existing()
        return self.in_state(identifier) or (found is not None and found.knows(identifier))

    def unanswered(self, looked_for: str) -> "list[Record]":
        """Return what others have asked for without an answer, and looks like an object of this digest."""
        found = self._existing()
        return found.unanswered(looked_for) if found is not None else []

    # --- the state ----------------------------------------------------------------------

    async def resources(self) -> "Resources | None":
        """Return the resources in the state of this stack; None where it can't be read.

        It is asked for once in a run.
        """
        import asyncio  # noqa: PLC0415 - as above

        await asyncio.to_thread(self._ask_state)
        return self._resources

    def _ask_state(self) -> None:
        with self._asking:  # who comes meanwhile waits for the same answer
            if not self._asked_state:
                self._pull()
                self._asked_state = True

    def _pull(self) -> None:
        from pathlib import Path  # noqa: PLC0415 - as above

        from provider_shim.system.engine_state import Unreadable, pulled  # noqa: PLC0415 - as above
        from provider_shim.system.options import names_state  # noqa: PLC0415 - as above

        engine = command(self._terraform)
        if engine and not names_state(self._terraform, os.environ):
            with suppress(Unreadable):
                self._resources = pulled(engine, Path.cwd(), os.environ)

    @property
    def _ids(self) -> Mapping[str, str] | None:
        """The ids in the state, with their addresses; None where it was not asked for, or can't be read."""
        if self._resources is None:
            return None
        return self._addresses

    @cached_property
    def _addresses(self) -> Mapping[str, str]:
        from provider_shim.system.engine_state import addresses  # noqa: PLC0415 - as above

        return addresses(self._resources or [])

    # --- the journal --------------------------------------------------------------------

    @cached_property
    def _path(self) -> str | None:
        # Terraform starts the provider in the stack's folder.
        return journal_of(os.getcwd(), self._chosen)

    @property
    def _is_there(self) -> bool:
        return self._path is not None and os.path.exists(self._path)

    def _opened(self) -> "Journal | None":
        if self._journal is None and self._path is not None:
            from pathlib import Path  # noqa: PLC0415 - as above

            from provider_shim.journal.journal import Journal  # noqa: PLC0415 - as above

            origin = self._connection.settings.origin
            self._journal = Journal(Path(self._path), self._run, self._account, origin)
        return self._journal

    def _existing(self) -> "Journal | None":
        if self._journal is None and not (self._connection.ready and self._is_there):
            return None
        return self._opened()

    def _run(self) -> "Run":
        from pathlib import Path  # noqa: PLC0415 - as above

        from provider_shim.journal.records import Run  # noqa: PLC0415 - as above
        from provider_shim.journal.stack import stack_of, workspace  # noqa: PLC0415 - as above
        from provider_shim.system.options import names_state  # noqa: PLC0415 - as above

        folder = Path.cwd()
        return Run(
            0,
            identity(self._terraform),
            tuple(command(self._terraform) or ()),
            str(folder),
            os.environ.get("TF_DATA_DIR"),
            workspace(folder, os.environ),
            stack_of(folder, Path(str(self._path)), os.environ, names_state(self._terraform, os.environ)),
        )

    def _account(self) -> "Account":
        from provider_shim.journal.matches import Account  # noqa: PLC0415 - as above

        return Account(self._connection.settings.identity, self._connection.account)

    def _named(self, record: "Record", journal: "Journal") -> Diagnostic:
        if record.id is None:
            return _unanswered(record, journal, "")
        if record.imported:
            reason = "A run has read it for an import, and it was not seen in the state since"
        elif self._ids is None:
            reason = "Whether the state holds it is not known: the state can't be read from here"
        else:
            reason = "Whether this account made it is not known: the key or a header is another one now"
        return warning(
            f"An {record.type_name} of an interrupted run may be in no state",
            f"{_begin(record)} {record.id}. {reason}. It is not taken over: another one is made. "
            "`openai-thread orphans` tells more; if it is yours and in no state, import it or delete it.",
        )

    def close(self) -> None:
        """Let go of the journal."""
        if self._journal is not None:
            self._journal.close()


def _begin(record: "Record") -> str:
    from provider_shim.journal.records import when  # noqa: PLC0415 - as above

    return f"A run at {when(record.at)} asked {record.origin} for"


def _free(record: "Record") -> Diagnostic:
    if record.adds:
        return _unanswered_messages(record, "Applying takes them over.")
    return warning(
        f"An {record.type_name} of an interrupted run is in no state",
        f"{_begin(record)} {record.id} and ended before its id was stored. Applying takes it over; if it is "
        "not wanted any more, `openai-thread orphans --delete` deletes it.",
    )


def _unanswered(record: "Record", journal: "Journal", next_step: str) -> Diagnostic:
    where = f"See {journal.path.name}, and `openai-thread orphans`."
    if record.adds:
        return _unanswered_messages(record, f"Applying takes over those that are there. {where}")
    if not next_step:
        how = (
            "and the API has no list to find it in" if record.digest is None else "and it can't be looked for"
        )
        next_step = (
            f"If it exists, it is in no state, {how}. {where} Once you have seen to it: "
            "`openai-thread orphans --forget`."
        )
    return warning(
        f"An {record.type_name} may have been made, its id is not known",
        f"{_begin(record)} it and ended before the answer came. {next_step}",
    )


def _unanswered_messages(record: "Record", next_step: str) -> Diagnostic:
    return warning(
        f"Messages may have been added to {record.thread} that no state holds",
        f"{_begin(record)} them and ended before their ids were stored. {next_step}",
    )


def _unusable(problem: "Unusable") -> Diagnostic:
    what = {
        "read-only": "The folder, or the file, can't be written",
        "no locks": "The file system has no POSIX locks, which tell whether a run is alive",
        "no folder": "The folder does not exist",
        "full": "There is no room left",
        "failed": "The system reports a failure",
    }[problem.trouble]
    return error(
        "The journal can't be written",
        f"{problem}. {what}. Before anything is made at the API, it is noted there, so that it is found "
        f"again whatever happens; so nothing was made. {_WAYS}",
    )
