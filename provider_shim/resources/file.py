"""openai_file: a file at the API, uploaded as a stream, replaced when its content changes."""

import os
from collections.abc import Mapping
from os.path import basename
from typing import TYPE_CHECKING, Any

from provider_shim.contract.file import FILE
from provider_shim.contract.limits import FILE_EXPIRES_SECONDS
from provider_shim.resources import ownership
from provider_shim.resources.connection import Connection
from provider_shim.resources.content import Content, content_of, content_of_text
from provider_shim.resources.identifiers import checked_id
from provider_shim.resources.lifecycle import Lifecycle, absent
from provider_shim.resources.messages import write_only_text
from provider_shim.resources.moved import adapted, moved
from provider_shim.terraform.diagnostics import Diagnostic, Failure, error, warning
from provider_shim.terraform.handler import Change, Source, Values, Work, resource
from provider_shim.terraform.values import UNKNOWN, is_unknown

if TYPE_CHECKING:
    from provider_shim.api.files import FileRecord
    from provider_shim.contract.states import FileState


@resource
class FileHandler:
    """Plan rules, create, read, update, delete and import of a file."""

    contract = FILE

    def __init__(self, connection: Connection) -> None:
        """Work through the provider's connection."""
        self._connection = connection
        self._lifecycle = Lifecycle(connection, FILE.type_name, "file")

    # --- plan ---------------------------------------------------------------------------

    def plan_new(self, change: "Change[FileState]") -> None:
        """Plan the SHA-256, size and name of what is to be uploaded."""
        assert change.config is not None
        assert change.planned is not None
        if _is_write_only(change.planned):
            _plan_content(change.config, change.planned, None)
            return
        _plan_content(change.config, change.planned, content_of(change.planned))
        self._connection.recovery.planned(change, FILE.type_name, _told_apart(change.planned))

    async def plan(self, change: "Change[FileState]") -> None:
        """Plan the content's SHA-256, and replace the file if it is another one."""
        prior, planned = change.prior, change.planned
        if prior is None:
            self.plan_new(change)
            return
        self._connection.recovery.stored(prior["id"])
        if planned is None or change.config is None:
            return
        content = None if _is_write_only(planned) else await _content_of(planned)
        _plan_content(change.config, planned, content)
        if change.config["filename"] is None and planned["filename"] != prior["filename"]:
            change.replace.append(("filename",))
        imported = prior["sha256"] is None and not _is_write_only(prior)
        brought = imported or "expires_after" in change.private.get("imported", ())
        if brought and planned["expires_after"] is None:
            # Imported: some purposes have a time limit that nobody configured.
            change.replace = [path for path in change.replace if path[0] != "expires_after"]
            if prior["expires_after"] is not None:
                change.diagnostics += ownership.released(["expires_after"], prior["id"])
        if planned["sha256"] == prior["sha256"]:
            return
        if content and imported and prior["bytes"] == content.bytes:
            change.diagnostics.append(_taken_for_the_same(prior, content))
            return
        change.replace.append(("sha256",))

    # --- create -------------------------------------------------------------------------

    async def create(self, work: "Work[FileState]") -> None:
        """Upload what was planned, and nothing else."""
        from provider_shim.api.files import Upload  # noqa: PLC0415 - few runs upload

        planned = work.planned
        write_only = _is_write_only(planned)
        if write_only:
            content = content_of_text(write_only_text(work.config, ("content_wo",)), "content_wo")
        else:
            looked_at = await _content_of(planned)
            assert looked_at is not None
            content = looked_at
            if not is_unknown(planned["sha256"]) and planned["sha256"] != content.sha256:
                raise _changed(planned["file"])
        named = planned["filename"]
        filename = _name(planned["file"]) if named is None or is_unknown(named) else named
        expires = planned["expires_after"]
        upload = Upload(
            content.source, filename, planned["purpose"], int(expires["seconds"]) if expires else None
        )
        known: FileState = {
            **planned,
            "filename": filename,
            "sha256": None if write_only else content.sha256,
            "bytes": None if write_only else content.bytes,
        }
        files = self._connection.files
        lookup = await files.before(upload)
        # The digest of a lookup is made of the size, too: nothing of a write-only text is noted.
        async with self._connection.recovery.pending(
            work, FILE.type_name, _told_apart(known), None if write_only else lookup
        ) as pending:
            record, sent = (
                await self._lifecycle.taken_over(work, pending, files.read, files.recover),
                content.sha256,
            )
            if record is None:
                record, sent = await files.upload(upload, lookup)
            pending.made(record.id)
        if sent != content.sha256 or record.bytes not in (0, content.bytes):
            await files.delete(record.id)
            self._connection.recovery.gone(record.id)
            raise _changed(planned["file"])
        work.state = {
            **known,
            "id": record.id,
            "created_at": record.created_at,
            "status": record.status,
            "expires_at": record.expires_at,
        }
        work.private = {}
        self._connection.note_account(work.private)

    # --- read ---------------------------------------------------------------------------

    async def read(self, work: "Work[FileState]") -> None:
        """Refresh the status; nobody can change a file, only delete it."""
        state, files = work.reached, self._connection.files
        identifier = state["id"]
        record = await self._lifecycle.refreshed(work, lambda: files.read(identifier), state["created_at"])
        if record is None:
            return
        work.state = _refreshed(state, record)
        if state["sha256"] is None and (state["file"] or state["content"]):
            await self._recognise(work, record)

    async def _recognise(self, work: "Work[FileState]", record: "FileRecord") -> None:
        """Take the content of a state of another provider, which knows no SHA-256, for the one at the API."""
        try:
            content = await _content_of(work.reached)
        except Failure:
            return  # the file is not there; where it is configured, the plan says so
        if content is not None and content.bytes == record.bytes:
            work.diagnostics.append(_taken_for_the_same(work.reached, content))
            work.state = {**work.reached, "sha256": content.sha256}

    # --- update -------------------------------------------------------------------------

    async def update(self, work: "Work[FileState]") -> None:
        """Take the path by which the same content is found now: nothing to do at the API."""
        work.state = work.planned

    # --- delete -------------------------------------------------------------------------

    async def delete(self, work: "Work[FileState]") -> None:
        """Delete the file."""
        await self._lifecycle.delete(work, self._connection.files.delete, work.private.get("account", []))

    # --- import -------------------------------------------------------------------------

    async def import_state(self, work: "Work[FileState]", identifier: str) -> None:
        """Read a file by its id. Its content stays unknown: the API gives it back to nobody.

        A file of its name and size beside the configuration is taken for it.
        """
        checked_id(identifier, "a file", "file-…")
        record = self._lifecycle.to_import(
            await self._connection.files.read(identifier), f'file "{identifier}"', "Files"
        )
        self._connection.recovery.imported(identifier)
        state: FileState = absent(FILE) | {"id": identifier, "object": "file", "purpose": record.purpose}
        if record.expires_at is not None:
            left = record.expires_at - record.created_at
            least, most = FILE_EXPIRES_SECONDS
            if least <= left <= most:  # any other is the server's own, and no configuration could give it
                state["expires_after"] = {"anchor": "created_at", "seconds": left}
        work.state = found = _refreshed(state, record)
        if _is_plain(found["filename"]):
            work.state = {**found, "file": found["filename"]}
            await self._recognise(work, record)
            if work.state["sha256"] is None:
                work.state = found
        work.private = {"imported": ["expires_after"]} if state["expires_after"] else {}
        self._connection.note_account(work.private)

    def generate(self, config: Values, state: Mapping[str, Any]) -> None:
        """Take the file to upload from where its name says: a state of an import does not know it."""
        sourceless = all(config[name] is None for name in ("file", "content", "content_wo_version"))
        if sourceless and _is_plain(state["filename"]):
            config["file"] = state["filename"]
        if config["file"] is not None and _name(config["file"]) == config["filename"]:
            config["filename"] = None

    def upgrade(self, version: int, state: Mapping[str, object]) -> Values:  # noqa: ARG002 - one old version
        """Take a state of schema version 0, as the retired providers wrote it."""
        return _from_elsewhere(adapted(FILE, state), state)

    def move(self, source: Source) -> Values:
        """Take another provider's openai_file."""
        return _from_elsewhere(moved(FILE, source), source.state)


def _from_elsewhere(known: Values, state: Mapping[str, object]) -> Values:
    """Complete a state of another provider, one of which calls the path ``file_path``."""
    return {**known, "file": known["file"] or state.get("file_path"), "object": "file"}


def _plan_content(config: Values, planned: Values, content: Content | None) -> None:
    planned["object"] = "file"
    if config["filename"] is None:
        planned["filename"] = _name(planned["file"])
    unknown = None if _is_write_only(planned) else UNKNOWN
    planned["sha256"] = content.sha256 if content else unknown
    planned["bytes"] = content.bytes if content else unknown


def _is_write_only(values: Mapping[str, object]) -> bool:
    """Return whether the content is in no state: then nothing that is made of it is, either."""
    return values["content_wo_version"] is not None


async def _content_of(values: Mapping[str, object]) -> Content | None:
    """Look at the content beside the event loop: a large file takes seconds."""
    import asyncio  # noqa: PLC0415 - a plan of new files needs none

    return await asyncio.to_thread(content_of, values)


def _name(file: object) -> Any:  # noqa: ANN401 - a name or UNKNOWN
    """Return the name that a path ends in."""
    return basename(file) if isinstance(file, str) else UNKNOWN  # noqa: PTH119 - no Path needed


def _is_plain(name: str | None) -> bool:
    """Return whether a name at the API is that of a file beside the configuration, and leads nowhere else."""
    return bool(name) and _name(name) == name and name not in (".", "..")


def _told_apart(planned: Mapping[str, object]) -> Values:
    """Return what makes two uploads the same: the content, not where it comes from.

    Of a write-only text nothing may be noted, so no two uploads of one are the same.
    """
    told = {name: planned[name] for name in ("sha256", "filename", "purpose", "expires_after")}
    return {**told, "once": os.urandom(16).hex()} if _is_write_only(planned) else told


def _changed(file: object) -> Failure:
    return Failure(
        error(
            "The file changed after it was planned",
            f'file is "{file}", and its content is not the planned one any more. Nothing was kept at the '
            "API. Plan and apply again.",
            ("file",),
        )
    )


def _refreshed(state: "FileState", record: "FileRecord") -> "FileState":
    fresh: Any = {
        "bytes": None if _is_write_only(state) else record.bytes or state["bytes"],
        "status": record.status,
        "expires_at": record.expires_at,
        "created_at": state["created_at"] or record.created_at,
        "filename": state["filename"] or record.filename,
        "purpose": state["purpose"] or record.purpose,
    }
    return {**state, **fresh}


def _taken_for_the_same(prior: "FileState", content: Content) -> Diagnostic:
    return warning(
        "Taken for the same content",
        f"The content of {prior['id']} is not known, for the API does not give it back. It has "
        f"{content.bytes:,} bytes, as has what is configured, and so it is taken for the same. If it is not: "
        "terraform apply -replace=…",
        ("file",),
    )
