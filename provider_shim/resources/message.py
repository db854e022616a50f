"""openai_message: one message in a thread that is managed elsewhere."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

from provider_shim.api.problem import ApiProblem
from provider_shim.contract.limits import SWITCHED_OFF
from provider_shim.contract.message import MESSAGE
from provider_shim.resources import messages as rules
from provider_shim.resources import ownership
from provider_shim.resources.connection import Connection
from provider_shim.resources.identifiers import checked_id, split_ids
from provider_shim.resources.lifecycle import Lifecycle, absent, private_data
from provider_shim.resources.moved import adapted, moved
from provider_shim.resources.ownership import Ownership
from provider_shim.resources.persistence import message_refusals, not_persisted
from provider_shim.terraform.diagnostics import Diagnostic, Failure, warning
from provider_shim.terraform.handler import Change, Source, Values, Work, resource
from provider_shim.terraform.values import UNKNOWN

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping, Sequence

    from provider_shim.api.records import MessageRecord, ThreadApi
    from provider_shim.contract.states import MessageState
    from provider_shim.journal.records import Record


@resource
class MessageHandler:
    """Plan rules, create, read, delete and import of a message; every change replaces it."""

    contract = MESSAGE

    def __init__(self, connection: Connection) -> None:
        """Work through the provider's connection."""
        self._connection = connection
        self._lifecycle = Lifecycle(connection, MESSAGE.type_name, "message")
        # Of two equal messages at a time, a lost one could be taken for the other.
        self._turns: dict[tuple[str, str], asyncio.Lock] = {}

    def plan_new(self, change: "Change[MessageState]") -> None:
        """Refuse what the thread's API refuses, and say what it can't keep."""
        self._plan(change)

    async def plan(self, change: "Change[MessageState]") -> None:
        """Do the same for a message that there is: every change replaces it."""
        self._plan(change)

    def _plan(self, change: "Change[MessageState]") -> None:
        planned, prior = change.planned, change.prior
        if prior is not None:
            self._connection.recovery.stored(prior["id"])
            self._connection.members.add((prior["thread_id"], prior["id"]))
        if planned is None:
            return
        planned["object"] = "thread.message"
        api = self._connection.kind_of(planned["thread_id"])
        change.diagnostics += message_refusals(planned, api, held=prior)
        imported = prior is not None and change.private.get("imported_messages")
        held = rules.respelled(prior, planned) if prior is not None and imported else prior
        if held is not None and rules.tells_the_same(held, planned, api):
            # The same message, as a text or as a part, with files as attachments or as parts.
            said = ("content", "parts", "attachments")
            change.replace = [path for path in change.replace if path[0] not in said]
        # Asked a second time for a replacement, without the prior state: it has been said then.
        if not change.private.pop("replacing", False):
            change.diagnostics += not_persisted(MESSAGE, prior, planned, api)
        if prior is None:
            self._connection.recovery.planned(change, MESSAGE.type_name, planned)
        else:
            self._plan_metadata(change, prior, planned)
            brought = [each for each in change.private.get("imported", ()) if planned.get(each) is None]
            change.replace = [path for path in change.replace if path[0] not in brought]
            left = [each for each in brought if cast("Values", prior).get(each) is not None]
            change.diagnostics += ownership.released(left, prior["id"])
        if change.replace:
            change.private["replacing"] = True

    def _plan_metadata(self, change: "Change[MessageState]", prior: "MessageState", planned: Values) -> None:
        """Let go of what an import brought: no new message is made for that."""
        if planned["metadata"] is UNKNOWN:
            return
        owner = ownership.private_of(change.private, prior).get("metadata", Ownership())
        removed, released = ownership.leaving_keys(prior["metadata"], planned["metadata"], owner)
        left = {key: value for key, value in (prior["metadata"] or {}).items() if key not in released}
        if released and not removed and left == (planned["metadata"] or {}):
            change.replace = [path for path in change.replace if path[0] != "metadata"]
            change.diagnostics += ownership.released([f'metadata["{key}"]' for key in released], prior["id"])

    async def create(self, work: "Work[MessageState]") -> None:
        """Add the message at the end of the thread."""
        import asyncio  # noqa: PLC0415 - a plan that only creates needs none

        planned = work.planned
        thread_id = planned["thread_id"]
        api = self._api(thread_id)
        work.private = {"v": ownership.LAYOUT}
        new = [rules.sent(planned, api.kind, work.config)]
        digest = api.lookup(thread_id, new, None).digest
        turn = self._turns.setdefault((thread_id, digest), asyncio.Lock())
        async with turn, _as_one_message():
            newest = await api.newest(thread_id)
            lookup = api.lookup(thread_id, new, newest)
            async with self._connection.recovery.pending(work, MESSAGE.type_name, planned, lookup) as pending:

                async def recover(records: "Sequence[Record]") -> "MessageRecord | None":
                    holds = self._connection.recovery.holds
                    there = await api.recover(thread_id, new, records[0].after, holds)
                    return there[0] if there else None

                record = await self._lifecycle.taken_over(
                    work, pending, lambda each: api.message(thread_id, each), recover
                )
                if record is not None:
                    identifier = record.id
                else:
                    [[identifier]] = [ids async for ids in api.add_messages(thread_id, new, newest)]
                pending.made(identifier)
                work.state = {**planned, "id": identifier, "created_at": None}
        self._connection.note_account(work.private)
        self._connection.members.add((thread_id, identifier))
        if api.kind == "threads":
            # The answer tells it; a server may need seconds until it finds the message.
            record = record or api.answered.get(identifier) or await api.message(thread_id, identifier)
            work.state["created_at"] = (record.created_at if record else 0) or None
            if record is not None:
                sent = planned["metadata"] or {}
                if owner := ownership.after_write(Ownership(), None, sent, record.metadata):
                    work.private["metadata"] = owner
        else:
            # The Conversations API tells no time: it counts how long a list may lag behind.
            work.private["added_at"] = int(time.time())

    async def read(self, work: "Work[MessageState]") -> None:
        """Refresh the message; None where it, or its thread, is gone for certain."""
        state = work.reached
        if self._connection.switched_off(state["thread_id"]):
            work.state = None
            work.diagnostics.append(
                warning(
                    "The thread is gone with the Assistants API",
                    f"OpenAI switched the Assistants API off on {SWITCHED_OFF}, and {state['thread_id']} "
                    f"with it. The message {state['id']} is removed from the state. Give thread_id the id of "
                    "a conversation.",
                    ("thread_id",),
                )
            )
            return
        private = private_data(work)
        api = self._api(state["thread_id"])
        made_at = state["created_at"] or private.get("added_at")
        record = await self._lifecycle.refreshed(
            work, lambda: api.message(state["thread_id"], state["id"]), made_at
        )
        if record is None:
            return
        self._connection.members.add((state["thread_id"], state["id"]))
        work.diagnostics += rules.note_unreadable([record], work.private, state["thread_id"])
        fresh = rules.refreshed(record, state, private.get("metadata", Ownership()), api.kind)
        work.state = {**fresh, "created_at": state["created_at"] or record.created_at or None}

    async def update(self, work: "Work[MessageState]") -> None:
        """Let go of metadata that an import brought, or write a text as a part: all else replaces."""
        private = private_data(work)
        owner = private.get("metadata") or Ownership()
        imported = [key for key in owner.get("imported", ()) if key in (work.planned["metadata"] or {})]
        private["metadata"] = {**owner, "imported": imported}
        ownership.keep(work.private, "imported_messages", None)
        work.state = work.planned

    async def delete(self, work: "Work[MessageState]") -> None:
        """Delete the message from its thread."""
        state = work.reached
        if not self._connection.switched_off(state["thread_id"]):
            api = self._api(state["thread_id"])
            deleted = await api.delete_message(state["thread_id"], state["id"])
            if deleted is None:
                # Its thread, if that goes as well, does not hold it for somebody else's.
                self._connection.members.add((state["thread_id"], state["id"]))
                work.diagnostics.append(_can_not_be_deleted(state))
            elif not deleted:
                account = ownership.private_of(work.private, state).get("account", [])
                self._connection.check_absence(state["id"], account)
        self._connection.recovery.gone(state["id"])
        work.state = None

    async def import_state(self, work: "Work[MessageState]", identifier: str) -> None:
        """Read a message by THREAD_ID/MESSAGE_ID."""
        thread_id, message_id = split_ids(identifier, "THREAD_ID/MESSAGE_ID", "conv_…/msg_…")
        checked_id(thread_id, "a thread", "conv_… or thread_…")
        checked_id(message_id, "a message", "msg_…")
        api = self._api(thread_id)
        record = self._lifecycle.to_import(
            await api.message(thread_id, message_id),
            f'message "{message_id}" in the thread "{thread_id}"',
            api.kind,
            "both ids",
        )
        self._connection.recovery.imported(message_id)
        found = rules.to_state(record)
        work.diagnostics += rules.note_unsupported([record], lambda _: ())
        work.state = absent(MESSAGE) | {
            **{name: value for name, value in found.items() if name in MESSAGE.attributes},
            "id": message_id,
            "thread_id": thread_id,
            "object": "thread.message",
            "created_at": record.created_at or None,
        }
        work.private = {"v": ownership.LAYOUT, "imported_messages": [message_id]}
        if record.settings:
            work.private["imported"] = list(record.settings)
        if record.metadata:
            work.private["metadata"] = ownership.after_import(record.metadata)
        self._connection.note_account(work.private)

    def upgrade(self, version: int, state: "Mapping[str, object]") -> Values:  # noqa: ARG002 - one old version
        """Take a state of schema version 0, as the retired providers wrote it."""
        return {**adapted(MESSAGE, state), "object": "thread.message"}

    def move(self, source: Source) -> Values:
        """Take another provider's openai_message."""
        return {**moved(MESSAGE, source), "object": "thread.message"}

    def _api(self, thread_id: str) -> "ThreadApi":
        return self._connection.threads(self._connection.kind_of(thread_id))


def _can_not_be_deleted(state: "MessageState") -> Diagnostic:
    return warning(
        "The message stays in its thread",
        f"The server can't delete messages, so {state['id']} stays in {state['thread_id']}, and Terraform "
        "manages it no more. It goes when the thread is deleted.",
    )


@asynccontextmanager
async def _as_one_message() -> AsyncIterator[None]:
    """Point what is said of ``messages[0].content`` at ``content``."""
    try:
        yield
    except ApiProblem as problem:
        problem.path = problem.path[2:] if problem.path[:1] == ("messages",) else problem.path
        raise
    except Failure as failure:
        failure.diagnostics = tuple(
            each._replace(path=each.path[2:]) if each.path[:1] == ("messages",) else each
            for each in failure.diagnostics
        )
        raise
