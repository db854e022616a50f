"""A folder of bundles: a provider mirror as `terraform providers mirror` writes it, for one version or more.

    FOLDER/
      localhost/cdktf-openai-thread/openai/
        index.json                                       the versions
        0.1.0.json                                       the platforms of one, with their hashes
        terraform-provider-openai_0.1.0_linux_amd64.zip

So it can be served as it is: as a filesystem mirror, or by any web server as a network mirror.
"""

import json
import re
import zipfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any, Final, NamedTuple

from provider_shim import __version__
from provider_shim.launcher.mirror import SOURCE, archive_name, h1_of, member, write_if_different

VARIABLE: Final = "CDKTF_OPENAI_THREAD_BUNDLES"
"""The environment variable that names the folder to synth."""

CONTEXT: Final = "openai_thread_bundles"
"""The key that names it in the context of ``cdktf.json``."""

_PLATFORM: Final = r"[a-z0-9]+_[a-z0-9]+"
_AGAIN: Final = "Make it with `openai-thread bundle --to {}`"


class Bundle(NamedTuple):
    """The packed provider for one platform, and the hash of what is in it."""

    archive: bytes
    h1: str


class UnusableFolder(Exception):  # noqa: N818 - what the folder is
    """The folder has no bundle that can be used; the text says why, and what to do."""


def pack(files: Iterable[tuple[str, bytes, bool]]) -> Bundle:
    """Pack a provider: name, content and whether it is started, of each file."""
    known = sorted(files)
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, content, program in known:
            file.writestr(member(name, program=program), content, zipfile.ZIP_DEFLATED, compresslevel=9)
    return Bundle(archive.getvalue(), h1_of((name, content) for name, content, _ in known))


def write(folder: Path, platform: str, bundle: Bundle) -> Path:
    """Put a bundle into a folder, beside those of other platforms and versions; return its file.

    Raises:
        OSError: A file can't be read or written.
        UnusableFolder: The folder has files of these names that are none of a mirror's.
    """
    place = folder / SOURCE
    file = place / archive_name(platform)
    write_if_different(file, bundle.archive)
    platforms = _archives(place) or {}
    platforms[platform] = {"url": file.name, "hashes": sorted([bundle.h1, _zh(bundle.archive)])}
    _write_json(_of_version(place), {"archives": dict(sorted(platforms.items()))})
    versions = {each.stem for each in place.glob("*.json")} - {"index"}
    _write_json(place / "index.json", {"versions": {each: {} for each in sorted(versions)}})
    return file


def read(folder: Path) -> dict[str, Bundle]:
    """Return the bundles of this version by platform, each held against its hash.

    Raises:
        UnusableFolder: There is none, or one is not as it was written.
        OSError: A file can't be read.
    """
    place = folder / SOURCE
    again = _AGAIN.format(folder)
    if not folder.is_dir():
        raise UnusableFolder(f"{folder} is no folder. {again}, or unset what names it")
    platforms = _archives(place)
    if not platforms:
        others = sorted({each.stem for each in place.glob("*.json")} - {"index", __version__})
        has = f"bundles of {', '.join(others)} only" if others else f"no bundle (no {SOURCE})"
        raise UnusableFolder(
            f"{folder} has {has}; needed is one of cdktf-openai-thread {__version__}. {again}"
        )
    found = {}
    for platform, each in platforms.items():
        file = place / str(each["url"])
        hashes = dict(one.partition(":")[::2] for one in each["hashes"])
        try:
            archive = file.read_bytes()
        except FileNotFoundError:
            raise UnusableFolder(
                f"{file} is not there, and {_of_version(place)} names it. {again} again"
            ) from None
        if _zh(archive) != f"zh:{hashes.get('zh')}" or "h1" not in hashes:
            raise UnusableFolder(
                f"{file} is not what `openai-thread bundle` wrote: incomplete, or changed. Its SHA-256 is "
                f"{_zh(archive).removeprefix('zh:')}, and {_of_version(place)} has {hashes.get('zh')}. "
                f"{again} again"
            )
        found[platform] = Bundle(archive, f"h1:{hashes['h1']}")
    return found


def _archives(place: Path) -> dict[str, dict[str, Any]] | None:
    """Return what is noted of this version's platforms; None where nothing is."""
    file = _of_version(place)
    try:
        noted = json.loads(file.read_bytes())["archives"]
        good = all(isinstance(each["url"], str) and "/" not in each["url"] for each in noted.values())
        good = good and all(re.fullmatch(_PLATFORM, each) for each in noted)
        good = good and all(isinstance(one, str) for each in noted.values() for one in each["hashes"])
    except FileNotFoundError:
        return None
    except (ValueError, LookupError, TypeError, AttributeError):
        good = False
    if not good:
        raise UnusableFolder(
            f"{file} is no list of a mirror's packages. Remove it, and make the bundle again"
        )
    return dict(noted)


def _of_version(place: Path) -> Path:
    return place / f"{__version__}.json"


def _zh(archive: bytes) -> str:
    import hashlib  # noqa: PLC0415 - loads OpenSSL, which an import of the constructs need not wait for

    return f"zh:{hashlib.sha256(archive).hexdigest()}"


def _write_json(file: Path, value: object) -> None:
    write_if_different(file, json.dumps(value, indent=2).encode() + b"\n")
