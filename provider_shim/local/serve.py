"""The embedded API behind a socket: what ``openai-thread serve`` runs."""

import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from provider_shim.contract.provider import is_loopback
from provider_shim.local.authentication import KeyRequired, LoopbackOnly
from provider_shim.local.responses import DEFAULT

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8787
CONNECTIONS: Final = 512
"""Open connections, at most; further ones are answered 503."""
SHUTDOWN_SECONDS: Final = 5


class ServeError(Exception):
    """The server can't be started; the text says why and what to do."""


@dataclass(frozen=True)
class Ready:
    """What is served, and where."""

    url: str
    """The base URL: ``http://127.0.0.1:8787/v1``."""
    is_new: bool
    """Whether the database was made just now."""
    counts: Mapping[str, int]
    """How many objects of each kind it holds."""


def serve(  # noqa: PLR0913 - what a person may choose
    database: str | os.PathLike[str],
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    api_key: str | None = None,
    *,
    model: str | os.PathLike[str] = DEFAULT,
    log: bool = False,
    ready: Callable[[Ready], None] = lambda _ready: None,
) -> None:
    """Serve the database until SIGINT or SIGTERM.

    `model` answers responses: ``echo``, the path of a script, or the URL of an engine.
    `port` 0 takes a free one. `log` writes a line for each request to stderr. `ready` is called once
    connections are accepted. A `host` that other machines can reach needs an `api_key`.

    Raises:
        ServeError: the address can't be listened on, or has to have a key.
        DatabaseError: the file can't be used.
        ModelError: there is no such model, or its script can't be read.
    """
    if api_key == "":
        raise ServeError("The key is empty. Give a key, or none to serve this machine only.")
    if not is_loopback(host) and api_key is None:
        raise ServeError(
            f"Serving {host} lets other machines in, so a key is needed. Give one, or serve"
            f" {DEFAULT_HOST}, which only this machine reaches."
        )
    # Before the imports: an address that is taken is told at once.
    listener = listening(host, port)
    with listener:
        from starlette.middleware import Middleware  # noqa: PLC0415 - as above
        from uvicorn import Config, Server  # noqa: PLC0415 - as above

        from provider_shim.local.app import PREFIX, create_app  # noqa: PLC0415 - as above
        from provider_shim.local.log import Logged  # noqa: PLC0415 - as above
        from provider_shim.local.page.routes import routes  # noqa: PLC0415 - as above
        from provider_shim.local.store import counted  # noqa: PLC0415 - as above

        door = Middleware(LoopbackOnly) if api_key is None else Middleware(KeyRequired, api_key=api_key)
        app = create_app(database, middleware=[door], model=model)
        store = app.state.store
        app.routes.extend(routes(store.path, PREFIX))
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{listener.getsockname()[1]}{PREFIX}"

        class Announcing(Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                counts = await store.read(counted)
                ready(Ready(url, store.is_new, counts))

        config = Config(
            Logged(app) if log else app,
            loop="asyncio",
            lifespan="on",
            ws="none",
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=CONNECTIONS,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        Announcing(config).run([listener])


def listening(host: str, port: int) -> socket.socket:
    """Listen on an address; raises `ServeError` where that is impossible."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named: asyncio switches Nagle's algorithm off only then, and with it on each
    # answer waits 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(CONNECTIONS)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise ServeError(
            f"Can't listen on {host} port {port}: {reason}. Choose another port, or end the program"
            " that has it."
        ) from error
    return listener
