"""A multipart request, its file written to disk while it arrives."""

import asyncio
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO, Final

from starlette.requests import ClientDisconnect, Request

from provider_shim.contract.limits import FILE_BYTES
from provider_shim.local.errors import ApiError, invalid

FIELD_BYTES: Final = 64 * 1024
"""All the fields beside the file together, with the multipart framing, at most."""

_FILE: Final = "file"
_ENCODED: Final = re.compile(rb"%(0[0-9A-F]|1[0-9A-F]|22)")
"""What a client can't write between quotes in a header, and so encodes: control characters and the quote
itself. It encodes no percent sign, so anything else is part of the name."""


@dataclass
class Received:
    """What arrived: text fields by name, and the file's name and size; its content is at `path`."""

    path: Path
    fields: dict[str, str] = field(default_factory=dict)
    filename: str | None = None
    size: int = 0


async def receive(request: Request, path: Path) -> Received:
    """Write the file of a multipart request to `path`, which is on disk when this returns.

    Raises `ApiError` for a request that is not multipart, is malformed or too large; the caller
    removes what was written by then.
    """
    from python_multipart.exceptions import FormParserError  # noqa: PLC0415 - only uploads need it
    from python_multipart.multipart import MultipartParser, parse_options_header  # noqa: PLC0415 - few requests upload

    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise invalid(
            "Invalid request: expected a body of type multipart/form-data with a boundary.",
            None,
            "invalid_content_type",
        )
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > FILE_BYTES + FIELD_BYTES:
        raise _too_large(f"Invalid 'file': larger than {FILE_BYTES} bytes.")
    upload = Received(path)
    with _written(path) as target:
        parts = _Parts(upload, target)
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": parts.begin,
                "on_header_field": parts.header_name,
                "on_header_value": parts.header_value,
                "on_header_end": parts.header_end,
                "on_headers_finished": parts.headers_end,
                "on_part_data": parts.data,
                "on_part_end": parts.end,
            },
        )
        try:
            async for chunk in request.stream():
                parser.write(chunk)
            parser.finalize()
        except FormParserError as error:
            raise invalid("Invalid multipart/form-data body.", None, "invalid_multipart") from error
        except ClientDisconnect as error:
            raise invalid("The client went away before it had sent the file.", None) from error
        target.flush()
        # The one slow call: a big file's pages go to disk here.
        await asyncio.to_thread(os.fsync, target.fileno())
    return upload


@contextmanager
def _written(path: Path) -> Iterator[BinaryIO]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as target:  # noqa: PTH123 - from a descriptor
        yield target


class _Parts:
    """What the multipart parser calls, part by part."""

    def __init__(self, upload: Received, target: BinaryIO) -> None:
        self._upload = upload
        self._target = target
        self._field_bytes = 0
        self._headers: dict[bytes, bytes] = {}
        self._header = (b"", b"")
        self._name = ""
        self._value = b""

    def begin(self) -> None:
        self._headers = {}
        self._value = b""

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0] + data[start:end], self._header[1])

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0], self._header[1] + data[start:end])

    def header_end(self) -> None:
        name, value = self._header
        self._headers[name.lower()] = value
        self._header = (b"", b"")

    def headers_end(self) -> None:
        from python_multipart.multipart import parse_options_header  # noqa: PLC0415 - as above

        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode(errors="replace")
        if self._name != _FILE:
            return
        if self._upload.filename is not None:
            raise invalid("Invalid 'file': got more than one.", _FILE, "invalid_value")
        if b"filename" not in options:
            raise invalid("Invalid type for 'file': expected a file with a name.", _FILE, "invalid_type")
        # Some clients send a path; only its last part is a name.
        given = _ENCODED.sub(_decoded, options[b"filename"]).decode(errors="replace")
        self._upload.filename = given.rpartition("/")[2] or "file"

    def data(self, data: bytes, start: int, end: int) -> None:
        if self._name == _FILE:
            self._upload.size += end - start
            if self._upload.size > FILE_BYTES:
                raise _too_large(f"Invalid 'file': larger than {FILE_BYTES} bytes.")
            self._target.write(data[start:end])
            return
        self._field_bytes += end - start
        if self._field_bytes > FIELD_BYTES:
            raise _too_large(f"The fields beside the file are larger than {FIELD_BYTES} bytes.")
        self._value += data[start:end]

    def end(self) -> None:
        if self._name == _FILE:
            return
        try:
            self._upload.fields[self._name] = self._value.decode()
        except UnicodeDecodeError:
            raise invalid(f"Invalid '{self._name}': not UTF-8 text.", self._name, "invalid_value") from None


def _decoded(found: re.Match[bytes]) -> bytes:
    return bytes.fromhex(found[1].decode())


def _too_large(message: str) -> ApiError:
    return ApiError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message, param=_FILE, code="file_above_max_size")
