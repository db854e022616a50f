"""What a run that died has asked for without an answer: found by the next run, named, or made again."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from provider_shim.api import lost, threadlike
from provider_shim.api.client import Client
from provider_shim.api.conversations import Conversations
from provider_shim.api.files import Files, Upload
from provider_shim.api.lines import Line, Sought
from provider_shim.api.problems import Uncertain
from provider_shim.api.vector_stores import NewStore, VectorStores
from provider_shim.terraform.diagnostics import Failure
from tests.provider_shim.api.storage import Storage
from tests.support.faulty import Fault, Seen, client, faulty, message

UPLOAD = Upload(b"same", "note.txt")
STORE = NewStore("docs", None, {"a": "b"})
MESSAGES = [message(f"message {number}") for number in range(45)]


@pytest.fixture(autouse=True)
def _no_pause_between_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost, "BETWEEN_LOOKS", 0)
    monkeypatch.setattr(threadlike, "BETWEEN_LOOKS", 0)


def no_faults(_: Seen, __: int) -> None:
    return None


def line(sought: Sought, at: float | None = None) -> Line:
    """Return what the journal says of a create that was not answered."""
    return Line("k", 1, "openai_file", "f", int(at or time.time()), "http://x", None, False, sought.alike)  # noqa: FBT003 - a record's members


@pytest.mark.parametrize("times", [0, 1])
def test_an_upload_whose_run_died_is_found_if_it_is_there(times: int) -> None:
    async def run() -> None:
        storage = Storage()
        async with faulty(storage.app, no_faults) as server, client(server.url) as api:
            await Files(api).upload(Upload(b"other", "note.txt"))
            made = [(await Files(api).upload(UPLOAD))[0] for _ in range(times)]

            files = Files(api)
            assert await files.lost([line(files.sought(UPLOAD))]) == (made[0] if made else None)

    asyncio.run(run())


def test_of_two_uploads_that_could_be_it_both_are_named() -> None:
    async def run() -> None:
        async with faulty(Storage().app, no_faults) as server, client(server.url) as api:
            for _ in range(2):
                await Files(api).upload(UPLOAD)
            files = Files(api)
            with pytest.raises(Failure) as caught:
                await files.lost([line(files.sought(UPLOAD))])
            [told] = caught.value.diagnostics

            assert not isinstance(caught.value, Uncertain)
            assert told.summary == ("A file may have been made before, and it is not clear which one it is")
            assert "One of these may be it: file-2, file-1." in told.detail
            assert "terraform import" in told.detail
            assert "openai-thread orphans --forget" in told.detail

    asyncio.run(run())


def test_an_upload_of_much_later_is_named_and_not_taken_over() -> None:
    async def run() -> None:
        async with faulty(Storage().app, no_faults) as server, client(server.url) as api:
            await Files(api).upload(UPLOAD)
            files = Files(api)
            with pytest.raises(Failure, match="not clear which"):
                await files.lost([line(files.sought(UPLOAD), time.time() - 3_600)])

    asyncio.run(run())


def test_what_somebody_holds_is_not_the_lost_one() -> None:
    async def run() -> None:
        async with faulty(Storage().app, no_faults) as server, client(server.url) as api:
            held, _ = await Files(api).upload(UPLOAD)
            files = Files(api, lambda identifier: identifier == held.id)

            assert await files.lost([line(files.sought(UPLOAD))]) is None

    asyncio.run(run())


def test_a_vector_store_is_found_while_it_is_empty() -> None:
    async def run() -> None:
        async with faulty(Storage().app, no_faults) as server, client(server.url) as api:
            made = await VectorStores(api).create(STORE)
            stores = VectorStores(api)
            found = await stores.lost([line(stores.sought(STORE))])
            _ = [each async for each in stores.add_files(made.id, ["file-1"])]
            filled = VectorStores(api)

            assert found is not None
            assert found.id == made.id
            assert await filled.lost([line(filled.sought(STORE))]) is None

    asyncio.run(run())


def test_equal_stores_at_the_same_time_are_not_taken_for_each_other() -> None:
    async def run() -> None:
        storage = Storage()

        def decide(request: Seen, _: int) -> Fault | None:
            odd = request.method == "POST" and server.posts("/vector_stores") % 2
            return Fault(commit=True) if odd else None

        async with faulty(storage.app, decide) as server, client(server.url) as api:
            stores = VectorStores(api)
            made = await asyncio.gather(*(stores.create(STORE) for _ in range(10)))

            assert sorted(each.id for each in made) == sorted(storage.stores)
            assert len(storage.stores) == 10

    asyncio.run(run())


async def upload(api: Client) -> None:
    await Files(api).upload(UPLOAD)


async def say(api: Client) -> None:
    made = await Conversations(api).create({}, None)
    await added(Conversations(api), made.id, 0, 1)


@pytest.mark.parametrize(("end", "create"), [("/files", upload), ("/items", say)])
def test_a_create_without_an_answer_is_uncertain_as_long_as_it_can_not_be_looked_for(
    tmp_path: Path, end: str, create: Callable[[Client], Awaitable[None]]
) -> None:
    async def run() -> None:
        def decide(_: Seen, __: int) -> Fault | None:
            return Fault(commit=True, status=503) if server.posts(end) else None

        back = Storage().app if end == "/files" else tmp_path / "api.db"
        async with faulty(back, decide) as server, client(server.url, max_retries=0) as api:
            with pytest.raises(Uncertain) as caught:
                await create(api)
            assert "failed too" in caught.value.diagnostics[0].detail
            assert server.posts(end) == 1

    asyncio.run(run())


@pytest.mark.parametrize("there", [0, 20, 40, 45])
def test_the_batches_that_a_run_that_died_has_added_are_found(tmp_path: Path, there: int) -> None:
    async def run() -> None:
        async with faulty(tmp_path / "api.db", no_faults) as server, client(server.url) as api:
            threads = Conversations(api)
            made = await threads.create({}, None)
            await added(threads, made.id, 0, 20)  # before
            newest = await threads.newest(made.id)
            ids = await added(threads, made.id, 0, there)
            _ = [each async for each in threads.add_messages(made.id, [message("of others")], None)]
            found = await threads.lost(made.id, MESSAGES, newest, lambda _: False)

            assert [each.id for each in found] == ids

    asyncio.run(run())


async def added(threads: Conversations, identifier: str, start: int, end: int) -> list[str]:
    """Add some of MESSAGES; return their ids."""
    batches = threads.add_messages(identifier, MESSAGES[start:end], None)
    return [each async for ids in batches for each in ids]


@pytest.mark.parametrize("count", [1, 2])
def test_a_message_that_stands_in_two_places_or_whose_place_is_gone_is_named(
    tmp_path: Path, count: int
) -> None:
    async def run() -> None:
        async with faulty(tmp_path / "api.db", no_faults) as server, client(server.url) as api:
            threads = Conversations(api)
            made = await threads.create({}, None)
            [before] = await added(threads, made.id, 1, 2)
            ids = [each for _ in range(count) for each in await added(threads, made.id, 0, 1)]
            if count == 1:
                await threads.delete_message(made.id, before)
            sought = threads.sought(made.id, MESSAGES[:1], before)
            looks: list[Callable[[], object]] = [
                lambda: threads.lost(made.id, MESSAGES[:1], before, lambda _: False),
                lambda: threads.found(made.id, message_line(sought), lambda _: False),
            ]
            for look in looks:
                with pytest.raises(Failure, match="not clear which") as caught:
                    await look()  # type: ignore[misc]
                assert ", ".join(ids) in caught.value.diagnostics[0].detail

    asyncio.run(run())


def message_line(sought: Sought) -> Line:
    """Return what the journal says of a message that was not answered."""
    where = (sought.alike, sought.thread, sought.after)
    return Line("k", 1, "openai_message", "f", 0, "http://x", None, False, *where)  # noqa: FBT003 - as above


def test_a_single_message_is_found_by_its_digest(tmp_path: Path) -> None:
    async def run() -> None:
        async with faulty(tmp_path / "api.db", no_faults) as server, client(server.url) as api:
            threads = Conversations(api)
            made = await threads.create({}, None)
            sought = threads.sought(made.id, MESSAGES[:1], None)
            [identifier] = await added(threads, made.id, 0, 1)

            assert await threads.found(made.id, message_line(sought), lambda _: False) == identifier
            assert await threads.found(made.id, message_line(sought), lambda _: True) is None

    asyncio.run(run())
