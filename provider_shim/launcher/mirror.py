"""The provider as `terraform init` wants to find it: a filesystem mirror of packed zips.

Standard library only: synth writes the mirror into a stack's folder, the command line into the
user's `~/.terraform.d`.
"""

import base64
import io
import os
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from provider_shim import __version__

SOURCE: Final = "localhost/cdktf-openai-thread/openai"
"""The provider's address. An explicit host, because Terraform and OpenTofu differ in the implied
one, and a host that is nobody's but the user's own machine."""

PLATFORMS: Final = (
    "darwin_amd64",
    "darwin_arm64",
    "freebsd_amd64",
    "linux_amd64",
    "linux_arm64",
)
"""Where the launcher runs: it is a shell script, and the same on all of them."""

_MACHINES: Final = {"x86_64": "amd64", "aarch64": "arm64"}

PLUGINS: Final = Path("terraform.d", "plugins")
"""The mirror that Terraform finds by itself, seen from the folder it runs in."""

POINTER: Final = Path("terraform.d", "openai-thread", "python")
"""The file that tells the launcher its Python, seen from the folder Terraform runs in. It lies
outside the mirror, whose hash is the same on every machine."""

FRAMEWORK: Final = POINTER.with_name("framework")
"""The file that tells a person, through `openai-thread doctor`, whether cdktf or cdktn made the stack."""

NO_BUNDLES: Final[Mapping[str, bytes]] = {}

_TEMPLATE: Final = Path(__file__).with_name("launcher.sh")


def this_platform() -> str:
    """Return the platform of this machine, as Terraform names it."""
    import platform  # noqa: PLC0415 - an import of the constructs need not wait for it

    machine = platform.machine().lower()
    return f"{platform.system().lower()}_{_MACHINES.get(machine, machine)}"


def executable_name(version: str = __version__) -> str:
    """Return the file name of the launcher: the one file in the zip."""
    return f"terraform-provider-openai_v{version}"


def launcher(version: str = __version__) -> bytes:
    """Return the launcher's bytes, which depend on `version` alone."""
    return _TEMPLATE.read_bytes().replace(b"@VERSION@", version.encode("ascii"))


def packed(version: str = __version__) -> bytes:
    """Return the zip for every platform: the same bytes on each machine and at any time."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(member(executable_name(version), program=True), launcher(version))
    return archive.getvalue()


def member(name: str, *, program: bool) -> zipfile.ZipInfo:
    """Return how a file is noted in the zip of a provider: by nothing that depends on where it was made."""
    made = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    made.create_system = 3  # Unix: without it the mode below means nothing
    made.external_attr = (0o100755 if program else 0o100644) << 16
    return made


def h1(version: str = __version__) -> str:
    """Return the hash that Terraform writes into a lock file for this provider.

    It covers the unpacked files and not the zip, so one hash serves every platform
    (golang.org/x/mod/sumdb/dirhash, Hash1).
    """
    return h1_of([(executable_name(version), launcher(version))])


def h1_of(files: Iterable[tuple[str, bytes]]) -> str:
    """Return the hash of an unpacked provider: of the names of its files, and what is in them."""
    import hashlib  # noqa: PLC0415 - loads OpenSSL, which an import of the constructs need not wait for

    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files)]
    return "h1:" + base64.b64encode(hashlib.sha256("".join(lines).encode()).digest()).decode("ascii")


def archive_name(platform: str, version: str = __version__) -> str:
    """Return the name of the zip for a platform, as Terraform and its registries have it."""
    return f"terraform-provider-openai_{version}_{platform}.zip"


def write_mirror(
    plugins: Path, version: str = __version__, *, bundles: Mapping[str, bytes] = NO_BUNDLES
) -> None:
    """Write the packed provider for every platform below `plugins`.

    Files that are right already stay untouched, each of the others appears whole or not at all.

    Args:
        plugins: Where it is written.
        version: Of the provider.
        bundles: Packed providers that stand in for the launcher, by platform.

    Raises:
        OSError: A file cannot be written; `filename` tells which.
    """
    archives = {**dict.fromkeys(PLATFORMS, packed(version)), **bundles}
    for platform, archive in archives.items():
        write_if_different(plugins / SOURCE / archive_name(platform, version), archive)


def write_pointer(path: Path, python: str) -> None:
    """Write the file that tells the launcher which Python to become: one line, the path.

    Raises:
        OSError: The file cannot be written; `filename` tells which.
    """
    write_if_different(path, os.fsencode(python) + b"\n")


def write_if_different(path: Path, content: bytes) -> None:
    """Make `path` hold `content`, at once and only if it does not yet.

    A Terraform that runs at the same time reads the old file or the new one, never a half. Missing
    folders are made; a symbolic link stays, and the file it leads to changes.

    Raises:
        OSError: The file cannot be written; `filename` tells which.
    """
    path = Path(os.path.realpath(path))
    try:
        if path.read_bytes() == content:
            return
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=".openai-thread-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as problem:
        Path(temporary).unlink(missing_ok=True)
        problem.filename = str(path)  # a write that fails on a full disk names no file
        raise
