"""The embedded API on a port of this machine, in a thread of this process: for tests of applications."""

import asyncio
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from starlette.middleware import Middleware
from uvicorn import Config
from uvicorn import Server as Uvicorn

from provider_shim.local.app import PREFIX, create_app
from provider_shim.local.authentication import LoopbackOnly
from provider_shim.local.faults import Faults
from provider_shim.local.responses import DEFAULT
from provider_shim.local.serve import DEFAULT_HOST, listening

START_SECONDS: Final = 30


class Server(Faults):
    """Serves a database to Terraform and to the application at once, and fails when it is told to.

        with Server(tmp_path / "threads.db") as server:
            client = OpenAI(base_url=server.base_url, api_key="none")
            server.fail_next(429, retry_after=2)

    It listens on the loopback address and asks for no key.
    """

    def __init__(self, database: str | os.PathLike[str], model: str | os.PathLike[str] = DEFAULT) -> None:
        """Take what is served; nothing is opened yet.

        Args:
            database: The SQLite file; made if it does not exist.
            model: What answers responses: ``echo``, the path of a script, or the URL of an engine.
        """
        super().__init__()
        self.database = Path(database)
        self.base_url = ""
        """Where the API is, once it is served: ``http://127.0.0.1:…/v1``."""
        self._model = model
        self._app: Any = None
        self._server: Uvicorn | None = None
        self._thread: threading.Thread | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What sends a program to this server that uses an OpenAI SDK."""
        return {"OPENAI_BASE_URL": self.base_url, "OPENAI_API_KEY": "none"}

    def script(self, answers: Sequence[Mapping[str, Any]] | str | os.PathLike[str]) -> None:
        """Answer responses by these entries from now on, or by the script of this path.

        Raises:
            ModelError: The script says what is not known; the text says where.
        """
        from provider_shim.local.responses.models import chosen  # noqa: PLC0415 - only where it is asked for
        from provider_shim.local.responses.script import Script  # noqa: PLC0415 - as above

        if isinstance(answers, str | os.PathLike):
            self._app.state.responses.model = chosen(answers)
        else:
            self._app.state.responses.model = Script.of({"answers": list(answers)}, "of the test")

    def start(self) -> None:
        """Open the database and serve it.

        Raises:
            DatabaseError: The file can't be used.
            ModelError: There is no such model.
        """
        self._app = create_app(self.database, middleware=[Middleware(LoopbackOnly)], model=self._model)
        listener = listening(DEFAULT_HOST, 0)
        self.base_url = f"http://{DEFAULT_HOST}:{listener.getsockname()[1]}{PREFIX}"
        config = Config(
            self.around(self._app),
            lifespan="off",
            ws="none",
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        server = self._server = Uvicorn(config)

        async def run() -> None:
            try:
                await server.serve([listener])
            finally:
                await self._app.state.responses.stop()
                await self._app.state.indexer.stop()

        self._thread = threading.Thread(target=lambda: asyncio.run(run()), name="openai-thread", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the connections and let go of the database."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join(START_SECONDS)
        self._app.state.store.close()
        self._server = self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
