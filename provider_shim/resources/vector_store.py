"""openai_vector_store: a store whose files come and go in place, waited for until they are indexed."""

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, cast

from provider_shim.api.problem import ApiProblem
from provider_shim.contract.vector_store import VECTOR_STORE
from provider_shim.resources import file_attributes, metadata, ownership
from provider_shim.resources.connection import Connection
from provider_shim.resources.identifiers import checked_id
from provider_shim.resources.lifecycle import Lifecycle, absent, copied, private_data
from provider_shim.resources.moved import adapted, moved
from provider_shim.resources.ownership import OF_A_STORE, Leaving, Ownership, Private
from provider_shim.resources.protection import STORES, Protection
from provider_shim.terraform.diagnostics import Failure, warning
from provider_shim.terraform.handler import Change, Source, Values, Work, resource
from provider_shim.terraform.values import UNKNOWN, same, unknown_paths

if TYPE_CHECKING:
    from collections.abc import Collection

    from provider_shim.api.records import Others
    from provider_shim.api.vector_store_files import NewFile, StoredFile
    from provider_shim.api.vector_stores import NewStore, VectorStoreRecord
    from provider_shim.contract.states import VectorStoreState

_SETTINGS: Final = ("name", "expires_after")
"""What the API changes in place, and takes back to its default when it is sent as null."""
_COUNTED: Final = ("status", "file_counts", "usage_bytes", "last_active_at", "expires_at")
"""What files that come and go change."""
_WITH_STEPS: Final = ("file_ids", "files", *_COUNTED)
"""What an update reaches step by step; all else of the plan is in the state at once."""


@resource
class VectorStoreHandler:
    """Plan rules, create, read, update, delete and import of a vector store."""

    contract = VECTOR_STORE

    def __init__(self, connection: Connection) -> None:
        """Work through the provider's connection."""
        self._connection = connection
        self._lifecycle = Lifecycle(connection, VECTOR_STORE.type_name, "vector store")
        self._protection: Protection[VectorStoreState] = Protection(
            connection, STORES, _put_here, self._of_others
        )

    # --- plan ---------------------------------------------------------------------------

    def plan_new(self, change: "Change[VectorStoreState]") -> None:
        """Promise what is known already of a store that does not exist yet."""
        assert change.planned is not None
        change.planned["object"] = "vector_store"
        leaving = self._protection.planned_new(change.private, change.planned)
        change.private = {"v": ownership.LAYOUT, "leaving": leaving}
        if "id" not in leaving:
            self._connection.renames.note(change, VECTOR_STORE, "vector store")
        self._connection.recovery.planned(change, VECTOR_STORE.type_name, change.planned)

    async def plan(self, change: "Change[VectorStoreState]") -> None:
        """Plan what indexing changes, and what becomes of a store that has expired."""
        prior, planned = change.prior, change.planned
        if prior is None:
            self.plan_new(change)
        else:
            self._connection.recovery.stored(prior["id"])
            if planned is None:
                self._connection.renames.note(change, VECTOR_STORE, "vector store")
        private = await self._protection.planned(change)
        if prior is None or planned is None or private is None:
            return
        planned["object"] = "vector_store"
        change.replace = [path for path in change.replace if not _brought(path[0], prior, planned, private)]
        if prior["status"] == "expired":
            self._plan_expired(change, private)
        if await self._protection.replaced(change):
            return
        change.diagnostics += ownership.released(_released(prior, planned, private), prior["id"])
        change.diagnostics += await metadata.planned(
            self._connection,
            change,
            private.get("metadata", Ownership()),
            # What calls the API is imported when it is called.
            lambda each: self._connection.vector_stores.read(each),  # noqa: PLW0108 - see above
        )
        if _files_change(prior, planned) or private.get("unindexed"):
            planned.update(dict.fromkeys(_COUNTED, UNKNOWN))
        elif prior["expires_after"] != planned["expires_after"]:
            planned["last_active_at"] = planned["expires_at"] = UNKNOWN

    def _plan_expired(self, change: "Change[VectorStoreState]", private: Private) -> None:
        """Replace a store that has expired, once nothing of others is lost or a flag allows it."""
        prior, planned = change.prior, change.planned
        assert prior is not None
        assert planned is not None
        if (
            not private.get("missing")
            or any(self._protection.allowed(planned))
            or _files_change(prior, planned)
        ):
            planned["status"] = UNKNOWN
            change.replace.append(("status",))
            return
        change.diagnostics.append(
            warning(
                "The vector store has expired, and others have put files into it",
                f"Nothing in {prior['id']} can be searched any more. Only a new store could be, and it would "
                "lack the files of others, so nothing is changed. The API still lists them, so that whoever "
                "put them in can put them into a new one. To make a new one: retain_on_destroy = true keeps "
                "the old one at the API, force_destroy = true deletes it.",
                ("status",),
            )
        )

    async def _of_others(self, leaving: Leaving, known: "Collection[str]") -> "Others":
        return await self._connection.vector_stores.others(leaving["id"], {*leaving["own"], *known})

    # --- create -------------------------------------------------------------------------

    async def create(self, work: "Work[VectorStoreState]") -> None:
        """Make an empty store, then fill it; its id is in the state as soon as it exists."""
        planned, stores = work.planned, self._connection.vector_stores
        work.private = {"v": ownership.LAYOUT}
        new = _new(planned)
        lookup = await stores.before(new)
        async with self._connection.recovery.pending(
            work, VECTOR_STORE.type_name, planned, lookup
        ) as pending:
            record = await self._lifecycle.taken_over(work, pending, stores.read, stores.recover)
            adopted = record is not None
            if record is None:
                record = await stores.create(new, lookup)
            pending.made(record.id)
        # An interrupted create is replaced, and what it was filling in is its own all the same.
        work.state = {**planned, "id": record.id, "created_at": record.created_at}
        _take_progress(work.state, record)
        _take_times(work.state, record)
        self._connection.note_account(work.private)
        metadata.note(work, Ownership(), None, record.metadata)
        _note_stored(work, (*_SETTINGS, "description"), record)
        try:
            await self._fill(work, fresh=not adopted)
        except (ApiProblem, Failure):
            work.diagnostics.append(
                warning(
                    "The vector store exists, but is not ready",
                    f"Terraform marks {record.id} as tainted: the next apply replaces it, and indexes all "
                    "files anew. To go on with it instead: terraform untaint, then apply.",
                )
            )
            raise

    # --- files --------------------------------------------------------------------------

    async def _fill(self, work: "Work[VectorStoreState]", *, fresh: bool = False) -> None:
        """Make the store's files those of the plan without a gap: add, wait until searchable, remove.

        Args:
            work: Its state lists what has been reached: of an update, first the files that the store has.
            fresh: Whether the store was made just now, so that nothing else is in it.
        """
        state, planned, stores = work.reached, work.planned, self._connection.vector_stores
        identifier, wanted = state["id"], _files(planned)
        held = {} if work.prior is None else _files(state)
        anew = [each for each in wanted if each in held and not _is_cut_alike(held[each], wanted[each])]
        new = [*(each for each in wanted if each not in held), *anew]
        old = [each for each in held if each not in wanted]
        failed = [each for each in work.private.get("unindexed", ()) if each not in wanted]
        total = len({*held, *wanted})
        labels = [each for each in wanted if each in held and each not in anew]
        before = {each: held[each].attributes for each in labels}
        if new:
            there = {} if fresh else {each.id: each async for each in stores.files(identifier)}
            total = len({*there, *wanted})
            for file_id in new:
                if file_id in there and (file_id in anew or there[file_id].failed):
                    await self._connection.vector_store_files.remove(identifier, file_id)
                    del there[file_id]
            adopted = [each for each in new if each in there]
            labels += adopted
            # What somebody else has put in keeps the attributes that nobody configured here.
            told = {each: there[each].attributes for each in adopted}
            before.update(
                {each: told[each] if wanted[each].attributes is not None else None for each in told}
            )
            if work.prior is not None:
                work.private["added_at"] = int(time.time())
                _hold(state, planned, {*held, *adopted} - {*anew})
            missing = [wanted[each] for each in new if each not in there]
            strategy = file_attributes.chunking(planned["chunking_strategy"])
            async for batch in stores.add_files(identifier, missing, strategy):
                if work.prior is not None:
                    _hold(state, planned, {*_files(state), *batch})
        written = await self._label(work, {each: wanted[each] for each in labels}, before)
        if new or old:
            await self._settled(work, list(wanted), old, total)
        if new or written:
            await self._note_attributes(work, wanted)
        await self._take_out(work, old, failed)
        state["file_ids"], state["files"] = planned["file_ids"], planned["files"]

    async def _label(
        self,
        work: "Work[VectorStoreState]",
        wanted: "Mapping[str, NewFile]",
        before: Mapping[str, Mapping[str, Any] | None],
    ) -> bool:
        """Write the attributes of files that are in the store, where they differ; return whether any did."""
        state, planned = work.reached, work.planned
        written = False
        for file_id, each in wanted.items():
            if same(before[file_id] or {}, each.attributes or {}):
                continue
            await self._connection.vector_store_files.set_attributes(
                state["id"], file_id, each.attributes or {}
            )
            written = True
            if work.prior is not None:
                _hold(state, planned, {*_files(state)}, anew=file_id)
        return written

    async def _note_attributes(self, work: "Work[VectorStoreState]", wanted: "Mapping[str, NewFile]") -> None:
        """Note what the server made of attributes, where that is something else than what was sent."""
        stored = dict(work.private.get("stored") or {})
        stored.pop("files", None)
        labelled = {each.id: each.attributes for each in wanted.values() if each.attributes}
        if labelled:
            told = {
                each.id: each.attributes
                async for each in self._connection.vector_stores.files(work.reached["id"])
                if each.id in labelled
            }
            other = {
                file_id: there
                for file_id, there in told.items()
                if there is not None and not same(there, labelled[file_id])
            }
            if other:
                stored["files"] = other
        ownership.keep(work.private, "stored", stored)

    async def _settled(
        self, work: "Work[VectorStoreState]", wanted: list[str], old: list[str], total: int
    ) -> None:
        """Wait for indexing, if that is wished, and take the progress into the state."""
        state, planned, stores = work.reached, work.planned, self._connection.vector_stores
        identifier = state["id"]
        if not planned["wait_for_indexing"]:
            record = await stores.read(identifier)
            _take_progress(state, record)
            _take_times(state, record)
            return

        import logging  # noqa: PLC0415 - only who waits has anything to tell

        log = logging.getLogger(__name__)

        def report(progress: str) -> None:
            log.info("%s: %s", identifier, progress)

        try:
            record = await stores.wait(identifier, wanted, float(planned["timeout"]), report, total=total)
        except (ApiProblem, Failure):
            with suppress(ApiProblem, Failure):  # the first one is what the user has to know
                await self._refresh(work, private_data(work))
            if old and work.state is not None:
                work.diagnostics.append(
                    warning(
                        "The vector store keeps its old files",
                        f"{len(old)} {'files stay' if len(old) > 1 else 'file stays'} searchable in "
                        f"{identifier} until the new ones are. The next apply goes on from there.",
                    )
                )
            raise
        _take_progress(state, record)
        _take_times(state, record)

    async def _take_out(self, work: "Work[VectorStoreState]", old: list[str], failed: list[str]) -> None:
        """Remove files that the configuration lacks, now that the others can be searched."""
        state, private, stores = work.reached, work.private, self._connection.vector_stores
        imported = private.get("imported_files", [])
        for file_id in [*old, *failed]:
            if file_id not in imported:
                await self._connection.vector_store_files.remove(state["id"], file_id)
            _hold(state, work.planned, {*_files(state)} - {file_id})
        private.pop("unindexed", None)
        ownership.keep(private, "imported_files", [each for each in imported if each in _files(state)])
        if failed or any(each not in imported for each in old):
            with suppress(ApiProblem, Failure):  # the counts are told by the next refresh
                record = await stores.read(state["id"])
                _take_progress(state, record)
                _take_times(state, record)

    # --- read ---------------------------------------------------------------------------

    async def read(self, work: "Work[VectorStoreState]") -> None:
        """Refresh the store and its files; files that others added are theirs."""
        await self._refresh(work, private_data(work))

    async def _refresh(self, work: "Work[VectorStoreState]", private: Private) -> None:
        state, stores = work.reached, self._connection.vector_stores
        identifier = state["id"]
        record = await self._lifecycle.refreshed(work, lambda: stores.read(identifier), state["created_at"])
        if record is None:
            return
        self._connection.pairs[identifier] = record.metadata
        self._connection.read.add(identifier)
        _refresh(state, record, private)
        private.pop("others", None)
        private.pop("missing", None)
        if state["status"] == "expired":
            await self._refresh_expired(work, record)
        elif await self._refresh_files(work, record):
            private["others"] = True

    async def _refresh_files(self, work: "Work[VectorStoreState]", record: "VectorStoreRecord") -> bool:
        """Refresh which files of ours are in the store; return whether others have put some in."""
        state, private = work.reached, work.private
        held, failed = [*_files(state)], private.get("unindexed", [])
        if not held:
            return _usable(record) > 0
        there = await self._there(work, held)
        # A file that failed is missing, unless nobody wished to know.
        bad = [
            each
            for each in [*held, *failed]
            if state["wait_for_indexing"] and each in there and there[each].failed
        ]
        left = {each for each in held if each in there and each not in bad}
        _hold(state, state, left)
        stored = (private.get("stored") or {}).get("files") or {}
        for each in state["files"] or ():
            file_id = each["file_id"]
            each["attributes"] = file_attributes.refreshed(
                each["attributes"], there[file_id].attributes, stored.get(file_id)
            )
        ownership.keep(private, "unindexed", list(dict.fromkeys(bad)))
        own = {*_put_here(state, private), *failed, *bad}
        return any(each.id not in own and not each.failed for each in there.values())

    async def _refresh_expired(self, work: "Work[VectorStoreState]", record: "VectorStoreRecord") -> None:
        """Note whether files of others would go with a store that only a replacement could repair."""
        from provider_shim.api.records import Others  # noqa: PLC0415 - few stores have expired

        state, private = work.reached, work.private
        own = _put_here(state, private)
        try:
            others = await self._connection.vector_stores.others(state["id"], own)
        except (ApiProblem, Failure):  # some server may tell no more than how many there are
            others = Others((), more=_usable(record) > len(own))
        if others.ids:
            left = await self._connection.not_members(others.ids, state["id"])
            others = others if left is None else others._replace(ids=tuple(left))
        if others:
            private["others"] = True
            private["missing"] = ["status"]

    async def _there(self, work: "Work[VectorStoreState]", held: list[str]) -> "dict[str, StoredFile]":
        """List the files of the store, again if it lacks some of ours and something is young."""
        state, stores = work.reached, self._connection.vector_stores
        listed: dict[str, StoredFile] = {}

        async def look() -> object:
            nonlocal listed
            listed = {each.id: each async for each in stores.files(state["id"])}
            return listed if all(each in listed for each in held) else None

        made_at = max(state["created_at"] or 0, work.private.get("added_at", 0))
        await self._connection.find(look, made_at)
        return listed

    # --- update -------------------------------------------------------------------------

    async def update(self, work: "Work[VectorStoreState]") -> None:
        """Change in place; the state follows step by step."""
        state, planned = work.reached, work.planned
        await self._update_settings(work, private_data(work))
        work.state = state = copied(planned, state, _WITH_STEPS)
        await self._fill(work)

    async def _update_settings(self, work: "Work[VectorStoreState]", private: Private) -> None:
        """Write metadata, name and expires_after, where ours differ."""
        state, planned = work.reached, work.planned
        imported = set(private.get("imported", ()))
        held: Mapping[str, Any] = state
        wanted: Mapping[str, Any] = planned
        changed = [name for name in _SETTINGS if held[name] != wanted[name]]
        new = _new(planned)
        settings = {
            name: getattr(new, name) for name in changed if wanted[name] is not None or name not in imported
        }
        owner = private.get("metadata", Ownership())
        change = ownership.metadata_change(state["metadata"], planned["metadata"], owner)
        there = None
        if settings or change is not None:
            record, updated = await self._connection.vector_stores.update(state["id"], settings, change)
            work.diagnostics += ownership.warnings_of_update(state["id"], updated)
            there = updated.metadata if change is not None else None
            if cast("Values", planned)["expires_at"] is UNKNOWN:
                _take_times(state, record)
            _note_stored(work, changed, record)
        if state["metadata"] != planned["metadata"]:
            metadata.note(work, owner, state["metadata"], there)
        # What goes on as an import brought it, or as the API does not tell it, stays somebody else's.
        left = [name for name in OF_A_STORE if name in imported and held[name] == wanted[name]]
        ownership.keep(work.private, "imported", left)

    # --- delete -------------------------------------------------------------------------

    async def delete(self, work: "Work[VectorStoreState]") -> None:
        """Delete the store, its files stay; unless it is to be retained or others have filled it unseen."""
        leaving = await self._protection.deleted(work)
        if not await self._protection.keeps(work, leaving):
            await self._lifecycle.delete(work, self._connection.vector_stores.delete, leaving["account"])

    # --- import -------------------------------------------------------------------------

    async def import_state(self, work: "Work[VectorStoreState]", identifier: str) -> None:
        """Read a store by its id, with all its files."""
        checked_id(identifier, "a vector store", "vs_…")
        stores = self._connection.vector_stores
        record = self._lifecycle.to_import(
            await stores.read(identifier), f'vector store "{identifier}"', "Vector stores"
        )
        self._connection.recovery.imported(identifier)
        file_ids = [each.id async for each in stores.files(identifier) if not each.failed]
        work.state = absent(VECTOR_STORE) | {
            "id": identifier,
            "object": "vector_store",
            "created_at": record.created_at,
            "name": record.name,
            "description": record.description,
            "metadata": record.metadata or None,
            "expires_after": _expiry(record),
            "file_ids": file_ids or None,
        }
        _take_progress(work.reached, record)
        _take_times(work.reached, record)
        private = Private(v=ownership.LAYOUT, imported=list(OF_A_STORE))
        if record.metadata:
            private["metadata"] = ownership.after_import(record.metadata)
        if file_ids:
            private["imported_files"] = file_ids
        work.private = dict(private)
        self._connection.note_account(work.private)

    def upgrade(self, version: int, state: Mapping[str, Any]) -> Values:  # noqa: ARG002 - one old version
        """Take a state of schema version 0, as the retired providers wrote it."""
        return {**adapted(VECTOR_STORE, state), "object": "vector_store"}

    def move(self, source: Source) -> Values:
        """Take another provider's openai_vector_store."""
        return {**moved(VECTOR_STORE, source), "object": "vector_store"}


def _new(planned: "VectorStoreState") -> "NewStore":
    from provider_shim.api.vector_stores import NewStore  # noqa: PLC0415 - few runs have stores

    expires = planned["expires_after"]
    return NewStore(
        planned["name"],
        planned["description"],
        planned["metadata"],
        {"anchor": expires["anchor"], "days": int(expires["days"])} if expires else None,
    )


def _files(values: Mapping[str, Any]) -> "dict[str, NewFile]":
    """Return the files of a state or of a plan that is known, by id, each with what is its own."""
    from provider_shim.api.vector_store_files import NewFile  # noqa: PLC0415 - few runs have stores

    found = {each: NewFile(each) for each in values["file_ids"] or ()}
    for each in values["files"] or ():
        found[each["file_id"]] = NewFile(
            each["file_id"],
            file_attributes.sent(each["attributes"]),
            file_attributes.chunking(each["chunking_strategy"]),
        )
    return found


def _is_cut_alike(one: "NewFile", other: "NewFile") -> bool:
    return one.chunking_strategy == other.chunking_strategy


def _hold(state: "VectorStoreState", planned: Mapping[str, Any], ids: set[str], anew: str = "") -> None:
    """Have a state list these files: those that it lists already, and the others as they are planned.

    Args:
        state: Lists what is reached.
        planned: What it is to list in the end.
        ids: Of the files.
        anew: A file that is as planned now, although the state lists it already.
    """
    kept = {*_files(state)} & ids - {anew}
    values = cast("Values", state)
    for name in ("file_ids", "files"):
        held: list[Any] = [each for each in values[name] or () if _id_of(each) in kept]
        held += [each for each in planned[name] or () if _id_of(each) in ids - kept]
        values[name] = held if held or planned[name] is not None else None


def _id_of(file: str | Mapping[str, Any]) -> str:
    return file if isinstance(file, str) else str(file["file_id"])


def _take_progress(state: "VectorStoreState", record: "VectorStoreRecord | None") -> None:
    if record is None:
        return
    counts = record.file_counts
    state["status"] = record.status
    state["file_counts"] = {
        "in_progress": counts.get("in_progress", 0),
        "completed": counts.get("completed", 0),
        "failed": counts.get("failed", 0),
        "cancelled": counts.get("cancelled", 0),
        "total": counts.get("total", 0),
    }
    state["usage_bytes"] = record.usage_bytes


def _take_times(state: "VectorStoreState", record: "VectorStoreRecord | None") -> None:
    """Take when the store was used. Each search moves that, so a refresh does not: it would be drift."""
    if record is not None:
        state["last_active_at"], state["expires_at"] = record.last_active_at, record.expires_at


def _usable(record: "VectorStoreRecord") -> int:
    """Return how many files the store has, without those that could not be indexed."""
    counts = record.file_counts
    return counts.get("total", 0) - counts.get("failed", 0) - counts.get("cancelled", 0)


def _expiry(record: "VectorStoreRecord") -> Values | None:
    expires = record.expires_after
    return {name: expires.get(name) for name in ("anchor", "days")} if expires else None


def _refresh(state: "VectorStoreState", record: "VectorStoreRecord", private: Private) -> None:
    """Take what the API says of what the state holds; what nobody configured stays out of it."""
    owner = private.get("metadata", Ownership())
    state["metadata"] = ownership.refreshed(state["metadata"], record.metadata, owner)
    state["created_at"] = state["created_at"] or record.created_at
    _take_progress(state, record)
    if state["last_active_at"] is None:
        _take_times(state, record)
    stored, held = private.get("stored") or {}, cast("Values", state)
    for name, there in _told(record).items():
        # What the server made of our value, and has so still, is our value.
        if held[name] is not None and there != stored.get(name, held[name]):
            held[name] = there


def _told(record: "VectorStoreRecord") -> Values:
    """Return the settings as the API tells them; most servers do not tell a description."""
    told = {"name": record.name, "expires_after": _expiry(record)}
    return told if record.description is None else {**told, "description": record.description}


def _note_stored(
    work: "Work[VectorStoreState]", sent: "Collection[str]", record: "VectorStoreRecord"
) -> None:
    """Note what the server made of the settings that were just sent, where that is something else."""
    planned: Mapping[str, Any] = work.planned
    before = work.private.get("stored") or {}
    stored = {name: value for name, value in before.items() if name not in sent} | {
        name: there
        for name, there in _told(record).items()
        if name in sent and planned[name] is not None and there != planned[name]
    }
    ownership.keep(work.private, "stored", stored)


def _put_here(state: "VectorStoreState", private: Mapping[str, Any]) -> list[str]:
    """Return the files that the resource has put into the store; those of an import are others'."""
    imported = set(private.get("imported_files", ()))
    return [each for each in _files(state) if each not in imported]


def _files_change(prior: "VectorStoreState", planned: Values) -> bool:
    """Return whether files come, go, or are to be indexed anew; attributes are changed without that."""
    if unknown_paths([planned["file_ids"], planned["files"]]):
        return True
    before, after = _files(cast("Values", prior)), _files(planned)
    return before.keys() != after.keys() or not all(
        _is_cut_alike(each, after[file_id]) for file_id, each in before.items()
    )


def _brought(name: object, prior: Mapping[str, Any], planned: Values, private: Private) -> bool:
    """Return whether an attribute that replaces does not: an import brought it, or could not tell it."""
    return name in private.get("imported", ()) and (prior[str(name)] is None or planned[str(name)] is None)


def _released(prior: Mapping[str, Any], planned: Values, private: Private) -> list[str]:
    """Return what an import brought and the configuration lacks."""
    names = ownership.released_attributes(prior, planned, private)
    if unknown_paths([planned["file_ids"], planned["files"]]):
        return names
    imported, wanted = set(private.get("imported_files", ())), _files(planned)
    return names + [each for each in _files(prior) if each in imported and each not in wanted]
