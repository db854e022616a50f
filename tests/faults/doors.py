"""Who may come in, where the key goes, and where ids lead: the real provider, asked by strangers."""

import asyncio
import os
import random
import re
import shutil
import socket
import ssl
import stat
import subprocess
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest

from provider_shim.api.client import Client, Request
from provider_shim.api.conversations import Conversations
from provider_shim.api.problem import ApiProblem, CallFailed
from tests.faults.frames import MAIN, configure
from tests.faults.ground import Site, report, site
from tests.support.faulty import KEY, Fault, client, faulty
from tests.support.provider_process import Client as Terraform
from tests.support.provider_process import Identity, Started, identity, started, tls
from tests.support.terraform import TerraformError

NOBODY: Final = 65_534
"""The uid of a user who owns nothing."""
CONNECT: Final = "use IO::Socket::UNIX; print IO::Socket::UNIX->new($ARGV[0]) ? 'connected' : $!"
"""In Perl, which every Debian has where every user may start it; this Python may lie in a home."""
URLS: Final = (
    "http://api.example/v1",
    "http://10.0.0.1:8080/v1",
    "http://127.0.0.1.evil.example/v1",
    "http://localhost.evil.example/v1",
    "https://me:secret@api.openai.com/v1",
    "https://api.openai.com@evil.example/v1",
    "http://me@localhost:1/v1",
    "ftp://localhost/v1",
)
"""What no key is sent to."""
PARTS: Final = (
    *("..", ".", "/", "%2f", "%2F", "%2e", "%5c", "\n", "\r\n", "\0", "?", "#", "\\", " ", "é", "\ud800"),
    *("conv_1", "items", "a1_-", ";", "@", ":", "=", "&", "//", "\u2028", "%00", "%252f", "http://evil"),
)


def strangers(folder: Path, count: int) -> dict[str, Any]:
    """Knock as often without a certificate and with another one; look at what lies on the disk."""
    terraform = identity()
    with chdir(folder), started(terraform, program=MAIN) as provider:
        place = Path(provider.path).parent
        refused = sum(_refused(provider, who, folder) for _ in range(count) for who in (None, identity()))
        plain = sum(_plain(provider) for _ in range(count))
        client = Terraform(provider, terraform)
        with client.channel:
            configure(client, folder)
        return {
            "refused": refused,
            "plain_refused": plain,
            "folder_mode": oct(stat.S_IMODE(place.stat().st_mode)),
            "in_folder": sorted(each.name for each in place.iterdir()),
            "files_with_a_key": [
                str(path) for path in _open_files(provider) if b"PRIVATE KEY" in _read(path)
            ],
            "our_user": _connected(provider.path, None),
            "another_user": _connected(provider.path, NOBODY),
        }


def _refused(provider: Started, who: Identity | None, folder: Path) -> bool:
    context = tls(provider, who, folder)
    with socket.socket(socket.AF_UNIX) as plain:
        plain.settimeout(10)
        plain.connect(provider.path)
        try:
            with context.wrap_socket(plain, server_hostname="localhost") as secured:
                return secured.recv(100) == b""
        except ssl.SSLError:
            return True


def _plain(provider: Started) -> bool:
    """Speak HTTP/2 without TLS; tell whether nothing of it is answered."""
    with socket.socket(socket.AF_UNIX) as plain:
        plain.settimeout(10)
        plain.connect(provider.path)
        plain.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
        try:
            said = plain.recv(100)
        except ConnectionError:
            return True
        return not said or said[0] == 0x15  # a TLS alert


def _open_files(provider: Started) -> Iterator[Path]:
    """Yield the regular files that the provider has open; its certificate's memory is closed by now."""
    for each in Path(f"/proc/{provider.process.pid}/fd").iterdir():
        if each.is_file():
            yield each


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.stat().st_size < 10_000_000 else b""


def can_be_another() -> bool:
    """Tell whether this process may act as another user."""
    return os.getuid() == 0 and shutil.which("perl") is not None


def _connected(path: str, user: int | None) -> str:
    """Connect as a user; return what came of it."""
    if not can_be_another():
        return "not tried: needs root and perl"
    return subprocess.run(
        ["perl", "-e", CONNECT, path],
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        cwd="/",
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    ).stdout


def refused_urls(place: Site) -> dict[str, str]:
    """Plan with each of URLS; return what is said."""
    said = {}
    for url in URLS:
        with place.ground() as (ground, _):
            ground.terraform.environment["OPENAI_API_KEY"] = KEY
            ground.terraform.write(
                {"provider": {"openai": {"base_url": url}}, "resource": {"openai_thread": {"it": {}}}}
            )
            with pytest.raises(TerraformError) as failed:
                ground.terraform.plan()
            assert KEY not in failed.value.output
            assert "secret" not in failed.value.errors[0].detail
            said[url] = failed.value.errors[0].summary
    return said


def redirected(folder: Path) -> dict[str, int]:
    """Redirect each kind of call to another origin; count the requests that arrive there."""

    async def run() -> dict[str, int]:
        tried = 0
        async with faulty(folder / "other.db", lambda *_: None) as other:
            for status in (301, 302, 303, 307, 308):
                # Another port, another name for the same port, another scheme.
                port = other.url.rpartition(":")[2]
                for there in (other.url, f"http://localhost:{port}", f"https://127.0.0.1:{port}"):
                    fault = Fault(status=status, headers={"location": f"{there}/conversations/conv_x"})
                    async with (
                        faulty(folder / "api.db", lambda *_, fault=fault: fault) as server,
                        client(server.url, max_retries=1) as api,
                    ):
                        for method in ("GET", "POST", "DELETE"):
                            request = Request("calling", method, "/conversations/conv_x")
                            with pytest.raises(CallFailed, match="redirect"):
                                await api.call(request)
                            tried += 1
            return {"redirects": tried, "followed": len(other.seen)}

    return asyncio.run(run())


def fuzzed_ids(folder: Path, count: int) -> dict[str, int]:
    """Read, change and delete objects with this many ids; count requests that left their collection."""
    chance = random.Random(23)  # noqa: S311 - no secret
    ids = ["".join(chance.choices(PARTS, k=chance.randint(1, 5))) for _ in range(count)]

    async def run() -> dict[str, int]:
        sent = 0
        async with (
            faulty(folder / "api.db", lambda *_: None) as server,
            client(server.url, max_retries=0) as api,
        ):
            for identifier in ids:
                sent += await _called(api, identifier)
            outside = [each.path for each in server.seen if not _inside(each.path)]
            return {"ids": count, "accepted": sent, "requests": len(server.seen), "outside": len(outside)}

    return asyncio.run(run())


async def _called(api: Client, identifier: str) -> bool:
    """Call once for each way that an id takes into a path; tell whether it was taken for an id."""
    threads = Conversations(api)
    calls = (
        lambda: threads.read(identifier),
        lambda: threads.delete(identifier),
        lambda: threads.message("conv_1", identifier),
        lambda: threads.delete_message(identifier, "msg_1"),
    )
    taken = True
    for call in calls:
        try:
            await call()
        except ApiProblem as failed:
            taken = taken and failed.summary != "Not an id"
    return taken


def _inside(path: str) -> bool:
    """Tell whether a request's path is /v1/conversations/ID or /v1/conversations/ID/items/ID."""
    steps = path.partition("?")[0].split("/")
    fixed = steps[:3] == ["", "v1", "conversations"] and steps[4:5] in ([], ["items"])
    # Whatever an id holds is percent-encoded, and no step leads up or stays.
    plain = all(re.fullmatch(r"(?:[\w.~-]|%[0-9A-F]{2})+", each, re.ASCII) for each in steps[1:])
    return fixed and plain and not {".", ".."} & {*steps} and len(steps) in (4, 6)


def main(ids: int = 10_000, knocks: int = 100) -> None:
    """Everything once, 10,000 ids."""
    with TemporaryDirectory(prefix="faults-") as folder:
        report("Strangers at the socket", knocks=knocks, **strangers(Path(folder), knocks))
        report("Redirects to another origin", **redirected(Path(folder)))
        report("Fuzzed ids", **fuzzed_ids(Path(folder), ids))
    with site() as place:
        report("Refused base_url", said=refused_urls(place))


if __name__ == "__main__":
    main()
