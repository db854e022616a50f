"""openai_file: a file at the API, uploaded as a stream, replaced when its content changes."""

from collections.abc import Mapping
from os.path import basename
from typing import TYPE_CHECKING, Any

from provider_shim.contract.file import FILE
from provider_shim.contract.limits import FILE_EXPIRES_SECONDS
from provider_shim.resources import ownership
from provider_shim.resources.connection import Connection, is_young, taken_over
from provider_shim.resources.content import Content, content_of
from provider_shim.resources.identifiers import checked_id
from provider_shim.resources.moved import moved
from provider_shim.terraform.diagnostics import Diagnostic, Failure, error, warning
from provider_shim.terraform.handler import Change, Values, Work
from provider_shim.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from provider_shim.api.files import FileRecord


class FileHandler:
    """Plan rules, create, read, update, delete and import of a file."""

    contract = FILE

    def __init__(self, connection: Connection) -> None:
        """Work through the provider's connection."""
        self._connection = connection

    # --- plan ---------------------------------------------------------------------------

    def plan_new(self, change: Change) -> None:
        """Plan the SHA-256, size and name of what is to be uploaded."""
        assert change.config is not None
        assert change.planned is not None
        _plan_content(change.config, change.planned, content_of(change.planned))

    async def plan(self, change: Change) -> None:
        """Plan the content's SHA-256, and replace the file if it is another one."""
        prior, planned = change.prior, change.planned
        if prior is None:
            self.plan_new(change)
            return
        self._connection.settle(prior["id"])
        if planned is None or change.config is None:
            return
        content = await _content_of(planned)
        _plan_content(change.config, planned, content)
        if change.config["filename"] is None and planned["filename"] != prior["filename"]:
            change.replace.append(("filename",))
        if prior["sha256"] is None and planned["expires_after"] is None:
            # Imported: some purposes have a time limit that nobody configured.
            change.replace = [path for path in change.replace if path[0] != "expires_after"]
            if prior["expires_after"] is not None:
                change.diagnostics += ownership.released(["expires_after"], prior["id"])
        if planned["sha256"] == prior["sha256"]:
            return
        if content and prior["sha256"] is None and prior["bytes"] == content.bytes:
            change.diagnostics.append(_taken_for_the_same(prior, content))
            return
        change.replace.append(("sha256",))

    # --- create -------------------------------------------------------------------------

    async def create(self, work: Work) -> None:
        """Upload what was planned, and nothing else."""
        from provider_shim.api.files import Upload  # noqa: PLC0415 - few runs upload

        planned = work.planned
        assert planned is not None
        content = await _content_of(planned)
        assert content is not None
        if planned["sha256"] not in (UNKNOWN, content.sha256):
            raise _changed(planned["file"])
        filename = planned["filename"] if planned["filename"] is not UNKNOWN else _name(planned["file"])
        expires = planned["expires_after"]
        upload = Upload(
            content.source, filename, planned["purpose"], int(expires["seconds"]) if expires else None
        )
        known = {**planned, "filename": filename, "sha256": content.sha256, "bytes": content.bytes}
        files = self._connection.files
        sought = await files.before(upload)
        async with self._connection.making(FILE.type_name, _told_apart(known), sought) as entry:
            record = None
            if entry.adopted:
                adopted_id, at = entry.adopted, entry.earlier[0].at
                record = await self._connection.found(lambda: files.read(adopted_id), at)
            if record is None and entry.lost:
                record = await files.lost(entry.lost)
            sent = content.sha256
            if record is not None:
                work.diagnostics.append(taken_over("file", record.id))
            else:
                record, sent = await files.upload(upload, sought)
            entry.made(record.id)
        if sent != content.sha256 or record.bytes not in (0, content.bytes):
            await files.delete(record.id)
            self._connection.settle(record.id)
            raise _changed(planned["file"])
        work.state = {
            **known,
            "id": record.id,
            "created_at": record.created_at,
            "status": record.status,
        }
        self._note_account(work)

    # --- read ---------------------------------------------------------------------------

    async def read(self, work: Work) -> None:
        """Refresh the status; nobody can change a file, only delete it."""
        state, files = work.state, self._connection.files
        assert state is not None
        identifier = state["id"]
        record = await self._connection.found(lambda: files.read(identifier), state["created_at"])
        if record is None:
            self._connection.check_absence(identifier, work.private.get("account", []))
            work.diagnostics += self._connection.new_database()
            if is_young(state["created_at"]):
                work.diagnostics.append(self._connection.not_found_young(FILE.type_name, identifier))
            work.state = None
            return
        self._connection.settle(identifier)
        if "account" not in work.private:
            self._note_account(work)
        work.state = _refreshed(state, record)

    # --- update -------------------------------------------------------------------------

    async def update(self, work: Work) -> None:
        """Take the path by which the same content is found now: nothing to do at the API."""
        assert work.planned is not None
        work.state = work.planned

    # --- delete -------------------------------------------------------------------------

    async def delete(self, work: Work) -> None:
        """Delete the file."""
        assert work.state is not None
        identifier, created_at = work.state["id"], work.state["created_at"]
        files = self._connection.files

        async def deleted() -> bool | None:
            return await files.delete(identifier) or None

        if not await self._connection.found(deleted, created_at):
            self._connection.check_absence(identifier, work.private.get("account", []))
            if is_young(created_at):
                work.diagnostics.append(self._connection.not_found_young(FILE.type_name, identifier))
                work.state = None
                return
        self._connection.settle(identifier)
        work.state = None

    # --- import -------------------------------------------------------------------------

    async def import_state(self, work: Work, identifier: str) -> None:
        """Read a file by its id. Its content stays unknown: the API gives it back to nobody."""
        checked_id(identifier, "a file", "file-…")
        record = await self._connection.files.read(identifier)
        if record is None:
            raise Failure(
                error(
                    "Nothing to import",
                    f'There is no file "{identifier}" on the Files API at {self._connection.base_url}. Check '
                    "the id, base_url, project and key.",
                )
            )
        state: Values = dict.fromkeys(FILE.attributes)
        if record.expires_at is not None:
            left = record.expires_at - record.created_at
            least, most = FILE_EXPIRES_SECONDS
            if least <= left <= most:  # any other is the server's own, and no configuration could give it
                state["expires_after"] = {"anchor": "created_at", "seconds": left}
        work.state = _refreshed({**state, "id": identifier, "object": "file"}, record)
        self._note_account(work)

    def _note_account(self, work: Work) -> None:
        account = self._connection.account
        work.private = {"account": account} if account else {}

    def move(
        self,
        source_provider: str,
        source_type: str,
        version: int,  # noqa: ARG002 - any version
        state: Mapping[str, Any],
    ) -> Mapping[str, Any]:
        """Take another provider's openai_file."""
        return {**moved(FILE, source_provider, source_type, state), "expires_after": None}


def _plan_content(config: Values, planned: Values, content: Content | None) -> None:
    planned["object"] = "file"
    if config["filename"] is None:
        planned["filename"] = _name(planned["file"])
    planned["sha256"] = content.sha256 if content else UNKNOWN
    planned["bytes"] = content.bytes if content else UNKNOWN


async def _content_of(values: Values) -> Content | None:
    """Look at the content beside the event loop: a large file takes seconds."""
    import asyncio  # noqa: PLC0415 - a plan of new files needs none

    return await asyncio.to_thread(content_of, values)


def _name(file: object) -> Any:  # noqa: ANN401 - a name or UNKNOWN
    """Give the name that a path ends in."""
    return basename(file) if isinstance(file, str) else UNKNOWN  # noqa: PTH119 - no Path needed


def _told_apart(planned: Values) -> Values:
    """Give what makes two uploads the same: the content, not where it comes from."""
    return {name: planned[name] for name in ("sha256", "filename", "purpose", "expires_after")}


def _changed(file: object) -> Failure:
    return Failure(
        error(
            "The file changed after it was planned",
            f'file is "{file}", and its content is not the planned one any more. Nothing was kept at the '
            "API. Plan and apply again.",
            ("file",),
        )
    )


def _refreshed(state: Values, record: "FileRecord") -> Values:
    return {
        **state,
        "bytes": record.bytes or state["bytes"],
        "status": record.status,
        "created_at": state["created_at"] or record.created_at,
        "filename": state["filename"] or record.filename,
        "purpose": state["purpose"] or record.purpose,
    }


def _taken_for_the_same(prior: Values, content: Content) -> Diagnostic:
    return warning(
        "Taken for the same content",
        f"The content of {prior['id']} is not known, for the API does not give it back. It has "
        f"{content.bytes:,} bytes, as has what is configured, and so it is taken for the same. If it is not: "
        "terraform apply -replace=…",
        ("file",),
    )
