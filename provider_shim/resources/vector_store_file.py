"""openai_vector_store_file: a file in a store that is managed elsewhere, with attributes to filter by."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

from provider_shim.api.problem import ApiProblem
from provider_shim.contract.identifiers import joined_ids
from provider_shim.contract.vector_store_file import VECTOR_STORE_FILE
from provider_shim.resources import file_attributes, ownership
from provider_shim.resources.connection import Connection
from provider_shim.resources.identifiers import checked_id, split_ids
from provider_shim.resources.lifecycle import Lifecycle, absent, copied, private_data
from provider_shim.resources.moved import adapted, moved
from provider_shim.resources.ownership import Private, private_of
from provider_shim.terraform.diagnostics import Failure, error, warning
from provider_shim.terraform.handler import Change, Source, Values, Work, resource
from provider_shim.terraform.values import UNKNOWN, same_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provider_shim.api.vector_store_files import NewFile, StoredFile
    from provider_shim.contract.states import VectorStoreFileState
    from provider_shim.journal.records import Record

_INDEXED: Final = ("status", "last_error", "usage_bytes")
"""What indexing changes."""
_OF_THE_API: Final = (*_INDEXED, "created_at")
_FAILED: Final = ("failed", "cancelled")


@resource
class VectorStoreFileHandler:
    """Plan rules, create, read, update, delete and import of a file in a vector store."""

    contract = VECTOR_STORE_FILE

    def __init__(self, connection: Connection) -> None:
        """Work through the provider's connection."""
        self._connection = connection
        self._lifecycle = Lifecycle(connection, VECTOR_STORE_FILE.type_name, "file in a vector store")

    # --- plan ---------------------------------------------------------------------------

    def plan_new(self, change: "Change[VectorStoreFileState]") -> None:
        """Promise what is known already of what is not in the store yet."""
        planned = change.planned
        assert planned is not None
        planned["object"] = "vector_store.file"
        change.private = {"v": ownership.LAYOUT}
        self._connection.recovery.planned(change, VECTOR_STORE_FILE.type_name, _told_apart(planned))

    async def plan(self, change: "Change[VectorStoreFileState]") -> None:
        """Plan what indexing changes, and put in anew what could not be indexed."""
        prior, planned = change.prior, change.planned
        if prior is None:
            self.plan_new(change)
            return
        self._met(prior)
        if planned is None:
            return
        private = private_of(change.private, prior)
        planned["object"] = "vector_store.file"
        imported = private.get("imported", ())
        if "chunking_strategy" in imported and prior["chunking_strategy"] is None:
            told = (private.get("stored") or {}).get("chunking_strategy")
            strategy = planned["chunking_strategy"]
            if strategy is not UNKNOWN and file_attributes.is_cut_so(strategy, told):
                change.replace = [path for path in change.replace if path[0] != "chunking_strategy"]
        if planned["wait_for_indexing"] is True:
            if prior["status"] in _FAILED:
                planned["status"] = UNKNOWN
                change.replace.append(("status",))
            elif prior["status"] == "in_progress" and not prior["wait_for_indexing"]:
                planned.update(dict.fromkeys(_INDEXED, UNKNOWN))
        if not change.replace and "attributes" in imported and _leave(prior, planned):
            change.diagnostics += ownership.released(["attributes"], prior["id"])

    # --- create -------------------------------------------------------------------------

    async def create(self, work: "Work[VectorStoreFileState]") -> None:
        """Put the file into the store, and wait until it is indexed if that is wished."""
        from provider_shim.api.vector_store_files import NewFile  # noqa: PLC0415 - few runs have any
        from provider_shim.journal.records import Lookup, digest  # noqa: PLC0415 - as above

        planned, files = work.planned, self._connection.vector_store_files
        store, file_id = planned["vector_store_id"], planned["file_id"]
        identifier = joined_ids(store, file_id)
        new = NewFile(
            file_id,
            file_attributes.sent(planned["attributes"]),
            file_attributes.chunking(planned["chunking_strategy"]),
        )
        work.private = {"v": ownership.LAYOUT}

        async def read(_: str) -> "StoredFile | None":
            return await files.read(store, file_id)

        async def recover(_: "Sequence[Record]") -> "StoredFile | None":
            return await files.read(store, file_id, at_once=True)

        async with self._connection.recovery.pending(
            work,
            VECTOR_STORE_FILE.type_name,
            _told_apart(planned),
            Lookup(digest(identifier), thread=identifier),
        ) as pending:
            record = await self._lifecycle.taken_over(work, pending, read, recover)
            if record is None:
                await self._refuse_twice(planned, identifier)
                record = await files.add(store, new)
            else:
                record = await self._as_planned(work, record, new)
            pending.made(identifier)
        work.state = {**planned, "id": identifier, "created_at": record.created_at or None}
        self._connection.members.add((store, file_id))
        _take(work.state, record)
        self._connection.note_account(work.private)
        _note_stored(work, record)
        try:
            await self._wait(work)
        except (ApiProblem, Failure):
            work.diagnostics.append(
                warning(
                    "The file is in the vector store, but can't be searched yet",
                    f"Terraform marks {identifier} as tainted: the next apply takes it out and puts it in "
                    "anew. To go on with it instead: terraform untaint, then apply.",
                )
            )
            raise

    async def _refuse_twice(self, planned: "VectorStoreFileState", identifier: str) -> None:
        """Refuse to take what somebody else has put in; what could not be indexed is out of use."""
        files, store, file_id = (
            self._connection.vector_store_files,
            planned["vector_store_id"],
            planned["file_id"],
        )
        there = await files.read(store, file_id, at_once=True)
        if there is None:
            return
        if there.failed and not self._connection.recovery.in_state(identifier):
            await files.remove(store, file_id)
            return
        if self._connection.recovery.in_state(identifier):
            owner = (
                "this stack has put it in. With create_before_destroy, the new one would have to be there "
                "beside the old one. Take create_before_destroy out of this resource's lifecycle"
            )
        else:
            owner = (
                "this resource has not put it in: an application, a vector store's file_ids or files, or "
                f"another stack has. Import it (terraform import … {identifier}), or take it out there"
            )
        raise Failure(
            error(
                "The file is in the vector store already",
                f"{file_id} is in {store}, and {owner}.",
                ("file_id",),
            )
        )

    async def _as_planned(
        self, work: "Work[VectorStoreFileState]", record: "StoredFile", new: "NewFile"
    ) -> "StoredFile":
        """Bring what an interrupted run has put in to what is planned now."""
        files, planned = self._connection.vector_store_files, work.planned
        store = planned["vector_store_id"]
        if record.failed or not file_attributes.is_cut_so(
            planned["chunking_strategy"], record.chunking_strategy
        ):
            await files.remove(store, new.id)
            return await files.add(store, new)
        if file_attributes.kept_otherwise(planned["attributes"], record.attributes) is not None:
            return await files.set_attributes(store, new.id, new.attributes or {})
        return record

    async def _wait(self, work: "Work[VectorStoreFileState]") -> None:
        state, planned = work.reached, work.planned
        if not planned["wait_for_indexing"] or state["status"] == "completed":
            return

        import logging  # noqa: PLC0415 - only who waits has anything to tell

        log = logging.getLogger(__name__)

        def progress(found: "StoredFile") -> None:
            log.info("%s: %s", state["id"], found.status)
            _take(state, found)

        await self._connection.vector_store_files.wait(
            state["vector_store_id"], state["file_id"], float(planned["timeout"]), progress
        )

    # --- read ---------------------------------------------------------------------------

    async def read(self, work: "Work[VectorStoreFileState]") -> None:
        """Refresh the file; None where it, or the store, is gone for certain."""
        state, files = work.reached, self._connection.vector_store_files
        private = private_data(work)
        record = await self._lifecycle.refreshed(
            work, lambda: files.read(state["vector_store_id"], state["file_id"]), state["created_at"]
        )
        if record is None:
            return
        self._met(state)
        _take(state, record)
        state["created_at"] = state["created_at"] or record.created_at or None
        stored = (private.get("stored") or {}).get("attributes")
        state["attributes"] = file_attributes.refreshed(state["attributes"], record.attributes, stored)

    # --- update -------------------------------------------------------------------------

    async def update(self, work: "Work[VectorStoreFileState]") -> None:
        """Write the attributes where they differ; wait where that is wished now."""
        state, planned = work.reached, work.planned
        private = private_data(work)
        changed = state["attributes"] != planned["attributes"] and not same_json(
            state["attributes"], planned["attributes"]
        )
        imported = private.get("imported", [])
        record = None
        if changed and not ("attributes" in imported and _leave(state, planned)):
            record = await self._connection.vector_store_files.set_attributes(
                state["vector_store_id"], state["file_id"], file_attributes.sent(planned["attributes"]) or {}
            )
        work.state = copied(planned, state, _OF_THE_API)
        if changed:
            _note_stored(work, record)
        _settle_import(work.private, changed=changed, chunking=planned["chunking_strategy"] is not None)
        if cast("Values", planned)["status"] is UNKNOWN:
            await self._wait(work)

    # --- delete -------------------------------------------------------------------------

    async def delete(self, work: "Work[VectorStoreFileState]") -> None:
        """Take the file out of the store; the file itself stays."""
        state, files = work.reached, self._connection.vector_store_files

        async def removed(_: str) -> bool:
            return await files.remove(state["vector_store_id"], state["file_id"])

        await self._lifecycle.delete(work, removed, work.private.get("account", []))

    # --- import -------------------------------------------------------------------------

    async def import_state(self, work: "Work[VectorStoreFileState]", identifier: str) -> None:
        """Read a file of a store by STORE/FILE."""
        store, file_id = split_ids(identifier, "STORE/FILE", "vs_…/file-…")
        checked_id(store, "a vector store", "vs_…")
        checked_id(file_id, "a file", "file-…")
        record = self._lifecycle.to_import(
            await self._connection.vector_store_files.read(store, file_id),
            f'file "{file_id}" in the vector store "{store}"',
            "Vector stores",
            "both ids",
        )
        joined = joined_ids(store, file_id)
        self._connection.recovery.imported(joined)
        work.state = absent(VECTOR_STORE_FILE) | {
            "id": joined,
            "object": "vector_store.file",
            "vector_store_id": store,
            "file_id": file_id,
            "created_at": record.created_at or None,
            "attributes": file_attributes.written(record.attributes) if record.attributes else None,
        }
        _take(work.reached, record)
        private = Private(v=ownership.LAYOUT, imported=["attributes", "chunking_strategy"])
        if record.chunking_strategy:
            private["stored"] = {"chunking_strategy": record.chunking_strategy}
        work.private = dict(private)
        self._connection.note_account(work.private)

    def upgrade(self, version: int, state: Mapping[str, object]) -> Values:  # noqa: ARG002 - one old version
        """Take a state of schema version 0, as the retired providers wrote it."""
        return _from_elsewhere(adapted(VECTOR_STORE_FILE, state))

    def move(self, source: Source) -> Values:
        """Take another provider's openai_vector_store_file."""
        return _from_elsewhere(moved(VECTOR_STORE_FILE, source))

    def _met(self, state: "VectorStoreFileState") -> None:
        """Note that the stack has this file: the store must not take it for an application's."""
        self._connection.recovery.stored(state["id"])
        self._connection.members.add((state["vector_store_id"], state["file_id"]))


def _from_elsewhere(known: Values) -> Values:
    """Complete a state of another provider, whose ``id`` may be the file's alone."""
    both = known["vector_store_id"], known["file_id"]
    identifier = joined_ids(*both) if all(both) else known["id"]
    return {**known, "id": identifier, "object": "vector_store.file"}


def _told_apart(planned: Mapping[str, object]) -> Values:
    """Return what makes two of them the same: a file is in a store once."""
    return {name: planned[name] for name in ("vector_store_id", "file_id")}


def _leave(prior: Mapping[str, object], planned: Mapping[str, object]) -> bool:
    """Return whether the attributes are configured no more."""
    return prior["attributes"] is not None and planned["attributes"] is None


def _take(state: "VectorStoreFileState", record: "StoredFile") -> None:
    state["status"] = record.status
    state["last_error"] = record.reason or None
    state["usage_bytes"] = record.usage_bytes


def _note_stored(work: "Work[VectorStoreFileState]", record: "StoredFile | None") -> None:
    """Note what the server made of the attributes that were just sent; say so if some are not kept."""
    stored = dict(work.private.get("stored") or {})
    stored.pop("attributes", None)
    text = work.planned["attributes"]
    there = None if record is None else file_attributes.kept_otherwise(text, record.attributes)
    if there is not None:
        stored["attributes"] = dict(there)
        lost = sorted(set(file_attributes.sent(text) or {}) - set(there))
        if lost:
            work.diagnostics.append(
                warning(
                    "The server does not keep attributes",
                    f"{work.reached['id']}: {', '.join(lost)} was sent, and the answer does not have it. "
                    "It stays in the state; a search can't filter by it.",
                    ("attributes",),
                )
            )
    ownership.keep(work.private, "stored", stored)


def _settle_import(private: Values, *, changed: bool, chunking: bool) -> None:
    """Let go of what is known from an import only, where the configuration says it now."""
    left = [
        each
        for each, settled in (("attributes", changed), ("chunking_strategy", chunking))
        if each in private.get("imported", ()) and not settled
    ]
    ownership.keep(private, "imported", left)
    if chunking:
        stored = dict(private.get("stored") or {})
        stored.pop("chunking_strategy", None)
        ownership.keep(private, "stored", stored)
