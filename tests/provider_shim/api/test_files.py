"""Uploads: streamed, hashed, and never twice."""

import asyncio
import hashlib
import re
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Literal

import pytest

from provider_shim.api import lookup
from provider_shim.api.files import Files, Upload
from provider_shim.api.problem import ApiProblem, Uncertain
from tests.support.faulty import Fault, Seen, client, faulty
from tests.support.storage import Storage


@pytest.fixture(autouse=True)
def _no_pause_between_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "BETWEEN_LOOKS", 0)


def no_faults(_: Seen, __: int) -> None:
    return None


def test_a_file_lives_from_upload_to_proven_absence(tmp_path: Path) -> None:
    content = bytes(range(256)) * 1_000
    path = tmp_path / "handbook.bin"
    path.write_bytes(content)

    async def run() -> None:
        storage = Storage()
        async with faulty(storage.app, no_faults) as server, client(server.url) as api:
            files = Files(api)
            made, sha256 = await files.upload(Upload(path, "hand büch.pdf", "user_data", 7_200))
            text, _ = await files.upload(Upload(b"short", "note.txt"))

            assert storage.content[made.id] == content
            assert sha256 == hashlib.sha256(content).hexdigest()
            assert (made.filename, made.bytes, made.purpose) == ("hand büch.pdf", len(content), "user_data")
            assert made.expires_at == made.created_at + 7_200
            assert await files.read(made.id) == made
            assert [each.id async for each in files.all()] == [text.id, made.id]
            await files.delete(made.id)
            await files.delete(made.id)
            assert await files.read(made.id) is None

    asyncio.run(run())


@pytest.mark.parametrize("commit", [True, False], ids=["committed", "not committed"])
@pytest.mark.parametrize("then", ["answer", "reset"], ids=["500", "reset"])
def test_an_upload_whose_answer_is_lost_is_there_exactly_once(
    commit: bool,
    then: Literal["answer", "reset"],
) -> None:
    async def run() -> None:
        storage = Storage()

        def decide(_: Seen, number: int) -> Fault | None:
            return Fault(commit=commit, then=then) if number == 1 else None

        async with faulty(storage.app, decide) as server, client(server.url) as api:
            files = Files(api)
            first, _ = await files.upload(Upload(b"same", "note.txt"))
            second, sha256 = await files.upload(Upload(b"same", "note.txt"))

            assert sorted(storage.files) == sorted([first.id, second.id])
            assert storage.content[second.id] == b"same"
            assert sha256 == hashlib.sha256(b"same").hexdigest()

    asyncio.run(run())


def test_equal_uploads_at_the_same_time_are_not_taken_for_each_other() -> None:
    async def run() -> None:
        storage = Storage()

        def decide(request: Seen, _: int) -> Fault | None:
            return Fault(commit=True) if request.method == "POST" and server.posts("/files") % 2 else None

        async with faulty(storage.app, decide) as server, client(server.url) as api:
            files = Files(api)
            made = await asyncio.gather(*(files.upload(Upload(b"same", "note.txt")) for _ in range(10)))

            assert sorted(each.id for each, _ in made) == sorted(storage.files)
            assert len(storage.files) == 10

    asyncio.run(run())


def test_two_that_could_be_the_lost_one_are_named_not_guessed() -> None:
    async def run() -> None:
        storage = Storage()

        def decide(request: Seen, _: int) -> Fault | None:
            if request.method != "POST":
                return None
            # Meanwhile another run uploads the same.
            storage.files["file-theirs"] = {
                "id": "file-theirs",
                "created_at": int(time.time()),
                "filename": "note.txt",
                "bytes": 4,
                "purpose": "assistants",
            }
            return Fault(commit=True)

        async with faulty(storage.app, decide) as server, client(server.url) as api:
            with pytest.raises(Uncertain) as caught:
                await Files(api).upload(Upload(b"same", "note.txt"))

            assert "One of these may be it, or somebody else's: file-1, file-theirs." in caught.value.detail
            assert server.posts("/files") == 1

    asyncio.run(run())


def test_a_file_that_is_not_there_is_said_with_its_path(tmp_path: Path) -> None:
    async def run() -> None:
        async with client("http://127.0.0.1:9") as api:
            with pytest.raises(ApiProblem) as caught:
                await Files(api).upload(Upload(tmp_path / "none.pdf", "none.pdf"))
            assert caught.value.path == ("file",)
            assert "No such file" in caught.value.detail

    asyncio.run(run())


def test_300_mb_are_uploaded_without_being_held_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    with path.open("wb") as large:
        large.truncate(300 * 1024 * 1024)
    code = """
        import asyncio, json, resource, sys
        from pathlib import Path
        from provider_shim.api.client import Client
        from provider_shim.api.files import Files, Upload
        from provider_shim.api.settings import Settings

        async def swallow(reader, writer):
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            left = int(head.lower().partition(b"content-length: ")[2].split(b"\\r\\n")[0] or 0)
            while left:
                left -= len(await reader.read(min(left, 65536)))
            body = json.dumps({"id": "file-1", "bytes": 300 * 1024 * 1024, "filename": "large.bin"}).encode()
            head = b"HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\n"
            writer.write(head + b"content-length: %d\\r\\n\\r\\n" % len(body) + body)
            await writer.drain()
            writer.close()

        async def run():
            server = await asyncio.start_server(swallow, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            client = Client(Settings(base_url=f"http://127.0.0.1:{port}", api_key="key", timeout=60))
            await Files(client).upload(Upload(b"small", "small.bin"))
            idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            made, sha256 = await Files(client).upload(Upload(Path(sys.argv[1]), "large.bin"))
            most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            print(made.id, sha256, (most - idle) // (1024 if sys.platform != "darwin" else 1024 * 1024))
            await client.close()
            server.close()

        asyncio.run(run())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(path)],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    with path.open("rb") as large:
        expected = hashlib.file_digest(large, "sha256").hexdigest()
    found = re.fullmatch(r"file-1 (\w+) (\d+)\n", done.stdout)
    assert found is not None

    assert found[1] == expected
    assert int(found[2]) < 100
