"""Conversation creates a second: ten clients over HTTP, beside an empty Starlette route.

    python -m benchmarks.embedded_api

Both servers run one after the other in a process of their own, on the same uvicorn. The clients
share one other process and speak plain HTTP over kept-alive connections, so that what is measured
is the server.
"""

import asyncio
import multiprocessing
import socket
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

CLIENTS = 10
SECONDS = 5.0
BODY = b'{"metadata":{"topic":"onboarding"}}'


def embedded(told: Connection, database: str) -> None:
    """Serve the embedded API and tell its port."""
    from provider_shim.local.serve import serve  # noqa: PLC0415 - in the server's process

    serve(database, port=0, ready=lambda it: told.send(int(it.url.rpartition(":")[2].removesuffix("/v1"))))


def empty(told: Connection, _database: str) -> None:
    """Serve one route that does nothing and tell its port."""
    import uvicorn  # noqa: PLC0415 - in the server's process
    from starlette.applications import Starlette  # noqa: PLC0415 - only the server of this module needs them
    from starlette.requests import Request  # noqa: PLC0415 - as above
    from starlette.responses import Response  # noqa: PLC0415 - as above
    from starlette.routing import Route  # noqa: PLC0415 - as above

    async def nothing(_request: Request) -> Response:
        return Response(b"{}", media_type="application/json")

    app = Starlette(routes=[Route("/v1/conversations", nothing, methods=["POST"])])
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    told.send(listener.getsockname()[1])
    config = uvicorn.Config(app, loop="asyncio", ws="none", log_level="warning", access_log=False)
    uvicorn.Server(config).run([listener])


async def client(port: int, until: float) -> int:
    """Post conversations until the time is up; return how many were acknowledged."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = (
        b"POST /v1/conversations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
    )
    done = 0
    while time.perf_counter() < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode(errors="replace"))
        length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        await reader.readexactly(int(length.partition(b":")[2]))
        done += 1
    writer.close()
    return done


async def rate(port: int) -> float:
    """Return answers a second of all clients together."""
    started = time.perf_counter()
    done = await asyncio.gather(*(client(port, started + SECONDS) for _ in range(CLIENTS)))
    return sum(done) / (time.perf_counter() - started)


def measured(server: Callable[[Connection, str], None], database: str) -> tuple[float, float]:
    """Return the seconds until the server was ready and its answers a second."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    started = time.perf_counter()
    process = context.Process(target=server, args=(there, database))
    process.start()
    try:
        port = here.recv()
        ready = time.perf_counter() - started
        return ready, asyncio.run(rate(port))
    finally:
        process.terminate()
        process.join()


def main() -> None:
    """Measure both and print them."""
    with tempfile.TemporaryDirectory() as folder:
        database = str(Path(folder) / "threads.db")
        _, bare = measured(empty, database)
        ready, creates = measured(embedded, database)
    print(f"empty Starlette route     {bare:8.0f} /s")
    print(f"POST /v1/conversations    {creates:8.0f} /s   {creates / bare:.2f} of the empty route")
    print(f"ready after               {ready:8.2f} s    process start and imports included")


if __name__ == "__main__":
    main()
