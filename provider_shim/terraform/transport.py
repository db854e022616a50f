"""The gRPC server that Terraform connects to: who may connect, what is called, and when to end.

Beside the provider's own service there are the plugin framework's: shutdown, the stream
of standard output, and the health check.
"""

import logging
import os
import ssl
import sys
import time
from collections.abc import AsyncGenerator, Callable
from functools import partial

from provider_shim.system.memory_file import memory_file
from provider_shim.system.parent import lives
from provider_shim.terraform import handshake, log
from provider_shim.terraform.certificate import pem
from provider_shim.terraform.grpc_connection import (
    INTERNAL,
    INVALID_ARGUMENT,
    RESOURCE_EXHAUSTED,
    UNIMPLEMENTED,
    GrpcConnection,
)
from provider_shim.terraform.handler import Provider
from provider_shim.terraform.loop import Loop
from provider_shim.terraform.server import LIST, ProviderServer

_log = logging.getLogger(__name__)

_PARENT_CHECK = 1.0
"""Seconds between two looks at whether Terraform still lives."""
_ALONE = 60.0
"""Seconds without a connection. Terraform waits as long for a start, then stays connected to the end."""
_GRACE = 60.0
"""Seconds that work under way may take to end once Terraform has died: as long as any call may take."""
_CLOSE = 1.5
"""Seconds for the same after Shutdown: Terraform kills a provider two seconds after it."""
_CALLS = 1_000
"""Calls at a time. Terraform makes as many as its -parallelism says."""
_CONNECTIONS = 16
"""Connections at a time. Terraform makes one; more than these are somebody else's."""

_AHEAD = 2**18
"""Bytes of an answer in several parts that may wait for the client, beside the part that is sent."""

_SERVING = b"\x08\x01"
"""grpc.health.v1.HealthCheckResponse with the status SERVING."""


def run(listening: handshake.Listening, make: Callable[[], Provider]) -> int:
    """Serve until Terraform is done; return the exit code."""
    log.start()
    try:
        context = tls(listening)
    except (ssl.SSLError, OSError) as problem:
        listening.listener.close()
        print(f"{handshake.CLIENT_CERTIFICATE} is not a certificate: {problem}", file=sys.stderr)  # noqa: T201 - Terraform's log takes what it can't parse
        return 1
    try:
        loop = Loop()
        _GrpcServer(listening, context, ProviderServer(make()), loop).serve()
    finally:
        listening.listener.close()
    logging.shutdown()
    # Threads of a call that hangs would keep the process, and Terraform waiting.
    os._exit(0)


def tls(listening: handshake.Listening) -> ssl.SSLContext:
    """Require the one certificate that Terraform has announced.

    Raises:
        ssl.SSLError: Terraform's certificate can't be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=listening.client_certificate)
    context.set_alpn_protocols(["h2"])
    text = pem("CERTIFICATE", listening.certificate) + pem("EC PRIVATE KEY", listening.key)
    # Python takes keys from files only.
    with memory_file(text.encode(), listening.listener.folder) as path:
        context.load_cert_chain(path)
    return context


class _GrpcServer:
    """Accepts Terraform's connection, and carries calls and answers between it and the provider."""

    def __init__(
        self, listening: handshake.Listening, context: ssl.SSLContext, server: ProviderServer, loop: Loop
    ) -> None:
        self._listener = listening.listener.take()
        self._context = context
        self._server = server
        self._loop = loop
        self._connections: set[GrpcConnection] = set()
        self._waiting: dict[GrpcConnection, list[Callable[[], None]]] = {}
        """What goes on once a client has taken something of an answer in several parts."""
        self._under_way = 0
        self._ended = False
        self._parent = listening.parent
        self._alone_since = time.monotonic()
        self._listener.settimeout(0)
        self._loop.watch(self._listener.fileno(), self._accept)

    def serve(self) -> None:
        """Go on until Terraform says Shutdown, or has gone."""
        while not self._ended and lives(self._parent) and not self._is_alone():
            self._loop.turn(_PARENT_CHECK)
        if not self._ended:
            _log.warning("Terraform has gone: ending")
            if self._loop.started:
                self._loop.run(self._server.stop(), lambda _result, _failure: None)
        # What was begun at the API is written down first.
        end = time.monotonic() + (_CLOSE if self._ended else _GRACE)
        while self._under_way and time.monotonic() < end:
            self._loop.turn(end - time.monotonic())
        if self._loop.started:
            closed: list[bool] = []
            self._loop.run(self._server.provider.close(), lambda _result, _failure: self._done(closed))
            while not closed and time.monotonic() < end:
                self._loop.turn(end - time.monotonic())

    def _is_alone(self) -> bool:
        """Return whether nobody has connected for long: Terraform may have died unseen."""
        now = time.monotonic()
        if self._connections or self._under_way:
            self._alone_since = now
        return now - self._alone_since > _ALONE

    def _done(self, closed: list[bool]) -> None:
        closed.append(True)
        self._loop.end_turn()

    def _accept(self) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:  # it has gone again
            return
        if len(self._connections) >= _CONNECTIONS:
            client.close()
            return
        client.settimeout(0)
        try:
            secured = self._context.wrap_socket(client, server_side=True, do_handshake_on_connect=False)
        except OSError:  # as above
            client.close()
            return
        connection = GrpcConnection(secured, self._call)
        self._connections.add(connection)
        self._loop.watch(connection.descriptor, partial(self._ready, connection))

    def _ready(self, connection: GrpcConnection) -> None:
        """Let a connection read and write, and watch for what it waits for next."""
        wanted_to_write = connection.wants_to_write
        connection.ready()
        for go_on in self._waiting.pop(connection, ()):
            go_on()
        if connection.closed:
            self._connections.discard(connection)
            self._loop.forget(connection.descriptor)
        elif connection.wants_to_write != wanted_to_write:
            self._loop.watch(
                connection.descriptor, partial(self._ready, connection), writing=connection.wants_to_write
            )

    def _call(self, connection: GrpcConnection, stream: int, path: str, message: bytes) -> None:
        service, _, name = path.rpartition("/")
        match service, name:
            case "/tfplugin6.Provider", _:
                self._provide(connection, stream, name, message)
            case "/plugin.GRPCController", "Shutdown":
                self._ended = True
                self._loop.end_turn()
                connection.answer(stream, b"")
            case "/plugin.GRPCStdio", "StreamStdio":
                pass  # stays open: nothing is ever printed after the handshake
            case "/grpc.health.v1.Health", "Check":
                connection.answer(stream, _SERVING)
            case _:
                connection.refuse(stream, UNIMPLEMENTED, "no such service")

    def _provide(self, connection: GrpcConnection, stream: int, name: str, message: bytes) -> None:
        if self._under_way >= _CALLS:  # a client that gives its calls up has them done all the same
            connection.refuse(stream, RESOURCE_EXHAUSTED, "too many calls at a time")
            return
        try:
            answer = (
                self._parts(connection, stream, self._server.begin_list(message))
                if name == LIST
                else self._server.call(name, message)
            )
        except KeyError:
            connection.refuse(stream, UNIMPLEMENTED, "no such method")
            return
        except ValueError:
            connection.refuse(stream, INVALID_ARGUMENT, "not a request of this method")
            return
        if not callable(answer):
            self._under_way += 1
            self._loop.run(answer, partial(self._finished, connection, stream))
            return
        try:
            _answer(connection, stream, answer(), None)
        except Exception as failure:  # noqa: BLE001 - one call's failure is not the next one's
            _answer(connection, stream, None, failure)

    async def _parts(
        self, connection: GrpcConnection, stream: int, parts: AsyncGenerator[bytes, None]
    ) -> None:
        """Send an answer in several parts, as fast as the client takes them, and as long as it does."""
        import asyncio  # noqa: PLC0415 - only lists are answered so

        try:
            async for part in parts:
                connection.part(stream, part)
                self._ready(connection)
                while (unsent := connection.unsent(stream)) is not None and unsent > _AHEAD:
                    taken = asyncio.Event()
                    self._waiting.setdefault(connection, []).append(taken.set)
                    await taken.wait()
                if unsent is None:
                    return
        finally:
            await parts.aclose()
        connection.end(stream)

    def _finished(
        self, connection: GrpcConnection, stream: int, result: bytes | None, failure: BaseException | None
    ) -> None:
        self._under_way -= 1
        _answer(connection, stream, result, failure)
        if not connection.closed:
            self._ready(connection)
        if not self._under_way:
            self._loop.end_turn()


def _answer(
    connection: GrpcConnection, stream: int, result: bytes | None, failure: BaseException | None
) -> None:
    if result is not None:
        connection.answer(stream, result)
    elif failure is not None:  # an answer in several parts is sent already
        _log.error("a call failed", exc_info=failure)
        connection.refuse(stream, INTERNAL, f"bug in cdktf-openai-thread: {type(failure).__name__}")
