"""What an openai_file is."""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Literal, NotRequired, TypedDict

from provider_shim.contract.attributes import (
    COMPUTED,
    PROSE,
    REPLACE,
    WRITE_ONLY,
    Between,
    Default,
    Length,
    Resolvable,
    contract,
)
from provider_shim.contract.limits import FILE_BYTES, FILE_EXPIRES_SECONDS, FILE_MEGABYTES, spoken
from provider_shim.contract.parts import version_problems
from provider_shim.contract.path import Path
from provider_shim.contract.paths import as_name, as_text

Purpose = Literal["assistants", "batch", "fine-tune", "vision", "user_data", "evals"]


class FileExpiresAfter(TypedDict):
    """When the API deletes the file by itself."""

    seconds: Annotated[
        float, f"Seconds after the anchor, {spoken(FILE_EXPIRES_SECONDS)}.", Between(*FILE_EXPIRES_SECONDS)
    ]
    anchor: NotRequired[Annotated[Literal["created_at"], "What the time counts from.", Default("created_at")]]


class FileConfig(TypedDict, total=False):
    """What a file is made from: ``file``, or ``content`` or ``content_wo`` with ``filename``."""

    file: Annotated[
        str,
        f"Path of the file to upload, at most {FILE_MEGABYTES} MB, seen from the folder that Terraform runs "
        "in. Its content counts, not its path or its date: only other content makes a new file. It must stay "
        "as it is between plan and apply.",
        Length(1),
    ]
    content: Annotated[str, "Text to upload, in place of `file`.", Length(1), PROSE]
    content_wo: Annotated[
        str,
        "Text to upload, in place of `file`, that is in no plan and in no state, as are its size and its "
        "SHA-256. Needs Terraform 1.11 or OpenTofu 1.11, and `content_wo_version`.",
        Length(1),
        WRITE_ONLY,
    ]
    content_wo_version: Annotated[
        float | Resolvable,
        "A whole number: another one says that `content_wo` is another text, which nobody can compare.",
        Between(0),
        REPLACE,
    ]
    filename: Annotated[
        str,
        "Name that the file has at the API. Default: the last part of `file`. Required with `content` "
        "and `content_wo`.",
        Length(1),
        COMPUTED,
        PROSE,
        REPLACE,
    ]
    purpose: Annotated[
        Purpose, 'What the file is for. Default: `"assistants"`.', Default("assistants"), REPLACE
    ]
    expires_after: Annotated[
        FileExpiresAfter | Resolvable,
        "When the API deletes the file by itself. Default: never, or what the API does for the purpose.",
        REPLACE,
    ]


UploadedAt = Annotated[float, "When the file was uploaded, in Unix seconds."]
FileStatus = Annotated[str, '`"uploaded"`, `"processed"` or `"error"`.']


class FileComputed(TypedDict):
    """What the API gives a file."""

    id: Annotated[str, "Id at the API: `file-…`."]
    bytes: Annotated[float, "Size in bytes; null with `content_wo`."]
    created_at: UploadedAt
    sha256: Annotated[
        str,
        "SHA-256 of the content, as 64 hexadecimal digits; null with `content_wo`, and of an imported file.",
    ]
    object: Annotated[str, 'Always `"file"`.']
    status: FileStatus
    expires_at: Annotated[float, "When the API deletes the file by itself, in Unix seconds; null if never."]


def size_problem(size: int) -> str | None:
    """Say what is wrong with a size in bytes; None if nothing."""
    if size == 0:
        return f"is empty. Allowed: 1 byte to {FILE_MEGABYTES} MB. Give a file with content."
    if size > FILE_BYTES:
        most = f"{FILE_BYTES:,} ({FILE_MEGABYTES} MB)"
        return f"has {size:,} bytes. Allowed: at most {most}. Split it into smaller files."
    return None


def located(path: str) -> str:
    """Return a path as the disk has it: Terraform composes accents, and macOS wrote some names without."""
    path = as_name(path)
    if path.isascii() or os.path.lexists(path):
        return path
    from unicodedata import normalize  # noqa: PLC0415 - few names have accents

    # Each part for itself: of the folders some may be one way, some the other.
    found = "/" if os.path.isabs(path) else ""  # noqa: PTH117 - as below
    for part in filter(None, path.split("/")):
        forms = (part, normalize("NFC", part), normalize("NFD", part))
        there = next((each for each in forms if os.path.lexists(os.path.join(found, each))), None)  # noqa: PTH118 - as below
        if there is None:
            return path
        found = os.path.join(found, there)  # noqa: PTH118 - as below
    return found


def path_problem(path: str) -> str | None:
    """Say why the file at a path can't be uploaded; None if it can. Reads none of it."""
    try:
        found = os.stat(located(path))  # noqa: PTH116 - pathlib costs more than the whole check
    except (OSError, ValueError) as unreachable:
        return unreadable(path, getattr(unreachable, "strerror", None) or str(unreachable))
    if not stat.S_ISREG(found.st_mode):
        kind = "a folder" if stat.S_ISDIR(found.st_mode) else "no regular file"
        return f'is "{path}", which is {kind}. Allowed: the path of a file. Give one.'
    problem = size_problem(found.st_size)
    if problem is None and not os.access(located(path), os.R_OK):
        return unreadable(path, "Permission denied")
    return problem and f'is "{path}", which {problem}'


def unreadable(path: str, reason: str) -> str:
    """Say that a path leads to nothing that can be read."""
    seen_from = "" if os.path.isabs(path) else f" The path is seen from {as_text(os.getcwd())}."  # noqa: PTH109, PTH117 - as above
    return (
        f'is "{path}", which can\'t be read: {reason}.{seen_from} Allowed: a file that exists and that this '
        "user may read. Correct the path."
    )


def _one_source(
    values: Mapping[str, object], is_unknown: Callable[[object], bool]
) -> Iterator[tuple[Path, str, str]]:
    filename = values.get("filename")
    given = [name for name in ("file", "content", "content_wo") if values.get(name) is not None]
    if not given:
        yield (
            ("file",),
            "Nothing to upload",
            (
                "file and content are missing. Allowed: file = the path of a file, or content = a text with "
                "filename = its name, or content_wo = a text that no state holds. Give one of them."
            ),
        )
    elif len(given) > 1:
        yield (
            (given[1],),
            "Two things to upload",
            f"{given[0]} and {given[1]} are given. Allowed: one of them. Remove the other.",
        )
    elif given != ["file"] and filename is None:
        yield (
            ("filename",),
            "Missing attribute",
            f'filename is missing, and {given[0]} needs it: for example filename = "handbook.md".',
        )
    yield from version_problems(values)
    if isinstance(filename, str) and not is_unknown(filename) and ("/" in filename or "\\" in filename):
        yield (
            ("filename",),
            "Not a name",
            (
                f'filename is "{filename[:60]}". Allowed: a name without a folder. '
                "Remove what is before the last slash."
            ),
        )


FILE = contract(
    "openai_file",
    "A file at the API, for attachments, the code interpreter and vector stores.",
    FileConfig,
    FileComputed,
    version=1,
    rules=(_one_source,),
    identity=("id",),
)
