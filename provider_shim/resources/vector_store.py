"""openai_vector_store: a store whose files come and go in place, waited for until they are indexed."""

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from provider_shim.contract.vector_store import VECTOR_STORE
from provider_shim.resources.connection import Connection, taken_over
from provider_shim.resources.identifiers import checked_id
from provider_shim.resources.moved import moved
from provider_shim.terraform.diagnostics import Failure, error, warning
from provider_shim.terraform.handler import Change, Values, Work
from provider_shim.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from provider_shim.api.vector_stores import NewStore, VectorStoreRecord

_AT_THE_API = ("name", "metadata", "expires_after")
_OURS = ("wait_for_indexing", "timeout")
_COUNTS = ("in_progress", "completed", "failed", "cancelled", "total")
_ENDED_BADLY = ("failed", "cancelled")


class VectorStoreHandler:
    """Plan rules, create, read, update, delete and import of a vector store."""

    contract = VECTOR_STORE

    def __init__(self, connection: Connection) -> None:
        """Work through the provider's connection."""
        self._connection = connection

    # --- plan ---------------------------------------------------------------------------

    async def plan(self, change: Change) -> None:
        """Plan what indexing changes, and replace a store that has expired."""
        prior, planned = change.prior, change.planned
        if prior is not None:
            self._connection.settle(prior["id"])
        if planned is None:
            return
        planned["object"] = "vector_store"
        if prior is None:
            return
        if change.private.get("imported"):
            # The API does not tell these, and importing should not make the store anew.
            untold = [name for name in ("description", "chunking_strategy") if prior[name] is None]
            change.replace = [path for path in change.replace if path[0] not in untold]
        if prior["status"] == "expired":
            planned["status"] = UNKNOWN
            change.replace.append(("status",))
        if planned["file_ids"] is UNKNOWN or set(prior["file_ids"] or ()) != set(planned["file_ids"] or ()):
            planned["status"] = planned["file_counts"] = UNKNOWN

    # --- create -------------------------------------------------------------------------

    async def create(self, work: Work) -> None:
        """Make an empty store, then fill it; its id is in the state as soon as it exists."""
        planned, stores = _planned(work), self._connection.vector_stores
        new = _new(planned)
        sought = stores.sought(new)
        async with self._connection.making(VECTOR_STORE.type_name, planned, sought) as entry:
            record = await stores.read(entry.adopted) if entry.adopted else None
            if record is None and entry.lost:
                record = await stores.lost(entry.lost)
            adopted = record is not None
            if record is not None:
                work.diagnostics.append(taken_over("vector store", record.id))
            else:
                record = await stores.create(new)
            entry.made(record.id)
        work.state = {
            **planned,
            "id": record.id,
            "created_at": record.created_at,
            "file_ids": [],
            **_progress(record),
        }
        try:
            await self._fill(work, looked_at=adopted)
        except Failure:
            work.diagnostics.append(
                warning(
                    "The vector store exists, but is not ready",
                    f"Terraform marks {record.id} as tainted: the next apply replaces it, and indexes all "
                    "files anew. To go on with it instead: terraform untaint, then apply.",
                )
            )
            raise

    async def _fill(self, work: Work, *, looked_at: bool) -> None:
        """Make the store's files those of the plan; ``looked_at``: it may hold some already."""
        state, planned, stores = _reached(work), _planned(work), self._connection.vector_stores
        identifier, held = state["id"], list(state["file_ids"] or ())
        wanted = list(dict.fromkeys(planned["file_ids"] or ()))
        for file_id in dict.fromkeys(held):
            if file_id not in wanted:
                await stores.remove_file(identifier, file_id)
                state["file_ids"] = [each for each in state["file_ids"] if each != file_id]
        new = [each for each in wanted if each not in held]
        if new and looked_at:
            there = {each.id: each.status async for each in stores.files(identifier)}
            for file_id in new:
                if there.get(file_id) in _ENDED_BADLY:
                    await stores.remove_file(identifier, file_id)
            new = [each for each in new if there.get(each, "failed") in _ENDED_BADLY]
        async for batch in stores.add_files(identifier, new, _chunking(planned)):
            state["file_ids"] = [*(state["file_ids"] or ()), *batch]
        state["file_ids"] = planned["file_ids"]
        if set(held) != set(wanted):
            await self._settled(work, wanted)

    async def _settled(self, work: Work, wanted: list[str]) -> None:
        """Wait for indexing, if that is wished, and take the progress into the state."""
        state, planned, stores = _reached(work), _planned(work), self._connection.vector_stores
        identifier = state["id"]
        if not planned["wait_for_indexing"]:
            record = await stores.read(identifier)
            state.update(_progress(record) if record else {})
            return

        import logging  # noqa: PLC0415 - only who waits has anything to tell

        log = logging.getLogger(__name__)

        def report(progress: str) -> None:
            log.info("%s: %s", identifier, progress)

        try:
            record = await stores.wait(identifier, wanted, float(planned["timeout"]), report)
        except Failure:
            with suppress(Failure):  # the first one is what the user has to know
                await self._refresh(work)
            raise
        state.update(_progress(record))

    # --- read ---------------------------------------------------------------------------

    async def read(self, work: Work) -> None:
        """Refresh the store and its files; files that others added are theirs."""
        self._connection.settle(_reached(work)["id"])
        await self._refresh(work)

    async def _refresh(self, work: Work) -> None:
        state, stores = _reached(work), self._connection.vector_stores
        record = await stores.read(state["id"])
        if record is None:
            work.state = None
            return
        state.update(_refreshed(state, record))
        if state["file_ids"] and record.status != "expired":
            # A file that failed is missing, unless nobody wished to know.
            bad = _ENDED_BADLY if state["wait_for_indexing"] else ()
            there = {each.id async for each in stores.files(state["id"]) if each.status not in bad}
            state["file_ids"] = [each for each in state["file_ids"] if each in there]

    # --- update -------------------------------------------------------------------------

    async def update(self, work: Work) -> None:
        """Change in place; the state follows step by step."""
        state, planned = _reached(work), _planned(work)
        if any(state[name] != planned[name] for name in _AT_THE_API):
            stale = sorted(set(state["metadata"] or ()) - set(planned["metadata"] or ()))
            await self._connection.vector_stores.update(state["id"], _new(planned), stale)
        for name in (*_AT_THE_API, *_OURS, "description", "chunking_strategy"):
            state[name] = planned[name]
        work.private.pop("imported", None)
        await self._fill(work, looked_at=True)

    # --- delete -------------------------------------------------------------------------

    async def delete(self, work: Work) -> None:
        """Delete the store; its files stay."""
        identifier = _reached(work)["id"]
        await self._connection.vector_stores.delete(identifier)
        self._connection.settle(identifier)
        work.state = None

    # --- import -------------------------------------------------------------------------

    async def import_state(self, work: Work, identifier: str) -> None:
        """Read a store by its id, with all its files."""
        checked_id(identifier, "a vector store", "vs_…")
        stores = self._connection.vector_stores
        record = await stores.read(identifier)
        if record is None:
            raise Failure(
                error(
                    "Nothing to import",
                    f'There is no vector store "{identifier}" on the Vector stores API at '
                    f"{self._connection.base_url}. Check the id, base_url, project and key.",
                )
            )
        state: Values = dict.fromkeys(VECTOR_STORE.attributes)
        for name in _OURS:
            state[name] = VECTOR_STORE.attributes[name].default
        file_ids = [each.id async for each in stores.files(identifier) if each.status not in _ENDED_BADLY]
        state |= {"id": identifier, "object": "vector_store", "file_ids": file_ids or None}
        work.state = {**state, **_refreshed(state, record)}
        work.private["imported"] = True

    def move(
        self,
        source_provider: str,
        source_type: str,
        version: int,  # noqa: ARG002 - any version
        state: Mapping[str, Any],
    ) -> Mapping[str, Any]:
        """Take another provider's openai_vector_store; what it has in other shapes is read from the API."""
        taken = moved(VECTOR_STORE, source_provider, source_type, state)
        defaults = {name: VECTOR_STORE.attributes[name].default for name in _OURS}
        unlike = dict.fromkeys(("expires_after", "chunking_strategy", "file_counts"))
        return {**taken, **defaults, **unlike}


def _planned(work: Work) -> Values:
    if work.planned is None:
        raise AssertionError("create and update have a plan")
    return work.planned


def _reached(work: Work) -> Values:
    if work.state is None:
        raise AssertionError("the object exists")
    return work.state


def _new(planned: Values) -> "NewStore":
    from provider_shim.api.vector_stores import NewStore  # noqa: PLC0415 - few runs have stores

    expires = planned["expires_after"]
    return NewStore(
        planned["name"],
        planned["description"],
        planned["metadata"],
        {"anchor": expires["anchor"], "days": int(expires["days"])} if expires else None,
    )


def _chunking(planned: Values) -> dict[str, Any] | None:
    strategy = planned["chunking_strategy"]
    if not strategy:
        return None
    static = strategy["static"] or {}
    sizes = {name: int(value) for name, value in static.items()}
    return {"type": strategy["type"], **({"static": sizes} if sizes else {})}


def _progress(record: "VectorStoreRecord") -> Values:
    return {
        "status": record.status,
        "file_counts": {name: record.file_counts.get(name, 0) for name in _COUNTS},
    }


def _refreshed(state: Values, record: "VectorStoreRecord") -> Values:
    """Give what the API says, and keep null and empty apart as they were configured."""
    fresh = {
        **_progress(record),
        "name": record.name,
        "description": state["description"] if record.description is None else record.description,
        "created_at": state["created_at"] or record.created_at,
        "expires_after": record.expires_after
        and {name: record.expires_after.get(name) for name in ("anchor", "days")},
    }
    if record.metadata != (state["metadata"] or {}):
        fresh["metadata"] = record.metadata or None
    return fresh
