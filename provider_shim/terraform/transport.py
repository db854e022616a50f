"""The socket that Terraform knows: who may come in, what is called, and when to end.

Beside the provider's own service there are the plugin framework's: shutdown, the stream
of standard output, and the health check.
"""

import logging
import os
import select
import socket
import ssl
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from provider_shim.terraform import handshake, log
from provider_shim.terraform.certificate import pem
from provider_shim.terraform.handler import Provider
from provider_shim.terraform.http2 import INTERNAL, INVALID_ARGUMENT, UNIMPLEMENTED, Connection
from provider_shim.terraform.loop import Loop, at_once
from provider_shim.terraform.server import ProviderServer

_log = logging.getLogger(__name__)

_PARENT_CHECK = 1.0
"""Seconds between two looks at whether Terraform still lives."""
_ALONE = 60.0
"""Seconds without a connection. Terraform waits as long for a start, then stays connected to the end."""
_PREPARE_AFTER = 0.1
"""Seconds after ConfigureProvider. A plan of what is new has ended by then, and needs nothing."""
_GRACE = 30.0
"""Seconds that work under way may take to end once Terraform has died."""
_CLOSE = 1.5
"""Seconds for the same after Shutdown: Terraform kills a provider two seconds after it."""
_CONNECTIONS = 16
"""Connections at a time. Terraform makes one; more than these are somebody else's."""

_SERVING = b"\x08\x01"
"""grpc.health.v1.HealthCheckResponse with the status SERVING."""

_Answer = tuple[Connection, int, bytes | None, BaseException | None]


def run(listening: handshake.Listening, make: Callable[[], Provider]) -> int:
    """Serve until Terraform is done; give the exit code."""
    log.start()
    try:
        context = tls(listening)
    except (ssl.SSLError, OSError) as problem:
        handshake.withdraw(listening)
        print(f"{handshake.CLIENT_CERTIFICATE} is not a certificate: {problem}", file=sys.stderr)  # noqa: T201 - Terraform's log takes what it can't parse
        return 1
    try:
        loop = Loop()
        _Door(listening, context, ProviderServer(make()), loop).serve()
    finally:
        handshake.withdraw(listening)
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
    _load(context, text.encode(), listening.folder)
    return context


def _load(context: ssl.SSLContext, chain: bytes, folder: str) -> None:
    """Python takes keys from files only: one in memory where there is such a thing."""
    if hasattr(os, "memfd_create") and os.path.isdir("/proc/self/fd"):  # noqa: PTH112 - pathlib is a slow import
        descriptor = os.memfd_create("certificate")
        path = f"/proc/self/fd/{descriptor}"
    else:
        path = f"{folder}/certificate"
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(descriptor, chain)
        context.load_cert_chain(path)
    finally:
        os.close(descriptor)
        if path.startswith(folder):
            os.unlink(path)  # noqa: PTH108 - as above


class _Door:
    """Lets Terraform in, and carries calls and answers between its connection and the server."""

    def __init__(
        self, listening: handshake.Listening, context: ssl.SSLContext, server: ProviderServer, loop: Loop
    ) -> None:
        self._listener = listening.socket
        self._context = context
        self._server = server
        self._loop = loop
        self._connections: dict[int, Connection] = {}
        self._answers: deque[_Answer] = deque()
        self._under_way = 0
        self._ended = False
        self._prepare_at = 0.0
        self._parent = listening.parent
        self._alone_since = time.monotonic()
        self._woken, self._wake = socket.socketpair()
        self._listener.settimeout(0)
        self._woken.settimeout(0)
        self._wake.settimeout(0)

    def serve(self) -> None:
        """Go on until Terraform says Shutdown, or has gone."""
        while not self._ended and os.getppid() == self._parent and not self._is_alone():
            self._turn(_PARENT_CHECK)
            self._prepare()
        if not self._ended:
            _log.warning("Terraform has gone: ending")
            self._loop.run(self._server.stop(), lambda _result, _failure: None)
        # What was begun at the API is written down first.
        end = time.monotonic() + (_CLOSE if self._ended else _GRACE)
        while self._under_way and time.monotonic() < end:
            self._turn(end - time.monotonic())
        if self._loop.started:
            closed: list[bool] = []
            self._loop.run(self._server.provider.close(), lambda _result, _failure: self._done(closed))
            while not closed and time.monotonic() < end:
                self._turn(end - time.monotonic())

    def _is_alone(self) -> bool:
        """Tell whether nobody has come for long: Terraform may have died before this process knew it."""
        now = time.monotonic()
        if self._connections or self._under_way:
            self._alone_since = now
        return now - self._alone_since > _ALONE

    def _done(self, closed: list[bool]) -> None:
        closed.append(True)
        self._notify()

    def _turn(self, seconds: float) -> None:
        """Wait for the next thing to do, and do it."""
        if self._prepare_at:
            seconds = min(seconds, _PREPARE_AFTER)
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        poll.register(self._woken, select.POLLIN)
        for descriptor, connection in self._connections.items():
            poll.register(descriptor, select.POLLOUT if connection.wants_to_write else select.POLLIN)
        for descriptor, _ in poll.poll(max(seconds, 0.0) * 1000):
            if descriptor == self._listener.fileno():
                self._accept()
            elif descriptor == self._woken.fileno():
                self._drain()
            elif descriptor in self._connections:
                self._connections[descriptor].ready()
        while self._answers:
            self._answer(*self._answers.popleft())
        self._connections = {
            descriptor: each for descriptor, each in self._connections.items() if not each.closed
        }

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
        self._connections[secured.fileno()] = Connection(secured, self._call)

    def _drain(self) -> None:
        with suppress(BlockingIOError):
            self._woken.recv(4096)

    def _notify(self) -> None:
        with suppress(BlockingIOError):  # it will wake up anyway
            self._wake.send(b"!")

    def _call(self, connection: Connection, stream: int, path: str, message: bytes) -> None:
        service, _, name = path.rpartition("/")
        match service, name:
            case "/tfplugin6.Provider", _:
                self._provide(connection, stream, name, message)
            case "/plugin.GRPCController", "Shutdown":
                self._ended = True
                connection.answer(stream, b"")
            case "/plugin.GRPCStdio", "StreamStdio":
                pass  # stays open: nothing is ever printed after the handshake
            case "/grpc.health.v1.Health", "Check":
                connection.answer(stream, _SERVING)
            case _:
                connection.refuse(stream, UNIMPLEMENTED, "no such service")

    def _provide(self, connection: Connection, stream: int, name: str, message: bytes) -> None:
        try:
            coroutine, waits = self._server.call(name, message)
        except KeyError:
            connection.refuse(stream, UNIMPLEMENTED, "no such method")
            return
        except ValueError:
            connection.refuse(stream, INVALID_ARGUMENT, "not a request of this method")
            return
        self._under_way += 1
        if waits or self._loop.started:
            self._loop.run(
                coroutine, lambda result, failure: self._finished((connection, stream, result, failure))
            )
            return
        try:
            self._answers.append((connection, stream, at_once(coroutine), None))
        except Exception as failure:  # noqa: BLE001 - one call's failure is not the next one's
            self._answers.append((connection, stream, None, failure))
        if name == "ConfigureProvider":
            self._prepare_at = time.monotonic() + _PREPARE_AFTER

    def _finished(self, answer: _Answer) -> None:
        self._answers.append(answer)
        self._notify()

    def _answer(
        self, connection: Connection, stream: int, result: bytes | None, failure: BaseException | None
    ) -> None:
        self._under_way -= 1
        if result is not None:
            connection.answer(stream, result)
        else:
            _log.error("a call failed", exc_info=failure)
            connection.refuse(stream, INTERNAL, f"bug in cdktf-openai-thread: {type(failure).__name__}")
        connection.ready()

    def _prepare(self) -> None:
        if self._prepare_at and time.monotonic() >= self._prepare_at:
            self._prepare_at = 0.0
            if self._server.configured:
                self._loop.run(self._server.provider.configured(), _prepared)


def _prepared(_result: object, failure: BaseException | None) -> None:
    if failure is not None:
        _log.debug("preparing failed", exc_info=failure)
