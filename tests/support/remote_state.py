"""Where a state can lie: a file, a server that keeps what it was sent last, PostgreSQL."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Literal

from tests.support.postgres import SECONDS, postgres

Where = Literal["local", "http", "pg"]


@dataclass
class Backend:
    """A backend of Terraform: its configuration, and what Terraform has to have in its environment."""

    config: dict[str, Any]
    environment: Mapping[str, str] = field(default_factory=dict)
    states: dict[str, bytes] = field(default_factory=dict)
    """Of the http server: by path."""
    refuse: bool = False
    """Whether the http server refuses to store anything."""

    @property
    def block(self) -> dict[str, Any]:
        """What belongs into ``terraform`` of the configuration."""
        return {"backend": self.config} if self.config else {}

    def apart(self, name: str) -> "Backend":
        """Return the same backend with a place of its own for another state."""
        config = deepcopy(self.config)
        if "http" in config:
            config["http"]["address"] += f"-{name}"
        if "pg" in config:
            config["pg"]["schema_name"] += f"_{name}"
        return replace(self, config=config)


@contextmanager
def backend(where: Where, name: str = "state", seconds: int = SECONDS) -> Iterator[Backend]:
    """Give a backend; the http one is asked to store when a run ends, as every remote one is.

    Args:
        where: What keeps the state.
        name: Of the state there.
        seconds: After which a PostgreSQL ends by itself.
    """
    match where:
        case "local":
            yield Backend({})
        case "http":
            with _http() as found:
                address = found.config["http"]["address"]
                found.config["http"]["address"] = f"{address}/{name}"
                yield found
        case "pg":
            with postgres(seconds) as client:
                address = f"postgres://{client['PGHOST']}:{client['PGPORT']}/terraform_state?sslmode=disable"
                yield Backend({"pg": {"conn_str": address, "schema_name": name}}, client)


@contextmanager
def _http() -> Iterator[Backend]:
    found = Backend({})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state = found.states.get(self.path)
            self._answer(200 if state is not None else 404, state or b"")

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["content-length"]))
            if not found.refuse:
                found.states[self.path] = sent
            self._answer(403 if found.refuse else 200)

        def _answer(self, status: int, content: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    found.config = {"http": {"address": f"http://127.0.0.1:{server.server_port}"}}
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
