"""gRPC over mutual TLS on the socket that Terraform knows, and when to end.

Beside the provider's own service there are the plugin framework's: shutdown, the stream
of standard output, and the health check.
"""

import asyncio
import logging
import os
import ssl
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from grpclib.const import Cardinality, Handler
from grpclib.encoding.base import CodecBase
from grpclib.server import Server

from provider_shim.terraform import handshake, log
from provider_shim.terraform import tfplugin6_pb2 as pb
from provider_shim.terraform.certificate import pem
from provider_shim.terraform.handler import Provider
from provider_shim.terraform.server import RPCS, ProviderServer

_log = logging.getLogger(__name__)

_PARENT_CHECK = 1.0
"""Seconds between two looks at whether Terraform still lives."""
_GRACE = 30.0
"""Seconds that work under way may take to end once Terraform has died."""
_CLOSE = 1.0
"""Seconds to release connections: Terraform kills a provider two seconds after Shutdown."""

_SERVING = b"\x08\x01"
"""grpc.health.v1.HealthCheckResponse with the status SERVING."""


class _Raw(CodecBase):
    """Messages as bytes: each handler knows its own type."""

    __content_subtype__ = "proto"

    def encode(self, message: Any, _type: object) -> bytes:  # noqa: ANN401 - as grpclib declares it
        data: bytes = message if isinstance(message, bytes) else message.SerializeToString()
        return data

    def decode(self, data: bytes, message_type: Any) -> Any:  # noqa: ANN401 - as grpclib declares it
        return data if message_type is bytes else message_type.FromString(data)


class _Service:
    """All methods that Terraform may call on the connection."""

    def __init__(self, server: ProviderServer, ended: asyncio.Event) -> None:
        self._server = server
        self._ended = ended

    def __mapping__(self) -> dict[str, Handler]:
        mapping = {f"/tfplugin6.Provider/{name}": self._unary(name) for name in RPCS}
        mapping["/plugin.GRPCController/Shutdown"] = Handler(
            self._shutdown, Cardinality.UNARY_UNARY, bytes, bytes
        )
        mapping["/plugin.GRPCStdio/StreamStdio"] = Handler(
            self._stdio, Cardinality.UNARY_STREAM, bytes, bytes
        )
        mapping["/grpc.health.v1.Health/Check"] = Handler(self._health, Cardinality.UNARY_UNARY, bytes, bytes)
        return mapping

    def _unary(self, name: str) -> Handler:
        messages = getattr(pb, name)
        method: Callable[[Any], Awaitable[Any]] = getattr(self._server, name)

        async def call(stream: Any) -> None:  # noqa: ANN401 - grpclib has no types
            await stream.send_message(await method(await stream.recv_message()))

        return Handler(call, Cardinality.UNARY_UNARY, messages.Request, messages.Response)

    async def _shutdown(self, stream: Any) -> None:  # noqa: ANN401 - as above
        await stream.recv_message()
        await stream.send_message(b"")
        self._ended.set()

    async def _stdio(self, stream: Any) -> None:  # noqa: ANN401 - as above
        await stream.recv_message()
        await self._ended.wait()  # nothing is ever printed after the handshake

    async def _health(self, stream: Any) -> None:  # noqa: ANN401 - as above
        await stream.recv_message()
        await stream.send_message(_SERVING)


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
        asyncio.run(_serve(listening, context, make()))
    finally:
        handshake.withdraw(listening)
        # Threads of a call that hangs would keep the process, and Terraform waiting.
        logging.shutdown()
        sys.stdout.flush()
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


async def _serve(listening: handshake.Listening, context: ssl.SSLContext, provider: Provider) -> None:
    parent = os.getppid()
    ended = asyncio.Event()
    server = ProviderServer(provider)
    door = Server([_Service(server, ended)], codec=_Raw())
    await door.start(sock=listening.socket, ssl=context)
    orphaned = False
    while not ended.is_set() and not orphaned:
        try:
            await asyncio.wait_for(ended.wait(), _PARENT_CHECK)
        except TimeoutError:
            orphaned = os.getppid() != parent
    if orphaned:
        _log.warning("Terraform has gone: ending")
        await server.stop()
        await server.running.drained(_GRACE)
    else:
        await asyncio.sleep(0)  # the answer to Shutdown goes out first
    try:
        await asyncio.wait_for(provider.close(), _CLOSE)
    except Exception:  # noqa: BLE001 - the end comes either way
        _log.debug("closing failed", exc_info=True)
