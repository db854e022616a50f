"""openai_thread: a conversation, or a thread of the Assistants API."""

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from provider_shim.contract.identifiers import api_of
from provider_shim.contract.limits import IMPORTED_MESSAGES, SWITCHED_OFF
from provider_shim.contract.thread import THREAD
from provider_shim.resources import messages as rules
from provider_shim.resources import metadata, ownership
from provider_shim.resources.connection import Connection, is_young
from provider_shim.resources.identifiers import checked_id
from provider_shim.resources.lifecycle import Lifecycle, absent, copied, private_data
from provider_shim.resources.moved import adapted, moved
from provider_shim.resources.ownership import Leaving, Ownership, Private
from provider_shim.resources.persistence import not_persisted, refusals
from provider_shim.resources.protection import THREADS, Protection
from provider_shim.resources.tools import response_tools
from provider_shim.terraform.diagnostics import Diagnostic, Failure, error, warning
from provider_shim.terraform.handler import Change, Source, Values, Work, resource
from provider_shim.terraform.values import UNKNOWN, unknown_paths

if TYPE_CHECKING:
    from collections.abc import Collection

    from provider_shim.api.records import MessageRecord, Others, Own, ThreadApi, ThreadRecord
    from provider_shim.contract.states import ThreadState

_TOOLS: Final = {"code_interpreter": "file_ids", "file_search": "vector_store_ids"}
_WITH_STEPS: Final = ("messages", "message_ids")
"""What an update reaches step by step; all else of the plan is in the state at once."""


@resource
class ThreadHandler:
    """Plan rules, create, read, update, delete, import and upgrade of a thread."""

    contract = THREAD

    def __init__(self, connection: Connection, *, alone: bool = True) -> None:
        """Work through the provider's connection.

        Args:
            connection: The provider's.
            alone: Whether each thread has an address of its own, which a rename changes.
        """
        self._connection = connection
        self._alone = alone
        self._lifecycle = Lifecycle(connection, THREAD.type_name, "thread")
        self._protection: Protection[ThreadState] = Protection(
            connection, THREADS, _made_here, self._of_others
        )

    # --- plan ---------------------------------------------------------------------------

    def plan_new(self, change: "Change[ThreadState]") -> None:
        """Promise what is known already of a thread that does not exist yet."""
        planned = change.planned
        assert planned is not None
        leaving = self._protection.planned_new(change.private, planned)
        api = self._connection.api
        _compute(planned, api)
        change.diagnostics += refusals(planned, api)
        if "id" not in leaving:
            # Of a replacement the first plan has said it.
            change.diagnostics += not_persisted(THREAD, None, planned, api)
            if self._alone:
                self._connection.renames.note(change, THREAD, "thread")
        planned["message_ids"] = rules.planned_ids(None, planned["messages"], 0)
        change.private = {"v": ownership.LAYOUT, "leaving": leaving}
        self._connection.recovery.planned(change, THREAD.type_name, planned)

    async def plan(self, change: "Change[ThreadState]") -> None:
        """Decide between in place and replace, and promise what is known already."""
        prior, planned = change.prior, change.planned
        if prior is None:
            self.plan_new(change)
        else:
            self._connection.recovery.stored(prior["id"], *(prior["message_ids"] or ()))
            if planned is None and self._alone:
                self._connection.renames.note(change, THREAD, "thread")
        private = await self._protection.planned(change)
        if prior is None or planned is None or private is None:
            return
        api = prior["api"]
        _compute(planned, api)
        change.diagnostics += refusals(planned, api, prior["messages"])
        change.diagnostics += not_persisted(THREAD, prior, planned, api)
        gone = ownership.released_attributes(prior, planned, private)
        change.diagnostics += ownership.released(gone, prior["id"])
        change.diagnostics += await metadata.planned(
            self._connection,
            change,
            private.get("metadata", Ownership()),
            lambda each: self._api(api).read(each),
        )
        step, released = _step(prior, planned["messages"], private)
        if step.replace:
            change.replace.append(step.replace)
        elif private.get("missing"):
            self._plan_repair(change, private)
        if await self._protection.replaced(change):
            return
        change.diagnostics += _released_messages(prior, planned, private, step.unchanged)
        settings = [f"messages[{index}].{name}" for index, name in released if index < step.unchanged]
        change.diagnostics += ownership.released(settings, prior["id"])
        planned["message_ids"] = rules.planned_ids(prior["message_ids"], planned["messages"], step.unchanged)

    async def _of_others(self, leaving: Leaving, known: "Collection[str]") -> "Others":
        return await self._api(leaving["api"]).others(leaving["id"], {*leaving["own"], *known})

    def _plan_repair(self, change: "Change[ThreadState]", private: Private) -> None:
        """Replace a thread that has lost messages of ours, once a flag allows to lose or to keep the rest."""
        assert change.planned is not None
        assert change.prior is not None
        identifier, missing = change.prior["id"], private.get("missing", [])
        if any(self._protection.allowed(change.planned)):
            change.planned["id"] = UNKNOWN
            change.replace.append(("id",))
            return
        change.diagnostics.append(
            warning(
                "Messages are missing, and others have written to the thread",
                f"{identifier} lacks {len(missing)} of its messages ({rules.some(missing)}): they were "
                "deleted at the API. Only a new thread could have them again, and it would lack what others "
                "have written, so nothing is changed. To make a new one all the same: "
                "retain_on_destroy = true keeps the old one at the API, force_destroy = true deletes it.",
                ("messages",),
            )
        )

    # --- create -------------------------------------------------------------------------

    async def create(self, work: "Work[ThreadState]") -> None:
        """Make the thread, then its messages; each id is in the state as soon as it exists."""
        planned = work.planned
        work.private = {"v": ownership.LAYOUT}
        api = self._api(planned["api"])
        async with self._connection.recovery.pending(work, THREAD.type_name, planned) as pending:
            record = await self._lifecycle.taken_over(work, pending, api.read)
            adopted = record is not None
            if record is None:
                record = await api.create(planned["metadata"], planned["tool_resources"], planned)
            pending.made(record.id)
        work.state = {
            **planned,
            "id": record.id,
            "created_at": record.created_at,
            "messages": [],
            "message_ids": [],
        }
        self._connection.note_account(work.private)
        metadata.note(work, Ownership(), None, record.metadata)
        newest = None
        if adopted:
            await self._adopt(work, api, record)
            newest = await api.newest(record.id)
        # The thread's own line leads to these too.
        async for ids in api.add_messages(record.id, _missing(work), newest):
            _hold(work, ids, api.answered)
        work.state["messages"] = planned["messages"]

    async def _adopt(self, work: "Work[ThreadState]", api: "ThreadApi", record: "ThreadRecord") -> None:
        """Go on with a thread that an earlier run made, and of which Terraform never heard."""
        wanted = _missing(work)
        async for message in api.messages(record.id):
            done = len(work.reached["message_ids"] or ())
            if done == len(wanted) or not rules.is_it(message, wanted[done]):
                break
            _hold(work, [message.id], {message.id: message})

    async def _append(self, work: "Work[ThreadState]", api: "ThreadApi") -> None:
        """Add messages to a thread that Terraform holds, or take over those of a run that died there."""
        state, new = work.reached, _missing(work)
        if new:
            newest = await api.newest(state["id"])
            content = {"id": state["id"], "messages": [rules.noted(each) for each in new]}
            lookup = api.lookup(state["id"], new, newest)
            async with self._connection.recovery.pending(work, THREAD.type_name, content, lookup) as pending:
                if pending.earlier:
                    after = pending.earlier[0].after
                    for record in await api.recover(
                        state["id"], new, after, self._connection.recovery.in_state
                    ):
                        _hold(work, [record.id], {record.id: record})
                        new = new[1:]
                async for ids in api.add_messages(state["id"], new, newest):
                    _hold(work, ids, api.answered)
                    pending.made(ids[-1])
                if not pending.id:
                    pending.made((state["message_ids"] or [""])[-1])
            work.private["added_at"] = int(time.time())
        state["messages"] = work.planned["messages"]

    # --- read ---------------------------------------------------------------------------

    async def read(self, work: "Work[ThreadState]") -> None:
        """Refresh what Terraform manages; what others write into the thread is theirs."""
        state = work.reached
        private = private_data(work)
        if self._connection.switched_off(state["id"]):
            work.state = None
            work.diagnostics.append(
                warning(
                    "The thread is gone with the Assistants API",
                    f"OpenAI switched the Assistants API off on {SWITCHED_OFF}, and {state['id']} with it. "
                    "It is removed from the state; the next apply makes a conversation with the configured "
                    "metadata and messages.",
                )
            )
            return
        api = self._api(state["api"])
        record = await self._lifecycle.refreshed(
            work, lambda: api.read(state["id"]), state["created_at"], state["message_ids"] or ()
        )
        if record is None:
            return
        self._connection.pairs[state["id"]] = record.metadata
        self._connection.read.add(state["id"])
        _refresh(state, record, private)
        if state["messages"]:
            await self._refresh_messages(work, api)
        elif state["message_ids"] is None:
            state["message_ids"] = []

    async def _refresh_messages(self, work: "Work[ThreadState]", api: "ThreadApi") -> None:
        state, private = work.reached, work.private
        held, ids = state["messages"] or [], state["message_ids"]
        if ids is None:  # a state of another provider: the messages are the first ones
            records = await _first(api, state["id"], len(held))
            state["message_ids"] = [record.id for record in records]
            state["messages"] = [rules.to_state(record) for record in records]
            private["imported_messages"] = state["message_ids"]
            return
        own = await api.own(state["id"], ids)
        young = is_young(state["created_at"]) or is_young(private.get("added_at"))
        if len(own.found) < len(ids) and young:
            # A list may lag behind. What counts is what is there after the last look.
            made_at = max(state["created_at"] or 0, private.get("added_at", 0))

            async def look() -> object:
                nonlocal own
                own = await api.own(state["id"], ids)
                return own if len(own.found) == len(ids) else None

            await self._connection.find(look, made_at)
        work.diagnostics += rules.note_unreadable(own.found.values(), private, state["id"])
        owners: dict[str, Ownership] = private.get("messages") or {}
        by_id = dict(zip(ids, held, strict=False))
        shown = {
            each: rules.refreshed(
                own.found.get(each), by_id[each], owners.get(each, Ownership()), state["api"]
            )
            for each in ids
            if each in by_id
        }
        left = await self._left(work, ids, own)
        ownership.keep(private, "others", bool(own.others or private.get("imported_messages")))
        ownership.keep(private, "missing", [each for each in left if each not in own.found])
        state["messages"] = [shown[each] for each in left if each in shown]
        state["message_ids"] = left

    async def _left(self, work: "Work[ThreadState]", ids: Sequence[str], own: "Own") -> list[str]:
        """Decide which messages stay in the state: those that are there, or all where others forbid a repair.

        What is missing at the end is added again in place. What is missing before needs a new thread.
        """
        there = [each for each in ids if each in own.found]
        last = max((index for index, each in enumerate(ids) if each in own.found), default=-1)
        before_the_last = list(ids[: last + 1])
        imported = work.private.get("imported_messages")
        # Flags are not asked here: the configuration may have others than the state.
        if before_the_last == there or not (own.others or imported):
            return there
        strangers = await self._connection.not_members(own.others.ids, work.reached["id"])
        no_others = not imported and not own.others.more and strangers is not None and not strangers
        return there if no_others else before_the_last

    # --- update -------------------------------------------------------------------------

    async def update(self, work: "Work[ThreadState]") -> None:
        """Change in place; the state follows step by step."""
        state, planned = work.reached, work.planned
        private = private_data(work)
        api = self._api(planned["api"])
        await self._update_thread(work, api, private)
        # What goes on with its value was not written by us.
        imported = [each for each in private.get("imported", ()) if _goes_on(each, state, planned)]
        work.state = state = copied(planned, state, _WITH_STEPS)
        ownership.keep(work.private, "imported", imported)
        step, _ = _step(state, planned["messages"], private)
        await self._trim(work, api, step.unchanged)
        for index in step.changed:
            await self._update_message(work, api, index)
        await self._append(work, api)

    async def _update_thread(self, work: "Work[ThreadState]", api: "ThreadApi", private: Private) -> None:
        """Write metadata and tool_resources, where ours differ."""
        state, planned = work.reached, work.planned
        owner = private.get("metadata", Ownership())
        pairs = ownership.metadata_change(state["metadata"], planned["metadata"], owner)
        resources = None
        if api.kind == "threads" and state["tool_resources"] != planned["tool_resources"]:
            resources = _resources_to_send(state, planned, private)
        held: Mapping[str, Any] = state
        wanted: Mapping[str, Any] = planned
        settings = {name: wanted[name] for name in api.settings if wanted[name] != held[name]}
        updated = None
        if pairs is not None or resources or settings:
            updated = await api.update(state["id"], pairs, resources, settings)
            work.diagnostics += ownership.warnings_of_update(state["id"], updated)
        there = updated.metadata if updated is not None and pairs is not None else None
        if state["metadata"] != planned["metadata"]:
            metadata.note(work, owner, state["metadata"], there)

    async def _update_message(self, work: "Work[ThreadState]", api: "ThreadApi", index: int) -> None:
        state = work.reached
        messages, ids = state["messages"] or [], state["message_ids"] or []
        message = (work.planned["messages"] or [])[index]
        identifier, before = ids[index], messages[index]["metadata"]
        owners: dict[str, Ownership] = dict(work.private.get("messages") or {})
        owner = owners.pop(identifier, Ownership())
        change = ownership.metadata_change(before, message["metadata"], owner)
        if change is not None:
            updated = await api.update_message(state["id"], identifier, change)
            work.diagnostics += ownership.warnings_of_update(identifier, updated)
            owner = ownership.after_write(owner, before, message["metadata"] or {}, updated.metadata)
            if owner:
                owners[identifier] = owner
            ownership.keep(work.private, "messages", owners)
        messages[index] = message

    async def _trim(self, work: "Work[ThreadState]", api: "ThreadApi", unchanged: int) -> None:
        state = work.reached
        imported = set(work.private.get("imported_messages", ()))
        ids, messages = state["message_ids"] or [], state["messages"] or []
        while len(ids) > unchanged:
            last = ids[-1]
            if last not in imported:
                if await api.delete_message(state["id"], last) is None:
                    raise Failure(_can_not_be_trimmed(state["id"], last))
                self._connection.recovery.gone(last)
            state["message_ids"] = ids = ids[:-1]
            state["messages"] = messages = messages[:-1]
        for name in ("imported_messages", "missing"):
            left = [each for each in work.private.get(name, ()) if each in ids]
            ownership.keep(work.private, name, left)

    # --- delete -------------------------------------------------------------------------

    async def delete(self, work: "Work[ThreadState]") -> None:
        """Delete the thread, unless it is to be retained or others have written to it unseen."""
        leaving = await self._protection.deleted(work)
        identifier, own = leaving["id"], leaving["own"]
        if self._connection.switched_off(identifier):
            self._connection.recovery.gone(identifier, *own)
            work.state = None
        elif await self._protection.keeps(work, leaving):
            self._connection.recovery.gone(*own)
        else:
            api = self._api(leaving["api"])
            if leaving.get("purge") and (stay := await api.purge(identifier)):
                work.diagnostics.append(_can_not_be_purged(identifier, stay))
            await self._lifecycle.delete(work, api.delete, leaving["account"], own)

    # --- import, upgrade, move ----------------------------------------------------------

    async def import_state(self, work: "Work[ThreadState]", identifier: str) -> None:
        """Read a thread by its id, with its messages."""
        checked_id(identifier, "a thread", "conv_… or thread_…")
        belongs = api_of(identifier)
        if self._connection.switched_off(identifier):
            raise Failure(
                error(
                    "The Assistants API is switched off",
                    f'"{identifier}" is a thread of the Assistants API, which OpenAI switched off on '
                    f"{SWITCHED_OFF}: it can't be read any more. Import a conversation (conv_…), or let "
                    "Terraform make a new one.",
                )
            )
        if belongs not in (None, self._connection.api):
            raise Failure(
                error(
                    "An id of the other API",
                    f'"{identifier}" belongs to the {belongs} API, and the provider is configured with '
                    f'api = "{self._connection.api}". Import with api = "{belongs}" in the provider, or '
                    f"give an id of the {self._connection.api} API.",
                )
            )
        api = self._api(self._connection.api)
        record = self._lifecycle.to_import(await api.read(identifier), f'thread "{identifier}"', api.kind)
        found = await _first(api, identifier, IMPORTED_MESSAGES + 1)
        if len(found) > IMPORTED_MESSAGES:
            found = found[:IMPORTED_MESSAGES]
            work.diagnostics.append(
                warning(
                    "Not all messages are imported",
                    f'"{identifier}" has more than {IMPORTED_MESSAGES:,} messages. The first '
                    f"{IMPORTED_MESSAGES:,} are in the state, the others stay in the thread, unmanaged.",
                )
            )
        ids = [each.id for each in found]
        self._connection.recovery.imported(identifier, *ids)
        work.diagnostics += rules.note_unsupported(found, lambda index: ("messages", index))
        work.state = absent(THREAD) | {
            **record.settings,
            "id": identifier,
            "object": "thread",
            "api": api.kind,
            "metadata": record.metadata or None,
            "tool_resources": record.tool_resources,
            "created_at": record.created_at,
            "messages": [rules.to_state(each) for each in found] or None,
            "message_ids": ids,
            "response_tools": response_tools(None, record.tool_resources),
        }
        work.private = {**_of_an_import(record, found, api.kind)}
        self._connection.note_account(work.private)

    def upgrade(self, version: int, state: Mapping[str, object]) -> Mapping[str, Any]:  # noqa: ARG002 - one old version
        """Take a state of schema version 0, as the retired providers wrote it."""
        return _from_elsewhere(adapted(THREAD, state))

    def move(self, source: Source) -> Values:
        """Take another provider's openai_thread."""
        return _from_elsewhere(moved(THREAD, source))

    # --- the two APIs -------------------------------------------------------------------

    def _api(self, kind: object) -> "ThreadApi":
        return self._connection.threads(kind)


def _of_an_import(record: "ThreadRecord", found: "Sequence[MessageRecord]", api: str) -> Private:
    """Return what is known beside the state of an import: all of it is somebody else's."""
    given = {"metadata": record.metadata, "tool_resources": record.tool_resources}
    private = Private(v=ownership.LAYOUT, imported=[name for name, value in given.items() if value])
    if record.metadata:
        private["metadata"] = ownership.after_import(record.metadata)
    if found:
        private["imported_messages"] = [each.id for each in found]
        if api == "threads":
            private["messages"] = {
                each.id: ownership.after_import(each.metadata) for each in found if each.metadata
            }
    return private


def _can_not_be_trimmed(identifier: str, message_id: str) -> Diagnostic:
    return error(
        "The server can't delete messages",
        f"The configuration lacks {message_id} of {identifier}, and the server deletes no messages: it would "
        "stay. Put the message back, or have a new thread made (terraform apply -replace=ADDRESS).",
        ("messages",),
    )


def _step(
    state: "ThreadState", planned: object, private: Private
) -> tuple[rules.Step, list[tuple[int, str]]]:
    """Return how the messages become the planned ones, and which settings of an import are let go of."""
    held, released = rules.without_released(
        state["messages"] or [],
        state["message_ids"] or [],
        planned,
        frozenset(private.get("imported_messages", ())),
    )
    return rules.step(held, planned, state["api"]), released


def _can_not_be_purged(identifier: str, ids: Sequence[str]) -> Diagnostic:
    return warning(
        "Items stay at the API",
        f"The server can't delete the items of a conversation, so purge_on_destroy left {len(ids)} of "
        f"{identifier}: {rules.some(ids)}. The conversation itself is deleted.",
    )


def _missing(work: "Work[ThreadState]") -> list[dict[str, Any]]:
    """Return the planned messages that the thread has not yet, as the API side takes them."""
    planned, done = work.planned, len(work.reached["messages"] or ())
    given: Sequence[Mapping[str, Any]] = work.config["messages"] or ()
    return [
        rules.sent(message, planned["api"], given[index], ("messages", index))
        for index, message in enumerate(planned["messages"] or ())
        if index >= done
    ]


def _hold(work: "Work[ThreadState]", ids: Sequence[str], made: "Mapping[str, MessageRecord]") -> None:
    """Put messages that exist now into the state, as they were planned, and note what was made of them."""
    state, planned = work.reached, work.planned
    state["message_ids"] = known = [*(state["message_ids"] or ()), *ids]
    state["messages"] = held = (planned["messages"] or [])[: len(known)]
    for message, identifier in zip(held[-len(ids) :], ids, strict=True):
        if identifier in made:
            sent = message["metadata"] or {}
            if owner := ownership.after_write(Ownership(), None, sent, made[identifier].metadata):
                work.private["messages"] = {**work.private.get("messages", {}), identifier: owner}


async def _first(api: "ThreadApi", identifier: str, count: int) -> "list[MessageRecord]":
    found: list[MessageRecord] = []
    if count:
        async for record in api.messages(identifier):
            found.append(record)
            if len(found) == count:
                break
    return found


def _made_here(prior: "ThreadState", private: Private) -> list[str]:
    """Return the ids of the messages that the resource made; those of an import are others'."""
    imported = set(private.get("imported_messages", ()))
    return [each for each in prior["message_ids"] or () if each not in imported]


def _compute(planned: Values, api: object) -> None:
    planned["object"] = "thread"
    planned["api"] = api
    planned["response_tools"] = response_tools(planned["tools"], planned["tool_resources"])


def _goes_on(name: str, state: Mapping[str, object], planned: Mapping[str, object]) -> bool:
    """Return whether an attribute has its value still: then who gave it has not changed."""
    return planned[name] is not None and planned[name] == state[name]


def _refresh(state: "ThreadState", record: "ThreadRecord", private: Private) -> None:
    """Take what the API says of what the state holds; what nobody configured stays out of it."""
    owner = private.get("metadata", Ownership())
    state["metadata"] = ownership.refreshed(state["metadata"], record.metadata, owner)
    if state["created_at"] is None:
        state["created_at"] = record.created_at
    values = cast("Values", state)
    values |= {name: told for name, told in record.settings.items() if values[name] is not None}
    held = state["tool_resources"]
    if held is None or state["api"] != "threads":
        return
    there = record.tool_resources or {}
    known = {tool: _used(there, tool) if held.get(tool) is not None else None for tool in _TOOLS}
    if any(_ids(held, tool) != _ids(there, tool) for tool in _TOOLS if held.get(tool) is not None):
        fresh: Any = known if any(each is not None for each in known.values()) else None
        state["tool_resources"] = fresh
        state["response_tools"] = response_tools(state["tools"], fresh)


def _ids(resources: Mapping[str, Any], tool: str) -> list[str]:
    return list((resources.get(tool) or {}).get(_TOOLS[tool]) or ())


def _used(resources: Mapping[str, object], tool: str) -> dict[str, Any] | None:
    ids = _ids(resources, tool)
    return {_TOOLS[tool]: ids} if ids else None


def _resources_to_send(state: "ThreadState", planned: "ThreadState", private: Private) -> dict[str, Any]:
    """Return the tools to write: ours, and an empty list for what we configured and do not any more."""
    before: Mapping[str, Any] = state["tool_resources"] or {}
    after: Mapping[str, Any] = planned["tool_resources"] or {}
    released = planned["tool_resources"] is None and "tool_resources" in private.get("imported", ())
    gone = [] if released else [tool for tool in _TOOLS if _ids(before, tool) and not after.get(tool)]
    return {
        **{tool: {_TOOLS[tool]: []} for tool in gone},
        **{tool: {_TOOLS[tool]: _ids(after, tool)} for tool in _TOOLS if after.get(tool) is not None},
    }


def _released_messages(
    prior: "ThreadState", planned: Values, private: Private, unchanged: int
) -> list[Diagnostic]:
    """Say which messages of an import the thread keeps, though the configuration lacks them."""
    if unknown_paths(planned["messages"]):
        return []
    imported = set(private.get("imported_messages", ()))
    gone = [each for each in (prior["message_ids"] or ())[unchanged:] if each in imported]
    return ownership.released([f"{len(gone)} message{'s' * (len(gone) > 1)}"] if gone else [], prior["id"])


def _from_elsewhere(known: Values) -> Values:
    """Complete a state of another provider."""
    return known | {
        "object": "thread",
        "api": known["api"] or api_of(known["id"]) or "conversations",
        # With messages a refresh finds them.
        "message_ids": known["message_ids"] or (None if known["messages"] else []),
        "response_tools": response_tools(known["tools"], known["tool_resources"]),
    }
