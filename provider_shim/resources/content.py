"""What a file resource uploads: a file on the disk or a text, its size and its SHA-256."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from provider_shim.contract.file import path_problem, size_problem, unreadable
from provider_shim.terraform.diagnostics import Failure, error
from provider_shim.terraform.values import UNKNOWN

_BLOCK = 1 << 20


class Content(NamedTuple):
    """``source`` is a path, or the bytes themselves; ``sha256`` has 64 hexadecimal digits."""

    source: Path | bytes
    bytes: int
    sha256: str


def content_of(values: Mapping[str, Any]) -> Content | None:
    """Look at what ``file`` or ``content`` gives; None while it is known only after apply.

    Reads the file once, a block at a time. Raises Failure for one that is missing, unreadable, no file,
    empty or larger than the API takes.
    """
    file, content = values["file"], values["content"]
    if file is UNKNOWN or content is UNKNOWN:
        return None
    if content is not None:
        data = content.encode("utf-8", "replace")
        _refuse(size_problem(len(data)), "content")
        return Content(data, len(data), hashlib.sha256(data).hexdigest())
    _refuse(path_problem(file))
    path = Path(file)
    try:
        size, sha256 = _read(path)
    except OSError as broken:
        raise _failure(unreadable(file, broken.strerror or str(broken))) from broken
    return Content(path, size, sha256)


def _read(path: Path) -> tuple[int, str]:
    size, sha256 = 0, hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            size += len(block)
            sha256.update(block)
    return size, sha256.hexdigest()


def _refuse(problem: str | None, name: str = "file") -> None:
    if problem:
        raise _failure(problem, name)


def _failure(problem: str, name: str = "file") -> Failure:
    return Failure(error("Nothing that could be uploaded", f"{name} {problem}", (name,)))
