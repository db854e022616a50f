"""Calls to an API as it is, and what they have made: all of it is deleted again, whatever happens."""

import asyncio
import json
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

import httpx2

from provider_shim.api.absence import is_absent
from provider_shim.api.answers import unlike
from provider_shim.api.settings import Settings
from provider_shim.contract.identifiers import path_of
from provider_shim.local.app import create_app

_TRIES: Final = 4
"""How often an object is asked to be deleted, with a second more between each two."""
_GONE: Final = 404
_BUSY: Final = (429, 503)
"""Nothing was done: it is asked again after these seconds."""
_BUSY_WAITS: Final = (1, 3, 9)


@dataclass(frozen=True)
class Said:
    """What the API has answered."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: Any

    @property
    def success(self) -> bool:
        """Whether the status says that it was done."""
        return self.status // 100 == 2  # noqa: PLR2004 - 200 to 299

    @property
    def absent(self) -> bool:
        """Whether the product takes it for a proof that the object does not exist."""
        return is_absent(self.status, self.body, self.path)

    @property
    def unlike(self) -> str:
        """What the product finds wrong with the answer; "" if nothing."""
        return unlike(self.method, self.path, self.body) if self.success else ""

    @property
    def words(self) -> str:
        """The answer in a few words, without an id."""
        error = self.body.get("error") if isinstance(self.body, dict) else None
        if isinstance(error, dict):
            return f"{self.status} {error.get('code') or error.get('type') or ''}: {error.get('message')}"
        detail = self.body.get("detail") if isinstance(self.body, dict) else None
        return f"{self.status} {detail or ''}".strip()


class Server:
    """The API behind a base URL.

    ``mark`` is in all that is made, so that it is found if an answer is lost.
    """

    def __init__(self, settings: Settings) -> None:
        """Take the settings; nothing is asked yet."""
        self.mark = f"openai-thread-live-{uuid4().hex[:12]}"
        self.left: list[str] = []
        """Paths of what could not be deleted, or may have been made."""
        self.answers: list[Said] = []
        self.ending = False
        """Whether what was made is being deleted."""
        self._made: list[tuple[str, ...]] = []
        self._app = None if settings.database is None else create_app(settings.database)
        transport = None if self._app is None else httpx2.ASGITransport(app=self._app)
        key = {} if settings.api_key is None else {"authorization": f"Bearer {settings.api_key}"}
        own = {"openai-organization": settings.organization, "openai-project": settings.project}
        self._http = httpx2.AsyncClient(
            transport=transport,
            timeout=settings.timeout,
            headers={**key, **{name: value for name, value in own.items() if value}},
            trust_env=not settings.local,
        )
        self._url = settings.url.rstrip("/")

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Delete what was made, the last first, and let go of the connections."""
        self.ending = True
        try:
            await self._delete_all()
        finally:
            await self._http.aclose()
            if self._app is not None:
                self._app.state.store.close()

    async def get(self, *steps: str, query: Mapping[str, Any] | None = None) -> Said:
        """Read."""
        return await self._ask("GET", path_of(*steps), params=dict(query or {}))

    async def post(self, *steps: str, body: Mapping[str, Any], by: str | None = None) -> Said:
        """Change something, or make an object of a collection.

        Args:
            steps: The path.
            body: Of the request.
            by: Another key than the configured one.
        """
        headers = {"authorization": f"Bearer {by}"} if by else {}
        return await self._making(steps, self._ask("POST", path_of(*steps), json=body, headers=headers))

    async def upload(self, name: str, content: bytes, **fields: str) -> Said:
        """Upload a file."""
        files = {"file": (name, content)}
        return await self._making(
            ("files",), self._ask("POST", "/files", data={"purpose": "assistants", **fields}, files=files)
        )

    async def delete(self, *steps: str) -> Said:
        """Delete an object that was made."""
        said = await self._ask("DELETE", path_of(*steps))
        if said.success and steps in self._made:
            self._made.remove(steps)
        return said

    async def _making(self, steps: Sequence[str], call: Coroutine[Any, Any, Said]) -> Said:
        """Wait for the answer to what may make something, even if this program is to end: it has the id."""
        task = asyncio.ensure_future(call)
        try:
            said = await asyncio.shield(task)
        except asyncio.CancelledError:
            self._note(steps, await task)
            raise
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            raise  # it was never sent
        except httpx2.HTTPError:
            self.left.append(f"perhaps something in {path_of(*steps)} that is marked {self.mark}")
            raise
        self._note(steps, said)
        return said

    def _note(self, steps: Sequence[str], said: Said) -> None:
        """Note a new object; what is in another one goes with that."""
        identifier = said.body.get("id") if said.success and isinstance(said.body, dict) else None
        if len(steps) == 1 and isinstance(identifier, str):
            self._made.append((*steps, identifier))

    async def _ask(self, method: str, path: str, **what: Any) -> Said:  # noqa: ANN401 - httpx2's
        for wait in (*_BUSY_WAITS, None):
            answer = await self._http.request(method, f"{self._url}{path}", **what)
            if answer.status_code not in _BUSY or wait is None:
                break
            await asyncio.sleep(wait)
        try:
            body = json.loads(answer.content)
        except ValueError:
            body = None
        said = Said(method, path, answer.status_code, answer.headers, body)
        self.answers.append(said)
        return said

    async def _delete_all(self) -> None:
        for steps in reversed(list(self._made)):
            for wait in range(_TRIES):
                await asyncio.sleep(wait)
                try:
                    said = await self.delete(*steps)
                except httpx2.HTTPError:
                    continue
                if said.success or said.status == _GONE:
                    break
            else:
                self.left.append(path_of(*steps))
