"""What a file resource uploads: a file on the disk or a text, its size and its SHA-256."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from provider_shim.contract.file import located, path_problem, size_problem, unreadable
from provider_shim.terraform.diagnostics import Failure, error
from provider_shim.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK = 1 << 20


class Content(NamedTuple):
    """``source`` is a path, or the bytes themselves; ``sha256`` has 64 hexadecimal digits."""

    source: "Path | bytes"
    bytes: int
    sha256: str


def content_of_text(text: str, name: str = "content") -> Content:
    """Look at a text. Raises Failure for one that is larger than the API takes."""
    from hashlib import sha256  # noqa: PLC0415 - a start that only gives the schema needs none

    data = text.encode("utf-8", "replace")
    _refuse(size_problem(len(data)), name)
    return Content(data, len(data), sha256(data).hexdigest())


def content_of(values: Mapping[str, Any]) -> Content | None:
    """Look at what ``file`` or ``content`` gives; None while it is known only after apply.

    Reads the file once, a block at a time. Raises Failure for one that is missing, unreadable, no file,
    empty or larger than the API takes.
    """
    file, content = values["file"], values["content"]
    if file is UNKNOWN or content is UNKNOWN:
        return None
    if content is not None:
        return content_of_text(content)
    _refuse(path_problem(file))
    from pathlib import Path  # noqa: PLC0415 - as above

    path = Path(located(file))
    try:
        size, digest = _read(path)
    except OSError as broken:
        raise _failure(unreadable(file, broken.strerror or str(broken))) from broken
    return Content(path, size, digest)


def _read(path: "Path") -> tuple[int, str]:
    from hashlib import sha256  # noqa: PLC0415 - as above

    size, digest = 0, sha256()
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            size += len(block)
            digest.update(block)
    return size, digest.hexdigest()


def _refuse(problem: str | None, name: str = "file") -> None:
    if problem:
        raise _failure(problem, name)


def _failure(problem: str, name: str = "file") -> Failure:
    return Failure(error("Nothing that could be uploaded", f"{name} {problem}", (name,)))
