"""The client against servers that misbehave: no doubles, no key elsewhere, no waiting for ever."""

import asyncio
import gzip
import json
import random
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from provider_shim.api import pages as listing
from provider_shim.api.bodies import LONGEST_BODY
from provider_shim.api.client import AT_ONCE, Request, path_to
from provider_shim.api.conversations import Conversations
from provider_shim.api.problem import ApiProblem, CallFailed
from provider_shim.contract.identifiers import objects_in
from provider_shim.resources.problems import diagnostics_of
from tests.support.faulty import KEY, Fault, Seen, client, faulty


def read_of(path: str = "/conversations/conv_x") -> Request:
    return Request("reading the conversation", "GET", path)


def shown(failure: ApiProblem) -> str:
    [told] = diagnostics_of(failure) or []
    return f"{told.summary}\n{told.detail}"


def test_a_read_is_repeated_after_faults_until_it_is_answered(tmp_path: Path) -> None:
    faults = [
        Fault(),
        Fault(then="reset"),
        Fault(status=409),
        Fault(status=503, headers={"retry-after": "0"}),
    ]

    async def run() -> None:
        def decide(_: Seen, number: int) -> Fault | None:
            return faults[number - 1] if 0 < number <= len(faults) else None

        async with faulty(tmp_path / "api.db", decide) as server, client(server.url) as api:
            made = await Conversations(api).create({"a": "b"}, None)
            assert await Conversations(api).read(made.id) == made
            assert len(server.seen) == 2 + len(faults)

    asyncio.run(run())


def test_a_read_gives_up_after_max_retries_with_the_last_problem(tmp_path: Path) -> None:
    async def run() -> None:
        async with faulty(tmp_path / "api.db", lambda *_: Fault(headers={"x-request-id": "req_7"})) as server:
            async with client(server.url, max_retries=1) as api:
                with pytest.raises(CallFailed) as caught:
                    await api.call(read_of())
            assert len(server.seen) == 2
            assert "The server had an error" in shown(caught.value)
            assert "HTTP status 500, request id req_7" in shown(caught.value)

    asyncio.run(run())


def test_a_wait_that_would_pass_the_deadline_is_not_begun(tmp_path: Path) -> None:
    async def run() -> None:
        busy = Fault(status=429, headers={"retry-after": "3600"})
        async with faulty(tmp_path / "api.db", lambda *_: busy) as server, client(server.url) as api:
            with pytest.raises(CallFailed, match="too many requests"):
                await api.call(read_of())
            assert len(server.seen) == 1

    asyncio.run(run())


def test_a_hundred_creates_get_through_a_storm_of_429_without_hammering(tmp_path: Path) -> None:
    async def run() -> None:
        granted: list[float] = []

        def decide(_: Seen, __: int) -> Fault | None:
            now = asyncio.get_running_loop().time()
            if sum(now - each < 0.2 for each in granted) >= 10:
                return Fault(
                    status=429, headers={"retry-after": "0.2"}, body='{"error": {"message": "slow"}}'
                )
            granted.append(now)
            return None

        async with faulty(tmp_path / "api.db", decide) as server, client(server.url) as api:
            turn = asyncio.Semaphore(10)

            async def create(number: int) -> str:
                async with turn:
                    return (await Conversations(api).create({"n": str(number)}, None)).id

            ids = await asyncio.gather(*(create(number) for number in range(100)))

            assert len(set(ids)) == 100
            assert len(granted) == 100
            assert len(server.seen) < 200

    asyncio.run(run())


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_to_another_origin_is_refused_and_the_key_stays(
    tmp_path: Path, status: int, method: str
) -> None:
    async def run() -> None:
        async with faulty(tmp_path / "other.db", lambda *_: None) as other:
            there = Fault(status=status, headers={"location": f"{other.url}/conversations/conv_x"})
            async with faulty(tmp_path / "api.db", lambda *_: there) as server, client(server.url) as api:
                request = Request("calling", method, "/conversations/conv_x", {"metadata": {}})  # type: ignore[arg-type]
                with pytest.raises(CallFailed, match="redirect") as caught:
                    await api.call(request)
                assert not caught.value.uncertain
                assert len(server.seen) == 1
            assert other.seen == []

    asyncio.run(run())


@pytest.mark.parametrize("location", ["http://127.0.0.999/v1", "http://[::1/v1", "http://a:port/"])
def test_a_redirect_to_what_is_no_address_is_refused(tmp_path: Path, location: str) -> None:
    async def run() -> None:
        there = Fault(status=307, headers={"location": location})
        async with faulty(tmp_path / "api.db", lambda *_: there) as server, client(server.url) as api:
            with pytest.raises(CallFailed, match="redirect") as caught:
                await api.call(read_of())
            assert "redirects to what is no address" in caught.value.detail

    asyncio.run(run())


def test_a_redirect_within_the_origin_is_followed(tmp_path: Path) -> None:
    async def run() -> None:
        def decide(request: Seen, _: int) -> Fault | None:
            if request.method == "GET" and not request.path.endswith("?here"):
                return Fault(status=307, headers={"location": f"/v1/conversations/{made.id}?here"})
            return None

        async with faulty(tmp_path / "api.db", decide) as server, client(server.url) as api:
            made = await Conversations(api).create({}, None)
            assert (await api.call(read_of(f"/conversations/{made.id}")))["id"] == made.id
            assert len(server.seen) == 3

    asyncio.run(run())


def test_the_key_is_sent_to_the_api_and_shown_nowhere(tmp_path: Path) -> None:
    async def run() -> None:
        echo = Fault(status=401, body=f'{{"error": {{"message": "Incorrect API key: {KEY}"}}}}')
        async with faulty(tmp_path / "api.db", lambda *_: echo) as server, client(server.url) as api:
            with pytest.raises(CallFailed, match="the key is not accepted") as caught:
                await api.call(read_of())
            assert server.seen[0].headers["authorization"] == f"Bearer {KEY}"
            assert "x-openai-thread-client" not in server.seen[0].headers
            assert "Incorrect API key: (sensitive value)" in shown(caught.value)
            assert KEY not in shown(caught.value) + repr(caught.value) + repr(api.settings)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            Fault(status=404, headers={"content-type": "text/html"}, body="<html><title>Oops</title>"),
            'titled "Oops"',
        ),
        (Fault(status=200, headers={"content-type": "text/html"}, body="<html>login</html>"), "a web page"),
        (Fault(status=200, body='{"id": "conv_x", "meta'), "JSON that ends too early"),
        (
            Fault(status=404, body='{"error": {"message": "Not found"}}'),
            "does not prove that the object is gone",
        ),
        (Fault(status=401, body="{}"), "OPENAI_API_KEY"),
        (Fault(status=403, body='{"error": {"message": "no"}}'), "permission"),
        (Fault(status=502, body="<html>bad gateway</html>"), "the server has an error"),
        (Fault(status=404, body=""), "The answer has no content"),
    ],
)
def test_an_answer_that_is_not_the_apis_never_means_absent(tmp_path: Path, fault: Fault, words: str) -> None:
    async def run() -> None:
        async with (
            faulty(tmp_path / "api.db", lambda *_: fault) as server,
            client(server.url, max_retries=0) as api,
        ):
            with pytest.raises(CallFailed) as caught:
                await Conversations(api).read("conv_x")
            assert words in shown(caught.value)
            with pytest.raises(CallFailed):
                await Conversations(api).delete("conv_x")

    asyncio.run(run())


def test_a_refused_connection_says_what_to_check(tmp_path: Path) -> None:
    async def run() -> None:
        async with faulty(tmp_path / "api.db", lambda *_: None) as server:
            url = server.url
        async with client(url, max_retries=0) as api:
            with pytest.raises(CallFailed, match="no connection") as caught:
                await Conversations(api).create({}, None)
            assert not caught.value.uncertain
            assert "Check base_url" in shown(caught.value)

    asyncio.run(run())


def test_no_proxy_sees_calls_that_stay_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        async with (
            faulty(tmp_path / "proxy.db", lambda *_: Fault()) as proxy,
            faulty(tmp_path / "api.db", lambda *_: None) as server,
        ):
            monkeypatch.setenv("HTTP_PROXY", proxy.url.removesuffix("/v1"))
            monkeypatch.delenv("NO_PROXY", raising=False)
            monkeypatch.delenv("no_proxy", raising=False)
            async with client(server.url) as api:
                assert (await Conversations(api).create({}, None)).id
            assert proxy.seen == []
            async with client("http://api.example/v1", max_retries=0) as api:
                with pytest.raises(CallFailed):
                    await api.call(read_of())
            assert [each.path for each in proxy.seen] == ["http://api.example/v1/conversations/conv_x"]

    asyncio.run(run())


def test_a_connection_that_is_not_secure_is_named_and_nothing_was_made() -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(plain, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, client(f"https://127.0.0.1:{port}/v1", max_retries=3) as api:
            with pytest.raises(CallFailed, match="the connection is not secure") as caught:
                await Conversations(api).create({}, None)
            assert not caught.value.uncertain

    asyncio.run(run())


def test_an_interrupt_ends_a_read_at_once_and_lets_a_create_be_answered(tmp_path: Path) -> None:
    async def run() -> None:
        reading_began, reached = asyncio.Event(), asyncio.Event()

        def decide(request: Seen, _: int) -> Fault | None:
            if request.method == "GET":
                reading_began.set()
                return Fault(then="hang")
            reached.set()
            return None

        async with faulty(tmp_path / "api.db", decide) as server, client(server.url, timeout=60) as api:
            reading = asyncio.create_task(api.call(read_of()))
            await reading_began.wait()
            creating = asyncio.create_task(Conversations(api).create({}, None))
            await reached.wait()
            api.stop("interrupted")
            async with asyncio.timeout(4):
                assert (await creating).id
                with pytest.raises(CallFailed, match="stopped"):
                    await reading
                with pytest.raises(CallFailed, match="stopped"):
                    await api.call(read_of())
            assert len(server.seen) == 2

    asyncio.run(run())


@pytest.mark.parametrize(
    ("moves", "said"),
    [(False, "the page behind msg_1 comes again"), (True, "1,001 of its pages have almost nothing")],
)
def test_a_list_without_an_end_is_an_error(tmp_path: Path, moves: bool, said: str) -> None:
    async def run() -> None:
        def decide(_: Seen, number: int) -> Fault:
            name = f"msg_{number if moves else 1}"
            page = {"data": [{"id": name, "type": "reasoning"}], "last_id": name, "has_more": True}
            return Fault(status=200, body=json.dumps(page))

        async with faulty(tmp_path / "api.db", decide) as server, client(server.url) as api:
            with pytest.raises(ApiProblem) as caught:
                _ = [each async for each in Conversations(api).messages("conv_1")]
            assert (
                caught.value.summary == "Listing the messages of the conversation failed: the list has no end"
            )
            assert said in caught.value.detail

    asyncio.run(run())


def test_a_list_has_at_most_so_many_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_PAGES", 3)

    async def run() -> None:
        def decide(_: Seen, number: int) -> Fault:
            items = [{"id": f"msg_{number}_{each}", "type": "reasoning"} for each in range(100)]
            return Fault(status=200, body=json.dumps({"data": items, "has_more": True}))

        async with faulty(tmp_path / "api.db", decide) as server, client(server.url) as api:
            with pytest.raises(ApiProblem) as caught:
                _ = [each async for each in Conversations(api).messages("conv_1")]
            assert "it has more than 3 pages" in caught.value.detail
            assert len(server.seen) == 3

    asyncio.run(run())
    monkeypatch.undo()
    assert listing.MOST_PAGES == 10_000


def test_redirects_within_the_origin_have_an_end(tmp_path: Path) -> None:
    async def run() -> None:
        def decide(_: Seen, number: int) -> Fault:
            return Fault(status=307, headers={"location": f"/v1/conversations/conv_{number}"})

        async with faulty(tmp_path / "api.db", decide) as server, client(server.url) as api:
            with pytest.raises(CallFailed) as caught:
                await api.call(read_of())
            assert "more than 5 redirects" in caught.value.detail
            assert len(server.seen) == 6

    asyncio.run(run())


def test_of_a_thousand_calls_at_once_no_more_than_the_limit_are_under_way(tmp_path: Path) -> None:
    async def run() -> None:
        most = 0

        def decide(*_: object) -> Fault:
            nonlocal most
            most = max(most, len(server.callers))
            return Fault(status=200, body='{"id": "conv_1", "object": "conversation", "created_at": 1}')

        async with faulty(tmp_path / "api.db", decide) as server, client(server.url, timeout=60) as api:
            done = await asyncio.gather(*(api.call(read_of("/conversations/conv_1")) for _ in range(1_000)))
        assert len(done) == 1_000
        assert 1 < most <= AT_ONCE

    asyncio.run(run())


def test_an_answer_that_is_too_large_is_not_asked_for_again(tmp_path: Path) -> None:
    async def run() -> None:
        body = gzip.compress(b'{"id": "conv_x", "filler": "' + b"x" * LONGEST_BODY, 1)
        big = Fault(status=200, body=body, headers={"content-encoding": "gzip"})
        async with faulty(tmp_path / "api.db", lambda *_: big) as server, client(server.url) as api:
            with pytest.raises(CallFailed) as caught:
                await api.call(read_of())
            assert "takes more than 96 MiB of memory" in caught.value.detail
            assert len(server.seen) == 1

    asyncio.run(run())


def test_a_list_that_is_too_large_is_asked_for_in_shorter_pages(tmp_path: Path) -> None:
    async def run() -> None:
        ids = [f"msg_{number}" for number in range(25)]

        def decide(seen: Seen, _: int) -> Fault:
            query = parse_qs(urlsplit(seen.path).query)
            limit, after = int(query["limit"][0]), query.get("after")
            start = ids.index(after[0]) + 1 if after else 0
            data = [
                {"id": each, "type": "message", "role": "user", "content": "a long text"}
                for each in ids[start : start + limit]
            ]
            body = json.dumps({"data": data, "has_more": start + limit < len(ids)})
            body += " " * LONGEST_BODY if len(data) > 10 else ""
            return Fault(
                status=200, body=gzip.compress(body.encode(), 1), headers={"content-encoding": "gzip"}
            )

        async with faulty(tmp_path / "api.db", decide) as server, client(server.url, timeout=60) as api:
            thread = Conversations(api)
            assert [each.id async for each in thread.messages("conv_1")] == ids
            assert len(server.seen) == 4

            # So many pages are shorter that ours are still found, and there is nothing of others.
            own = await thread.own("conv_1", ids)
            assert (list(own.found), bool(own.others)) == (ids, False)
            assert not await thread.others("conv_1", ids)

    asyncio.run(run())


def test_a_list_of_which_each_object_is_too_large_is_an_error(tmp_path: Path) -> None:
    async def run() -> None:
        body = gzip.compress(b'{"data": [' + b" " * LONGEST_BODY, 1)
        big = Fault(status=200, body=body, headers={"content-encoding": "gzip"})
        async with (
            faulty(tmp_path / "api.db", lambda *_: big) as server,
            client(server.url, timeout=60) as api,
        ):
            with pytest.raises(CallFailed, match="is not the API's"):
                _ = [each async for each in Conversations(api).messages("conv_1")]
            assert [re.findall(r"limit=(\d+)", each.path) for each in server.seen] == [
                ["100"],
                ["10"],
                ["1"],
            ]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, b'{"id": [' + b"0," * 1_000_000 + b"0]}", "takes more than 96 MiB of memory"),
        (200, b'{"id": "' + b"x" * 2_000_000 + b'"}', "has the id"),
        (500, b'{"error": "' + b"x" * 2_000_000 + b'"}', "has 2,000,013 bytes, more than any error"),
    ],
)
def test_of_a_large_answer_that_is_not_believed_only_the_beginning_is_kept(
    tmp_path: Path, status: int, body: bytes, said: str
) -> None:
    async def run() -> None:
        large = Fault(status=status, body=body)
        async with (
            faulty(tmp_path / "api.db", lambda *_: large) as server,
            client(server.url, timeout=20, max_retries=0) as api,
        ):
            with pytest.raises(CallFailed) as caught:
                await api.call(read_of())
            assert said in caught.value.detail
            assert caught.value.answer is not None
            assert caught.value.answer.body is None
            assert len(caught.value.answer.text) <= 4_096

    asyncio.run(run())


def test_an_answer_that_drips_ends_at_the_timeout() -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n")
        try:
            while not writer.is_closing():
                writer.write(b" ")
                await asyncio.sleep(0.1)
        finally:
            ended.set()
            writer.transport.abort()

    ended = asyncio.Event()

    async def run() -> None:
        server = await asyncio.start_server(drip, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, client(f"http://127.0.0.1:{port}/v1", timeout=1, max_retries=0) as api:
            with pytest.raises(CallFailed, match="no answer in time"):
                async with asyncio.timeout(4):
                    await api.call(read_of())
            await ended.wait()  # the caller has let go of the connection

    asyncio.run(run())


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("status", [200, 202, 204])
def test_a_delete_without_words_is_done_when_a_read_proves_it(
    tmp_path: Path, status: int, done: bool
) -> None:
    async def run() -> None:
        def decide(request: Seen, _: int) -> Fault | None:
            return Fault(done, status=status, body="") if request.method == "DELETE" else None

        async with faulty(tmp_path / "api.db", decide) as server, client(server.url, timeout=30) as api:
            made = await Conversations(api).create({}, None)
            if done:
                assert await Conversations(api).delete(made.id)
            else:
                with pytest.raises(CallFailed, match="it is not deleted"):
                    await Conversations(api).delete(made.id)
            assert [each.method for each in server.seen].count("DELETE") == 1

    asyncio.run(run())


def test_one_refusal_that_asks_for_a_day_stops_no_other_call(tmp_path: Path) -> None:
    async def run() -> None:
        def decide(_: Seen, number: int) -> Fault | None:
            return Fault(status=429, headers={"retry-after": "86400"}) if number == 0 else None

        async with faulty(tmp_path / "api.db", decide) as server, client(server.url, timeout=5) as api:
            first = asyncio.create_task(Conversations(api).create({}, None))
            await asyncio.sleep(0.5)
            async with asyncio.timeout(12):
                assert (await Conversations(api).create({}, None)).id
            with pytest.raises(CallFailed) as caught:
                await first
            assert (
                "The server asked for a pause of 86400 s before this call is repeated" in caught.value.detail
            )

    asyncio.run(run())


def test_no_id_leads_out_of_its_collection() -> None:
    chance = random.Random(20261122)  # noqa: S311 - the same ids each time
    parts = [
        "..",
        ".",
        "/",
        "%2f",
        "%2e",
        "\n",
        "\r\n",
        "\0",
        "?",
        "#",
        "\\",
        " ",
        "é",
        "\U0001f600",
        "\ud800",
        "a1_-",
        ";",
        "@",
        ":",
    ]
    ids = ["", ".", "..", "...", "../", "%2f", "x" * 10_000]
    ids += ["".join(chance.choices(parts, k=chance.randint(1, 6))) for _ in range(10_000)]
    accepted = []
    for identifier in ids:
        try:
            path = path_to("conversations", identifier)
        except ApiProblem:
            continue
        accepted.append(identifier)
        url = httpx2.URL("https://host.example/v1" + path)
        assert url.raw_path == f"/v1{path}".encode()
        assert path.count("/") == 2
        assert objects_in(path) == [("conversations", identifier)]

    assert len(accepted) > len(ids) / 2
    assert not {"", ".", ".."} & set(accepted)
