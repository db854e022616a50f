"""openai_thread: a conversation, or a thread of the Assistants API."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from provider_shim.contract.limits import IMPORTED_MESSAGES
from provider_shim.contract.thread import THREAD
from provider_shim.resources import messages as rules
from provider_shim.resources.connection import Connection, taken_over
from provider_shim.resources.identifiers import PREFIXES, checked_id
from provider_shim.resources.kept import refusals, unkept
from provider_shim.resources.tools import response_tools
from provider_shim.terraform.diagnostics import Diagnostic, Failure, error, warning
from provider_shim.terraform.handler import Change, Values, Work

if TYPE_CHECKING:
    from provider_shim.api.records import ThreadApi, ThreadRecord


class ThreadHandler:
    """Plan rules, create, read, update, delete, import and upgrade of a thread."""

    contract = THREAD

    def __init__(self, connection: Connection) -> None:
        """Work through the provider's connection."""
        self._connection = connection

    async def validate(self, config: Values) -> list[Diagnostic]:  # noqa: ARG002 - the contract says it all
        """Nothing beyond the contract can be judged before the provider is configured."""
        return []

    # --- plan ---------------------------------------------------------------------------

    async def plan(self, change: Change) -> None:
        """Decide between in place and replace, and promise what is known already."""
        if change.prior is not None:
            self._connection.settle(change.prior["id"], *(change.prior["message_ids"] or ()))
        if change.planned is None:
            await self._warn_of_others(change, "Destroying")
            return
        api = change.prior["api"] if change.prior else self._connection.api
        planned = change.planned
        planned["object"] = "thread"
        planned["api"] = api
        planned["response_tools"] = response_tools(planned["tools"], planned["tool_resources"])
        change.diagnostics += refusals(planned, api)
        replacing = change.private.pop("replacing", False)
        if not replacing:
            change.diagnostics += unkept(change.prior, planned, api)
        step = rules.step((change.prior or {}).get("messages"), planned["messages"], api)
        if change.prior is not None and step.replace:
            change.replace.append(step.replace)
            change.private["replacing"] = True
            await self._warn_of_others(change, "Replacing")
            return
        ids = (change.prior or {}).get("message_ids")
        messages = planned["messages"]
        planned["message_ids"] = rules.planned_ids(ids, messages, step.kept)

    async def _warn_of_others(self, change: Change, verb: str) -> None:
        prior = change.prior
        if prior is None or prior.get("retain_on_destroy") or not self._connection.ready:
            return
        try:
            own = [*(prior["message_ids"] or ()), *self._connection.leaving]
            count = await self._api(prior["api"]).foreign(prior["id"], own)
        except Failure:
            return  # Terraform has just read the thread, or was told not to: no second opinion
        if count:
            change.diagnostics.append(
                warning(
                    f"{verb} a thread that others have written to",
                    f"{prior['id']} holds {count} item{'s' * (count > 1)} that this resource did not create, "
                    "lost with the thread. To keep it, set retain_on_destroy = true and apply that first.",
                )
            )

    # --- create -------------------------------------------------------------------------

    async def create(self, work: Work) -> None:
        """Make the thread, then its messages; each id is in the state as soon as it exists."""
        planned = _planned(work)
        api = self._api(planned["api"])
        async with self._connection.making(THREAD.type_name, planned) as entry:
            record = await api.read(entry.adopted) if entry.adopted else None
            adopted = record is not None
            if record is None:
                record = await api.create(planned["metadata"], planned["tool_resources"])
            entry.made(record.id)
        work.state = {
            **planned,
            "id": record.id,
            "created_at": record.created_at,
            "messages": [],
            "message_ids": [],
        }
        work.private["created"] = []
        newest = None
        if adopted:
            await self._adopt(work, api, record)
            newest = await api.newest(record.id)
        # The thread's own line leads to these too.
        async for ids in api.add_messages(record.id, _missing(work), newest):
            _hold(work, ids)
        work.state["messages"] = planned["messages"]

    async def _adopt(self, work: Work, api: "ThreadApi", record: "ThreadRecord") -> None:
        """Go on with a thread that an earlier run made, and of which Terraform never heard."""
        planned = _planned(work)
        work.diagnostics.append(taken_over("thread", record.id))
        wanted = planned["messages"] or []
        async for message in api.messages(record.id):
            done = len(_reached(work)["message_ids"])
            if done == len(wanted) or not rules.is_it(message, wanted[done]):
                break
            _hold(work, [message.id])

    async def _append(self, work: Work, api: "ThreadApi") -> None:
        """Add messages to a thread that Terraform holds, or take over those of a run that died there."""
        state, new = _reached(work), _missing(work)
        if new:
            newest = await api.newest(state["id"])
            content = {"id": state["id"], "messages": new}
            sought = api.sought(state["id"], new, newest)
            async with self._connection.making(THREAD.type_name, content, sought) as entry:
                if entry.earlier:
                    after = entry.earlier[0].after
                    for record in await api.lost(state["id"], new, after, self._connection.in_state):
                        _hold(work, [record.id])
                        new = new[1:]
                async for ids in api.add_messages(state["id"], new, newest):
                    _hold(work, ids)
                    entry.made(ids[-1])
                if not entry.id:
                    entry.made(state["message_ids"][-1])
        state["messages"] = _planned(work)["messages"]

    # --- read ---------------------------------------------------------------------------

    async def read(self, work: Work) -> None:
        """Refresh what Terraform manages; what others write into the thread is theirs."""
        state = _reached(work)
        if self._connection.switched_off(state["id"]):
            work.state = None
            work.diagnostics.append(
                warning(
                    "The thread is gone with the Assistants API",
                    f"OpenAI switched the Assistants API off on 2026-08-26, and {state['id']} with it. It "
                    "is removed from the state; the next apply makes a conversation with the configured "
                    "metadata and messages.",
                )
            )
            return
        api = self._api(state["api"])
        record = await api.read(state["id"])
        if record is None:
            work.state = None
            return
        self._connection.settle(state["id"], *(state["message_ids"] or ()))
        state |= _refreshed(state, record)
        if state["messages"]:
            await self._refresh_messages(work, api)
        elif state["message_ids"] is None:
            state["message_ids"] = []

    async def _refresh_messages(self, work: Work, api: "ThreadApi") -> None:
        state = _reached(work)
        held, ids = state["messages"], state["message_ids"]
        if ids is None:  # a state of another provider: the messages are the first ones
            found = await _first(api, state["id"], len(held))
            state["message_ids"] = [record.id for record in found]
        else:
            wanted, found = set(ids), []
            async for record in api.messages(state["id"]):
                if record.id in wanted:
                    wanted.discard(record.id)
                    found.append(record)
                    if not wanted:
                        break
        by_id = dict(zip(state["message_ids"], held, strict=False))
        state["messages"] = [rules.found(record, by_id.get(record.id), state["api"]) for record in found]
        state["message_ids"] = [record.id for record in found]

    # --- update -------------------------------------------------------------------------

    async def update(self, work: Work) -> None:
        """Change in place; the state follows step by step."""
        state, planned = _reached(work), _planned(work)
        api = self._api(planned["api"])
        if any(state[name] != planned[name] for name in ("metadata", "tool_resources")):
            stale = sorted(set(state["metadata"] or ()) - set(planned["metadata"] or ()))
            record = await api.update(state["id"], planned["metadata"], stale, planned["tool_resources"])
            work.diagnostics += _stayed(record, stale)
        for name in ("metadata", "tools", "tool_resources", "retain_on_destroy", "response_tools"):
            state[name] = planned[name]
        step = rules.step(state["messages"], planned["messages"], planned["api"])
        await self._trim(work, api, step.kept)
        for index in step.changed:
            message = planned["messages"][index]
            await api.update_message(state["id"], state["message_ids"][index], message.get("metadata"))
            state["messages"][index] = message
        await self._append(work, api)

    async def _trim(self, work: Work, api: "ThreadApi", kept: int) -> None:
        state = _reached(work)
        created = set(work.private.get("created", ()))
        while len(state["message_ids"] or ()) > kept:
            last = state["message_ids"][-1]
            if last in created:
                await api.delete_message(state["id"], last)
                self._connection.settle(last)
            state["message_ids"] = state["message_ids"][:-1]
            state["messages"] = state["messages"][:-1]

    # --- delete -------------------------------------------------------------------------

    async def delete(self, work: Work) -> None:
        """Delete the thread, unless it is to be retained."""
        state = _reached(work)
        if not state.get("retain_on_destroy") and not self._connection.switched_off(state["id"]):
            await self._api(state["api"]).delete(state["id"])
        self._connection.settle(state["id"], *(state["message_ids"] or ()))
        work.state = None

    # --- import, upgrade, move ----------------------------------------------------------

    async def import_state(self, work: Work, identifier: str) -> None:
        """Read a thread by its id, with its messages."""
        checked_id(identifier, "a thread", "conv_… or thread_…")
        belongs = next((api for prefix, api in PREFIXES.items() if identifier.startswith(prefix)), None)
        if self._connection.switched_off(identifier):
            raise Failure(
                error(
                    "The Assistants API is switched off",
                    f'"{identifier}" is a thread of the Assistants API, which OpenAI switched off on '
                    "2026-08-26: it can't be read any more. Import a conversation (conv_…), or let "
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
        record = await api.read(identifier)
        if record is None:
            raise Failure(
                error(
                    "Nothing to import",
                    f'There is no thread "{identifier}" on the {api.kind} API at '
                    f"{self._connection.base_url}. Check the id, base_url, project and key.",
                )
            )
        found = await _first(api, identifier, IMPORTED_MESSAGES + 1)
        if len(found) > IMPORTED_MESSAGES:
            found = found[:IMPORTED_MESSAGES]
            work.diagnostics.append(
                warning(
                    "Not all messages are imported",
                    f'"{identifier}" has more than {IMPORTED_MESSAGES} messages. The first '
                    f"{IMPORTED_MESSAGES} are in the state, the others stay in the thread, unmanaged.",
                )
            )
        state: Values = dict.fromkeys(THREAD.attributes)
        work.state = state | {
            "id": identifier,
            "object": "thread",
            "api": api.kind,
            "metadata": record.metadata or None,
            "tool_resources": record.tool_resources,
            "created_at": record.created_at,
            "messages": [rules.found(each, None, api.kind) for each in found] or None,
            "message_ids": [each.id for each in found],
            "response_tools": response_tools(None, record.tool_resources),
        }
        work.private["created"] = []

    async def upgrade(self, version: int, state: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002 - one old version
        """Take a state of schema version 0, as the retired providers wrote it."""
        return _from_elsewhere(state)

    async def move(
        self,
        source_provider: str,
        source_type: str,
        version: int,  # noqa: ARG002 - any version
        state: Mapping[str, Any],
    ) -> Mapping[str, Any]:
        """Take another provider's openai_thread."""
        if source_type != THREAD.type_name:
            raise Failure(
                error(
                    "Not a thread",
                    f"{source_type} of {source_provider} can't become an openai_thread. Allowed: "
                    "openai_thread of any provider. Import the thread instead.",
                )
            )
        return _from_elsewhere(state)

    # --- the two APIs -------------------------------------------------------------------

    def _api(self, kind: object) -> "ThreadApi":
        return self._connection.threads(kind)


def _planned(work: Work) -> Values:
    if work.planned is None:
        raise AssertionError("create and update have a plan")
    return work.planned


def _reached(work: Work) -> Values:
    if work.state is None:
        raise AssertionError("the object exists")
    return work.state


def _missing(work: Work) -> list[dict[str, Any]]:
    """Give the planned messages that the thread has not yet, as the API side takes them."""
    planned, done = _planned(work), len(_reached(work)["messages"] or ())
    return [rules.sent(each, planned["api"]) for each in (planned["messages"] or ())[done:]]


def _hold(work: Work, ids: list[str]) -> None:
    """Put messages that exist now into the state, as they were planned."""
    state, planned = _reached(work), _planned(work)
    state["message_ids"] = [*(state["message_ids"] or ()), *ids]
    state["messages"] = planned["messages"][: len(state["message_ids"])]
    work.private["created"] = [*work.private.get("created", ()), *ids]


async def _first(api: "ThreadApi", identifier: str, count: int) -> list[Any]:
    found: list[Any] = []
    if count:
        async for record in api.messages(identifier):
            found.append(record)
            if len(found) == count:
                break
    return found


def _refreshed(state: Values, record: "ThreadRecord") -> Values:
    """Give what the API says, and keep null and empty apart as they were configured."""
    fresh: Values = {}
    if dict(record.metadata) != (state["metadata"] or {}):
        fresh["metadata"] = dict(record.metadata) or None
    if state["created_at"] is None:
        fresh["created_at"] = record.created_at
    if record.tool_resources is not None and _ids(record.tool_resources) != _ids(state["tool_resources"]):
        fresh["tool_resources"] = record.tool_resources
    return fresh


def _ids(resources: Mapping[str, Any] | None) -> tuple[list[str], list[str]]:
    resources = resources or {}
    return (
        list((resources.get("code_interpreter") or {}).get("file_ids") or ()),
        list((resources.get("file_search") or {}).get("vector_store_ids") or ()),
    )


def _from_elsewhere(state: Mapping[str, Any]) -> Values:
    identifier = str(state.get("id") or "")
    known = {name: state.get(name) for name in THREAD.attributes}
    messages = [
        {name: each.get(name) for name in ("role", "content", "metadata", "attachments", "file_ids")}
        for each in known["messages"] or ()
    ]
    api = "threads" if identifier.startswith("thread_") else "conversations"
    return known | {
        "object": "thread",
        "api": known["api"] or api,
        "messages": messages or known["messages"],
        "message_ids": known["message_ids"],
        "response_tools": response_tools(known["tools"], known["tool_resources"]),
    }


def _stayed(record: "ThreadRecord", stale: list[str]) -> list[Diagnostic]:
    left = [key for key in stale if key in record.metadata]
    if not left:
        return []
    return [
        warning(
            "The server keeps removed metadata",
            f"{record.id}: {', '.join(left)} stayed although it was removed, and stayed again when it was "
            "sent as null. The next plan will show it as drift. Set it to an empty string, or replace the "
            "thread.",
            ("metadata",),
        )
    ]
