"""What is left in a connection answers no other call, and what a proxy refuses was never sent."""

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from httpcore2._async.http11 import AsyncHTTP11Connection
from httpcore2._backends.anyio import AnyIOStream

from provider_shim.api.client import Client, Request
from provider_shim.api.conversations import Conversations
from provider_shim.api.problem import CallFailed
from provider_shim.api.settings import Settings
from provider_shim.system.poll import Arrivals
from provider_shim.terraform import certificate
from tests.support.faulty import KEY, client

Answer = Callable[[int, str], bytes | list[bytes]]
"""What is sent to a request, by its number from 0 and its method; of TLS, in as many records at once."""
READ_AT_ONCE = AsyncHTTP11Connection.READ_NUM_BYTES


def http(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


def conversation(name: object) -> bytes:
    return http(json.dumps({"id": f"conv_{name}", "created_at": 1, "metadata": {}}).encode())


@asynccontextmanager
async def keeping(
    answer: Answer,
    secure: ssl.SSLContext | None = None,
    writers: list[asyncio.StreamWriter] | None = None,
    *,
    ends: Callable[[int], bool] = lambda _: False,
) -> AsyncIterator[tuple[str, list[int]]]:
    """Serve on connections that stay open, but for those that end with an answer, by its number.

    It gives the URL, and which connection each request came on.
    """
    connections = 0
    seen: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        number = connections
        if writers is not None:
            writers.append(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                sizes = [
                    each[16:] for each in head.lower().split("\r\n") if each.startswith("content-length: ")
                ]
                await reader.readexactly(int(sizes[0]) if sizes else 0)
                seen.append(number)
                this, answered = len(seen) - 1, answer(len(seen) - 1, head.split(" ")[0])
                writer.writelines([answered] if isinstance(answered, bytes) else answered)
                if ends(this):
                    break
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "localhost", 0, family=socket.AF_INET, ssl=secure)
    try:
        scheme = "https" if secure else "http"
        yield f"{scheme}://localhost:{server.sockets[0].getsockname()[1]}/v1", seen
    finally:
        server.close()


LEFT: Mapping[str, bytes] = {
    "another answer": conversation("of_nobody"),
    "an end of line": b"\r\n",
    "a part of a body": b'"}',
}


@pytest.mark.parametrize("left", LEFT.values(), ids=list(LEFT))
@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("length", [0, READ_AT_ONCE], ids=["small", "as much as is read at once"])
def test_what_comes_behind_an_answer_is_not_the_next_call_s(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, left: bytes, secure: bool, length: int
) -> None:
    """It may be read with the answer, or wait in the system, to be decrypted, or as it came."""
    context = trusted(monkeypatch, tmp_path) if secure else None

    async def run() -> None:
        def answer(number: int, _: str) -> list[bytes]:
            return [padded(conversation(number), length), left] if number == 0 else [conversation(number)]

        async with keeping(answer, context) as (url, seen), client(url, max_retries=0) as api:
            read = await api.call(Request("reading", "GET", "/conversations/conv_0"))
            made = await Conversations(api).create({}, None)
        assert (read["id"], made.id) == ("conv_0", "conv_1")
        assert seen == [1, 2]

    asyncio.run(run())


def padded(answer: bytes, length: int) -> bytes:
    """Make an answer so long, with spaces behind its body."""
    body = answer.partition(b"\r\n\r\n")[2]
    grown = http(body.ljust(length))
    return answer if not length else http(body.ljust(2 * length - len(grown)))


def test_what_comes_behind_answers_is_nobody_s_with_many_at_once() -> None:
    """While connections are closed that have ended, another call may take one whose answer was just read."""

    async def run() -> None:
        def answer(number: int, _: str) -> bytes:
            return conversation(number) + conversation("of_nobody") * (number % 3 == 0)

        async def create(api: Client) -> list[str]:
            return [(await Conversations(api).create({}, None)).id for _ in range(20)]

        async with (
            keeping(answer, ends=lambda number: number % 4 == 0) as (url, seen),
            client(url, max_retries=0) as api,
        ):
            made = await asyncio.gather(*(create(api) for _ in range(20)))
        assert sorted(each for ids in made for each in ids) == sorted(f"conv_{n}" for n in range(len(seen)))

    asyncio.run(run())


def test_a_body_that_no_204_may_have_does_not_disturb_the_next_create() -> None:
    async def run() -> None:
        gone = {"error": {"message": "Conversation with id 'conv_0' not found.", "type": "x"}}

        def answer(number: int, method: str) -> bytes:
            if method == "DELETE":
                return http(b"null", "204 No Content")
            return (
                conversation(number) if method == "POST" else http(json.dumps(gone).encode(), "404 Not Found")
            )

        async with keeping(answer) as (url, seen), client(url, max_retries=0) as api:
            assert await Conversations(api).delete("conv_0")
            assert (await Conversations(api).create({}, None)).id == "conv_2"
        assert seen == [1, 2, 2]

    asyncio.run(run())


def test_a_connection_whose_answers_end_is_used_again() -> None:
    async def run() -> None:
        async with keeping(lambda number, _: conversation(number)) as (url, seen), client(url) as api:
            for _ in range(3):
                await Conversations(api).create({}, None)
        assert seen == [1, 1, 1]

    asyncio.run(run())


@pytest.mark.parametrize("ending", ["an end", "a reset"])
@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_an_idle_connection_that_has_ended_gets_no_create(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ending: str, secure: bool
) -> None:
    """A create that is sent on it would be lost, or made: nobody knows."""
    create_after(ending, trusted(monkeypatch, tmp_path) if secure else None)


def test_a_connection_that_ends_between_its_choice_and_the_request_gets_no_create(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The pool closes others meanwhile, and the request may wait for that."""
    early = [False, False]  # the looks of the pool, when the answer before ends and when a call comes
    look = Arrivals.any
    monkeypatch.setattr(Arrivals, "any", lambda arrivals: early.pop() if early else look(arrivals))

    create_after("an end", None)

    assert not early


def create_after(ending: str, secure: ssl.SSLContext | None) -> None:
    """Make a conversation when the connection of the one before has ended: on another one, and once."""

    async def run() -> None:
        writers: list[asyncio.StreamWriter] = []
        async with (
            keeping(lambda number, _: conversation(number), secure, writers) as (url, seen),
            client(url, max_retries=0) as api,
        ):
            await Conversations(api).create({}, None)
            for writer in writers:
                if ending == "a reset":
                    there = writer.get_extra_info("socket")
                    there.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            await asyncio.sleep(0.1)
            assert (await Conversations(api).create({}, None)).id == "conv_1"
        assert seen == [1, 2]

    asyncio.run(run())


def test_a_connection_that_ends_before_it_is_secure_is_made_again() -> None:
    """Proxies and servers with too much to do end some so; of the certificate it says nothing."""
    ended = 0

    async def end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal ended
        ended += 1
        await reader.read(4096)
        writer.close()

    async def run() -> CallFailed:
        server = await asyncio.start_server(end, "127.0.0.1", 0)
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        async with server, client(url, max_retries=1) as api:
            with pytest.raises(CallFailed, match="Creating the conversation failed: no connection") as caught:
                await Conversations(api).create({}, None)
        return caught.value

    failed = asyncio.run(run())
    assert ended == 2
    assert not failed.uncertain
    assert "certificate" not in failed.detail


def test_calls_through_a_tunnel_of_a_proxy_share_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(certificate, "HOST", "api.example.com")
    context = trusted(monkeypatch, tmp_path)
    asked: list[bytes] = []

    async def run() -> None:
        async with keeping(lambda number, _: conversation(number), context) as (url, seen):
            port = int(url.split(":")[2].split("/")[0])
            ended = asyncio.Event()

            async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                asked.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                there, back = await asyncio.open_connection("localhost", port)
                await asyncio.gather(copied(reader, back), copied(there, writer))
                ended.set()

            proxy = await asyncio.start_server(tunnel, "127.0.0.1", 0)
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}")
            async with proxy, client("https://api.example.com/v1", max_retries=0) as api:
                for number in range(3):
                    assert (await Conversations(api).create({}, None)).id == f"conv_{number}"
            await ended.wait()
            assert seen == [1, 1, 1]

    asyncio.run(run())
    assert [each.split(b" ")[:2] for each in asked] == [[b"CONNECT", b"api.example.com:443"]]


async def copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


def trusted(monkeypatch: pytest.MonkeyPatch, folder: Path) -> ssl.SSLContext:
    """Make a server's certificate, and trust it."""
    made, key = certificate.make()
    pem, chain = folder / "certificate.pem", folder / "chain.pem"
    pem.write_text(certificate.pem("CERTIFICATE", made))
    chain.write_text(pem.read_text() + certificate.pem("EC PRIVATE KEY", key))
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_idle_connections_know_their_socket(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, secure: bool
) -> None:
    """The library's own way to it is what is slow: it takes names of the library's to have another."""
    context = trusted(monkeypatch, tmp_path) if secure else None
    asked: list[str] = []
    gather = AnyIOStream.get_extra_info

    def noted(stream: AnyIOStream, info: str) -> object:
        asked.append(info)
        return gather(stream, info)

    monkeypatch.setattr(AnyIOStream, "get_extra_info", noted)

    async def run() -> None:
        async with keeping(lambda number, _: conversation(number), context) as (url, _), client(url) as api:
            for _ in range(3):
                await Conversations(api).create({}, None)

    asyncio.run(run())
    assert "socket" in asked
    assert "is_readable" not in asked


@pytest.mark.parametrize(("size", "whole"), [(10, True), (60_000, False), (3_000_000, False)])
def test_headers_and_a_small_body_are_sent_at_once_and_a_large_one_arrives(size: int, whole: bool) -> None:
    came: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while b"\r\n\r\n" not in b"".join(came) or len(b"".join(came)) < size:
            came.append(await reader.read(1 << 20))
        writer.write(conversation("1"))
        await writer.drain()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 20)
        async with server, client(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1") as api:
            body = {"metadata": {"a": "b" * size}}
            assert (await api.call(Request("making", "POST", "/conversations", body)))["id"] == "conv_1"
            assert json.loads(b"".join(came).partition(b"\r\n\r\n")[2]) == body

    asyncio.run(run())
    assert not whole or len(came) == 1


def test_a_socket_that_is_closed_counts_as_one_that_has_ended() -> None:
    async def run() -> None:
        async with keeping(lambda number, _: conversation(number)) as (url, _):
            _, writer = await asyncio.open_connection("localhost", int(url.split(":")[2].split("/")[0]))
            there = writer.get_extra_info("socket")
            arrivals = Arrivals(there)
            assert not arrivals.any()
            writer.transport.abort()
            for _ in range(3):
                await asyncio.sleep(0)
            assert there.fileno() < 0
            assert Arrivals(there).any()
            quiet = socket.socketpair()  # one of them has the number of the closed one
            assert arrivals.any()
            for each in quiet:
                each.close()

    asyncio.run(run())


PROXIES: Mapping[str, bytes] = {
    "nothing": b"",
    "another protocol": b"SSH-2.0-OpenSSH\r\n",
    "a page": b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n<html>Sign in</html>",
    "a refusal": b"HTTP/1.1 403 Forbidden\r\ncontent-length: 3\r\n\r\nNo!",
    "a login": b"HTTP/1.1 407 %s\r\n\r\n" % KEY.encode(),
    "a redirect": b"HTTP/1.1 302 Found\r\nlocation: http://login/?k=%s\r\n\r\n" % KEY.encode(),
}


@pytest.mark.parametrize("answer", PROXIES.values(), ids=list(PROXIES))
def test_a_create_that_a_proxy_did_not_pass_on_was_never_sent(
    monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async def run() -> CallFailed:
        server = await asyncio.start_server(proxy, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:{KEY}pw@127.0.0.1:{port}")
        api = Client(Settings(base_url="https://api.example.com/v1", api_key=KEY, timeout=5, max_retries=0))
        try:
            async with server:
                with pytest.raises(CallFailed) as caught:
                    await Conversations(api).create({}, None)
        finally:
            await api.close()
        return caught.value

    failed = asyncio.run(run())

    assert not failed.uncertain
    assert failed.kind in ("proxy", "tls", "no connection")
    assert KEY not in failed.summary + failed.detail
