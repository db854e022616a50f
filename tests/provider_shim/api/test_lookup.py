"""What a run that died has asked for without an answer: found by the next run, named, or made again."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from provider_shim.api import lookup, thread_store
from provider_shim.api.client import Client
from provider_shim.api.conversations import Conversations
from provider_shim.api.files import Files, Upload
from provider_shim.api.problem import ApiProblem, Uncertain
from provider_shim.api.vector_store_files import NewFile
from provider_shim.api.vector_stores import NewStore, VectorStores
from provider_shim.contract.limits import PAGE
from provider_shim.journal.records import Lookup, Record
from tests.support.faulty import Fault, Seen, client, faulty, message
from tests.support.storage import Storage

UPLOAD = Upload(b"same", "note.txt")
STORE = NewStore("docs", None, {"a": "b"})
MESSAGES = [message(f"message {number}") for number in range(45)]


@pytest.fixture(autouse=True)
def _no_pause_between_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "BETWEEN_LOOKS", 0)
    monkeypatch.setattr(thread_store, "BETWEEN_LOOKS", 0)


def no_faults(_: Seen, __: int) -> None:
    return None


def line(sought: Lookup, at: float | None = None, key: str = "k") -> Record:
    """Return what the journal says of a create that was not answered."""
    asked = ("openai_file", "f", int(at or time.time()), "http://x")
    return Record(key, 1, *asked, **asdict(sought))


async def uploaded(api: Client, content: bytes = b"same") -> str:
    """Upload as somebody else does; return the id."""
    return (await Files(api).upload(Upload(content, "note.txt")))[0].id


@pytest.mark.parametrize("times", [0, 1])
def test_an_upload_whose_run_died_is_found_if_it_is_there(times: int) -> None:
    async def run() -> None:
        async with faulty(Storage().app, no_faults) as server, client(server.url) as api:
            await uploaded(api, b"other")
            await uploaded(api)
            before = await Files(api).before(UPLOAD)
            made = [await uploaded(api) for _ in range(times)]
            found = await Files(api).recover([line(before)])

            assert ([found.id] if found else []) == made

    asyncio.run(run())


def test_of_two_uploads_that_could_be_it_both_are_named() -> None:
    async def run() -> None:
        async with faulty(Storage().app, no_faults) as server, client(server.url) as api:
            before = await Files(api).before(UPLOAD)
            for _ in range(2):
                await uploaded(api)
            with pytest.raises(ApiProblem) as caught:
                await Files(api).recover([line(before)])
            told = caught.value

            assert not isinstance(caught.value, Uncertain)
            assert told.summary == ("A file may have been made before, and it is not clear which one it is")
            assert "One of these may be it, or somebody else's: file-2, file-1." in told.detail
            assert (told.kind, told.ids) == ("ambiguous", ("file-2", "file-1"))

    asyncio.run(run())


def much_later(before: Lookup, created_at: int) -> Record:
    return line(replace(before, seen=created_at - 3_600), created_at - 3_600)


def not_looked(before: Lookup, _created_at: int) -> Record:
    """Return a line of a run that was not allowed to list, or of an older version."""
    return line(Lookup(before.digest))


def earlier_by_the_servers_clock(before: Lookup, created_at: int) -> Record:
    return line(replace(before, seen=created_at + 1))


def in_the_second_of_the_last_on_the_page(before: Lookup, created_at: int) -> Record:
    return line(replace(before, since=created_at))


DOUBTS = [much_later, not_looked, earlier_by_the_servers_clock, in_the_second_of_the_last_on_the_page]


@pytest.mark.parametrize("noted", DOUBTS)
def test_an_upload_that_may_be_anothers_is_named_and_not_taken_over(
    noted: Callable[[Lookup, int], Record],
) -> None:
    async def run() -> None:
        async with faulty(Storage().app, no_faults) as server, client(server.url) as api:
            before = await Files(api).before(UPLOAD)
            made, _ = await Files(api).upload(UPLOAD)
            with pytest.raises(ApiProblem, match="not clear which") as caught:
                await Files(api).recover([noted(before, made.created_at)])

            assert f"This may be it, or somebody else's: {made.id}." in caught.value.detail

    asyncio.run(run())


def test_what_another_run_has_asked_for_as_well_is_named() -> None:
    async def run() -> None:
        async with faulty(Storage().app, no_faults) as server, client(server.url) as api:
            mine = await Files(api).before(UPLOAD)
            theirs = line(await Files(api).before(UPLOAD), key="theirs")
            made = await uploaded(api)
            alone = await Files(api, unanswered=lambda _: [line(mine)]).recover([line(mine)])
            later = line(replace(mine, before=(made,)), key="later")
            certain = await Files(api, unanswered=lambda _: [later]).recover([line(mine)])
            with pytest.raises(ApiProblem, match="not clear which"):
                await Files(api, unanswered=lambda _: [theirs]).recover([line(mine)])

            assert [each and each.id for each in (alone, certain)] == [made, made]

    asyncio.run(run())


def test_what_somebody_holds_is_not_the_lost_one() -> None:
    async def run() -> None:
        async with faulty(Storage().app, no_faults) as server, client(server.url) as api:
            before = await Files(api).before(UPLOAD)
            held = await uploaded(api)

            assert await Files(api, lambda identifier: identifier == held).recover([line(before)]) is None

    asyncio.run(run())


@pytest.mark.parametrize("adds", [{}, {"provider_id": "x", "embedding_model": "y"}], ids=["as sent", "more"])
def test_a_vector_store_is_found_by_our_metadata_while_it_is_empty(adds: dict[str, str]) -> None:
    async def run() -> None:
        async with faulty(Storage(adds=adds).app, no_faults) as server, client(server.url) as api:
            before = await VectorStores(api).before(STORE)
            await VectorStores(api).create(NewStore("docs", None, {"a": "c"}))
            made = await VectorStores(api).create(STORE)
            stores = VectorStores(api)
            found = await stores.recover([line(before)])
            _ = [each async for each in stores.add_files(made.id, [NewFile("file-1")])]

            assert found is not None
            assert found.id == made.id
            assert await VectorStores(api).recover([line(before)]) is None

    asyncio.run(run())


@pytest.mark.parametrize("others", [0, 1, 250])
def test_what_was_there_before_the_request_is_never_taken_over(others: int) -> None:
    async def run() -> None:
        storage = Storage()

        def decide(request: Seen, _: int) -> Fault | None:
            ours = request.method == "POST" and server.posts("/files") == others + 2
            return Fault() if ours else None

        async with faulty(storage.app, decide) as server, client(server.url) as api:
            theirs = await uploaded(api)
            for number in range(others):
                await uploaded(api, b"%d" % number)
            for number, each in enumerate(storage.files.values()):
                each["created_at"] -= (len(storage.files) - number) // 50
            made, _ = await Files(api).upload(UPLOAD)

            assert made.id != theirs
            assert storage.content[made.id] == b"same"
            assert len(storage.files) == others + 2

    asyncio.run(run())


def test_what_a_list_shows_late_is_named_by_the_servers_clock() -> None:
    async def run() -> None:
        storage = Storage()

        def decide(request: Seen, _: int) -> Fault | None:
            if request.method == "GET" and not server.posts("/files"):
                # This look tells the time, and does not show yet what is there.
                now = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
                return Fault(status=200, headers={"date": now}, body='{"data": [], "has_more": false}')
            return Fault() if request.method == "POST" else None

        async with faulty(storage.app, no_faults) as server, client(server.url) as api:
            theirs = await uploaded(api)
        storage.files[theirs]["created_at"] -= 3
        async with faulty(storage.app, decide) as server, client(server.url) as api:
            files = Files(api)
            # As if that was a while ago: what counts is when the request was sent.
            sought = replace(await files.before(UPLOAD), seen=0)
            with pytest.raises(Uncertain) as caught:
                await files.upload(UPLOAD, sought)

            assert f"This may be it, or somebody else's: {theirs}." in caught.value.detail

    asyncio.run(run())


def page_of(first: int, step: int, **more: object) -> Fault:
    """Answer with a full page of other files, the first so many seconds old."""
    now = int(time.time())
    data = [{"id": f"file-old-{each}", "created_at": now - first - each * step} for each in range(PAGE)]
    return Fault(status=200, body=json.dumps({"data": data, **more}))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (lambda: page_of(0, 0), "uploads"),
        (lambda: page_of(2_000, -10, has_more=True), "names"),
        (lambda: Fault(status=405, body='{"error": {"message": "no list"}}'), "names"),
    ],
    ids=["does not tell whether there is more", "oldest first", "no list"],
)
def test_a_page_that_does_not_show_the_newest_makes_nothing_certain(
    shown: Callable[[], Fault], expected: str
) -> None:
    async def run() -> None:
        storage = Storage()
        async with faulty(storage.app, no_faults) as server, client(server.url) as api:
            theirs = await uploaded(api)
        storage.files[theirs]["created_at"] -= 1

        def decide(_: Seen, number: int) -> Fault | None:
            return shown() if number == 0 else Fault() if number == 1 else None

        async with faulty(storage.app, decide) as server, client(server.url) as api:
            if expected == "uploads":
                assert (await Files(api).upload(UPLOAD))[0].id != theirs
            else:
                with pytest.raises(Uncertain, match="its id is not known"):
                    await Files(api).upload(UPLOAD)

    asyncio.run(run())


@pytest.mark.parametrize(("others", "lists"), [(5, 2), (450, 3)])
def test_a_lost_upload_is_found_in_a_list_of_any_order_without_reading_all_of_it(
    others: int, lists: int
) -> None:
    async def run() -> None:
        storage = Storage()
        storage.newest_first = others > PAGE

        def decide(request: Seen, _: int) -> Fault | None:
            return Fault(commit=True) if request.method == "POST" else None

        now = int(time.time())
        storage.files |= {
            f"file-old-{each}": {"id": f"file-old-{each}", "created_at": now - 1_000}
            for each in range(others)
        }
        async with faulty(storage.app, decide) as server, client(server.url) as api:
            made, _ = await Files(api).upload(UPLOAD)

            assert made.id in storage.files
            assert [each.method for each in server.seen] == ["GET", "POST", *["GET"] * (lists - 1)]

    asyncio.run(run())


def test_a_refusal_after_a_lost_answer_leaves_it_open_whether_there_is_one() -> None:
    async def run() -> None:
        def decide(request: Seen, _: int) -> Fault | None:
            first = server.posts("/files") == 1
            return Fault(status=500 if first else 400) if request.method == "POST" else None

        async with faulty(Storage().app, decide) as server, client(server.url) as api:
            with pytest.raises(Uncertain) as caught:
                await uploaded(api)

            assert "Asking again failed: Uploading note.txt failed" in caught.value.detail

    asyncio.run(run())


def test_an_answer_without_an_id_is_no_answer() -> None:
    async def run() -> None:
        storage = Storage()

        def decide(request: Seen, _: int) -> Fault | None:
            return Fault(commit=True, status=200, body='{"ok": true}') if request.method == "POST" else None

        async with faulty(storage.app, decide) as server, client(server.url) as api:
            assert [(await Files(api).upload(UPLOAD))[0].id] == list(storage.files)

    asyncio.run(run())


def test_after_an_equal_create_that_was_never_found_nothing_is_certain() -> None:
    async def run() -> None:
        storage = Storage()

        def decide(request: Seen, _: int) -> Fault | None:
            # The first is stored all the same, once nobody looks for it any more.
            return Fault(commit=server.posts("/files") == 2) if request.method == "POST" else None

        async with faulty(storage.app, decide) as server, client(server.url, max_retries=0) as api:
            files = Files(api)
            sought = await files.before(UPLOAD)
            with pytest.raises(Uncertain) as first:
                await files.upload(UPLOAD, sought)
            with pytest.raises(Uncertain) as second:
                await files.upload(UPLOAD, sought)

            assert "It was not found" in first.value.detail
            assert "This may be it, or somebody else's: file-1." in second.value.detail

    asyncio.run(run())


def test_a_burst_of_creates_lists_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        async with faulty(Storage().app, no_faults) as server, client(server.url) as api:
            files = Files(api)
            await asyncio.gather(*(files.upload(Upload(b"%d" % each, "note.txt")) for each in range(20)))
            burst = [each.method for each in server.seen]
            monkeypatch.setattr(lookup, "BURST", 0)
            await files.upload(UPLOAD)

            assert sorted(burst) == ["GET", *["POST"] * 20]
            assert [each.method for each in server.seen[21:]] == ["GET", "POST"]

    asyncio.run(run())


def test_a_list_that_could_not_be_had_stops_no_later_create() -> None:
    def decide(_request: Seen, number: int) -> Fault | None:
        return Fault(then="reset") if number == 0 else None

    async def run() -> None:
        async with faulty(Storage().app, decide) as server, client(server.url, max_retries=0) as api:
            files = Files(api)
            with pytest.raises(ApiProblem):
                await files.before(UPLOAD)
            assert (await files.before(UPLOAD)).since is not None

    asyncio.run(run())


def test_who_may_not_list_uploads_all_the_same() -> None:
    async def run() -> None:
        def decide(request: Seen, _: int) -> Fault | None:
            return Fault(status=403) if request.method == "GET" else None

        async with faulty(Storage().app, decide) as server, client(server.url) as api:
            await uploaded(api)

            assert [each.method for each in server.seen] == ["GET", "POST"]

    asyncio.run(run())


def test_nothing_is_sent_where_the_api_can_not_be_reached() -> None:
    async def run() -> None:
        async with client("http://127.0.0.1:9", max_retries=0) as api:
            with pytest.raises(ApiProblem, match="Listing the files failed") as caught:
                await uploaded(api)
            assert not isinstance(caught.value, Uncertain)

    asyncio.run(run())


NAMES = [
    "report.pdf",
    'the "new" one.txt',
    "tab\tin it.txt",
    "two\nlines.txt",
    "back\\slash.txt",
    "Größe 大.txt",
]
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as in the header": lambda name: name,
    "decoded": lambda name: unquote(name).replace("\\\\", "\\"),
    "Latin-1": lambda name: name.encode().decode("latin-1"),
    "tidied": lambda name: " ".join(unquote(name).split()),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("name", NAMES)
def test_a_lost_upload_is_found_however_the_server_spells_its_name(name: str, spelling: str) -> None:
    async def run() -> None:
        storage = Storage()
        storage.keep_name = SPELLINGS[spelling]

        def decide(request: Seen, _: int) -> Fault | None:
            return Fault(commit=True) if request.method == "POST" else None

        async with faulty(storage.app, decide) as server, client(server.url) as api:
            made, _ = await Files(api).upload(Upload(b"same", name))

            assert [made.id] == list(storage.files)
            assert server.posts("/files") == 1

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
            assert "failed too" in caught.value.detail
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
            found = await threads.recover(made.id, MESSAGES, newest, lambda _: False)

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
            sought = threads.lookup(made.id, MESSAGES[:1], before)
            looks: list[Callable[[], object]] = [
                lambda: threads.recover(made.id, MESSAGES[:1], before, lambda _: False),
                lambda: threads.recover_message(made.id, message_line(sought), lambda _: False),
            ]
            for look in looks:
                with pytest.raises(ApiProblem, match="not clear which") as caught:
                    await look()  # type: ignore[misc]
                assert ", ".join(ids) in caught.value.detail

    asyncio.run(run())


def message_line(sought: Lookup) -> Record:
    """Return what the journal says of a message that was not answered."""
    return Record("k", 1, "openai_message", "f", 0, "http://x", **asdict(sought))


def test_a_single_message_is_found_by_its_digest(tmp_path: Path) -> None:
    async def run() -> None:
        async with faulty(tmp_path / "api.db", no_faults) as server, client(server.url) as api:
            threads = Conversations(api)
            made = await threads.create({}, None)
            sought = threads.lookup(made.id, MESSAGES[:1], None)
            [identifier] = await added(threads, made.id, 0, 1)

            assert await threads.recover_message(made.id, message_line(sought), lambda _: False) == identifier
            assert await threads.recover_message(made.id, message_line(sought), lambda _: True) is None

    asyncio.run(run())


def test_a_message_that_was_added_twice_without_an_answer_is_named(tmp_path: Path) -> None:
    async def run() -> None:
        def decide(request: Seen, _: int) -> Fault | None:
            return (
                Fault(commit=True) if request.method == "POST" and request.path.endswith("/items") else None
            )

        async with faulty(tmp_path / "api.db", no_faults) as server, client(server.url) as api:
            made = await Conversations(api).create({}, None)
            theirs = await added(Conversations(api), made.id, 0, 1)
        async with faulty(tmp_path / "api.db", decide) as server, client(server.url) as api:
            with pytest.raises(Uncertain, match="not clear which") as caught:
                await added(Conversations(api), made.id, 0, 1)

            assert theirs[0] in caught.value.detail
            assert server.posts("/items") == 1

    asyncio.run(run())
