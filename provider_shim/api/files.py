"""Files: uploaded as a stream, found again after a lost answer."""

import hashlib
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from provider_shim.api.answers import seconds
from provider_shim.api.client import Client, Request, path_to
from provider_shim.api.leftovers import Leftover, Owners, recovering
from provider_shim.api.lookup import Finder, Holds, Unanswered, nobody, none_unanswered
from provider_shim.api.pages import listed, pages
from provider_shim.api.problem import ApiProblem
from provider_shim.api.retry import Repeat
from provider_shim.api.streams import Through
from provider_shim.journal.records import Lookup, Record, digest, plain

READY: Final = "processed"


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file as the API tells it. Times are in Unix seconds; ``expires_at`` is None if it never does."""

    id: str
    filename: str
    bytes: int
    created_at: int
    purpose: str
    status: str
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to upload: the path of one on the disk, or its content. ``expires_after`` is in seconds."""

    source: Path | bytes
    filename: str
    purpose: str = "assistants"
    expires_after: int | None = None


class _Hashing(Through):
    """A file that is read once from its beginning, and hashed on the way."""

    def __init__(self, source: io.BufferedIOBase) -> None:
        super().__init__(source)
        self.sha256 = hashlib.sha256()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if (offset, whence) == (0, io.SEEK_SET):
            self.sha256 = hashlib.sha256()
        return super().seek(offset, whence)

    def read(self, size: int | None = -1, /) -> bytes:
        block = super().read(size)
        self.sha256.update(block)
        return block

    def close(self) -> None:
        self._source.close()
        super().close()


class Files:
    """The calls of /files. Everything raises ApiProblem."""

    def __init__(
        self, client: Client, holds: Holds = nobody, unanswered: Unanswered = none_unanswered
    ) -> None:
        """Work through this client. One for a whole run: it tells its own uploads from others'."""
        self._client = client
        self._finder = Finder(
            client, "file", path_to("files"), _digest_of, holds=holds, unanswered=unanswered
        )

    async def before(self, upload: Upload) -> Lookup:
        """Look what is there before an upload, and tell how it is found in the list afterwards."""
        return await self._finder.before(
            Lookup(digest(_plain_name(upload.filename), _size(upload.source), upload.purpose))
        )

    async def recover(self, records: Sequence[Record]) -> FileRecord | None:
        """Find what a run that died has uploaded; None if it is certainly not there."""
        found = await self._finder.recover(records)
        return None if found is None else _record(found)

    async def upload(self, upload: Upload, lookup: Lookup | None = None) -> tuple[FileRecord, str]:
        """Upload a file without holding it in memory; give the SHA-256 of what was sent, as hex.

        ``lookup`` is what ``before`` gave, if that was asked already.
        """
        lookup = lookup or await self.before(upload)
        body: dict[str, Any] = {"purpose": upload.purpose}
        if upload.expires_after is not None:
            body["expires_after"] = {"anchor": "created_at", "seconds": str(upload.expires_after)}
        opened: list[_Hashing] = []

        def fields() -> Mapping[str, Any]:
            opened.append(_open(upload.source))
            return {"file": (upload.filename, opened[-1])}

        action = f"uploading {upload.filename}"
        request = Request(action, "POST", path_to("files"), body, repeat=Repeat.NEVER_TWICE, upload=fields)
        try:
            made = await self._finder.create(request, lookup)
            self._client.born(str(made.get("id")))
            return _record(made), opened[-1].sha256.hexdigest()
        finally:
            for each in opened:
                each.close()

    async def read(self, identifier: str) -> FileRecord | None:
        """Read what the API knows of a file; None only if absence is proven."""
        answer = await self._client.find(Request("reading the file", "GET", path_to("files", identifier)))
        return None if answer is None else _record(answer)

    async def delete(self, identifier: str) -> bool:
        """Delete a file; return False if it was gone already."""
        request = Request("deleting the file", "DELETE", path_to("files", identifier))
        return await self._client.find(request) is not None

    async def all(self, purpose: str | None = None, order: str = "desc") -> AsyncIterator[FileRecord]:
        """Return the files, newest first or, with ``asc``, oldest first."""
        query = {"order": order, **({"purpose": purpose} if purpose else {})}
        async for each in listed(pages(self._client, "listing the files", path_to("files"), query=query)):
            yield _record(each)


def leftover(record: Record, client: Client, owners: Owners) -> Leftover:
    """Return what can be done about a file that was asked for."""
    files = Files(client, owners.holds, owners.unanswered)
    return Leftover(recovering(files.recover, record), files.read, files.delete)


def _digest_of(listed: Mapping[str, object], _keys: object = None) -> str:
    return digest(_plain_name(str(listed.get("filename"))), listed.get("bytes"), listed.get("purpose"))


def _plain_name(filename: str) -> str:
    """Return one spelling of a name for all those in which servers keep it.

    In a multipart header quotes and control characters are percent-encoded and backslashes doubled; some
    servers decode that, some don't, some take the bytes for Latin-1, and some keep only what is behind the
    last slash or backslash.
    """
    with suppress(UnicodeError):
        filename = filename.encode("latin-1").decode()
    name = unquote(filename.replace("\\\\", "\\").replace('\\"', '"'))
    return plain(name.replace("\\", "/").rpartition("/")[2])


def _open(source: Path | bytes) -> _Hashing:
    if isinstance(source, bytes):
        return _Hashing(io.BytesIO(source))
    try:
        return _Hashing(source.open("rb"))
    except OSError as unreadable:
        raise _unreadable(source, unreadable) from unreadable


def _size(source: Path | bytes) -> int:
    if isinstance(source, bytes):
        return len(source)
    try:
        return source.stat().st_size
    except OSError as unreadable:
        raise _unreadable(source, unreadable) from unreadable


def _unreadable(path: Path, problem: OSError) -> ApiProblem:
    return ApiProblem(
        "unreadable",
        "The file can't be read",
        f"file is {str(path)!r}: {problem.strerror}.",
        ("file",),
    )


def _record(answer: Mapping[str, object]) -> FileRecord:
    expires = answer.get("expires_at")
    return FileRecord(
        str(answer.get("id", "")),
        str(answer.get("filename", "")),
        seconds(answer.get("bytes")),
        seconds(answer.get("created_at")),
        str(answer.get("purpose", "")),
        str(answer.get("status") or READY),
        None if expires is None else seconds(expires),
    )
