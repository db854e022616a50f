"""``/responses`` and ``/models``."""

import asyncio
import logging
import sqlite3
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from provider_shim.local.answers import answer
from provider_shim.local.conversations import (
    found_conversation,
    included,
    items_of,
    new_items,
)
from provider_shim.local.errors import ApiError, invalid, machine_fault, not_found, not_served
from provider_shim.local.files import found_file
from provider_shim.local.paging import Listing, page, paging
from provider_shim.local.requests import origin
from provider_shim.local.responses import retrieval, stored
from provider_shim.local.responses.events import encoded
from provider_shim.local.responses.models import Model
from provider_shim.local.responses.pieces import Item, Piece
from provider_shim.local.responses.request import create_body, shown
from provider_shim.local.responses.turn import Items, Turn
from provider_shim.local.responses.writing import Writing
from provider_shim.local.store import Store, new_id, now

BACKGROUND_SECONDS: Final = 900
"""How long a response may be worked on in the background."""

_OURS: Final = frozenset({"function", "custom", "namespace", "file_search"})
_WORKING: Final = frozenset({"queued", "in_progress"})

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that was checked, and what it is about."""

    body: dict[str, Any]
    given: Items
    conversation: sqlite3.Row | None
    found: list[Item]
    turn: Turn
    made_by: str | None

    @property
    def announced(self) -> bool:
        """Whether the response is kept before it is answered."""
        return bool(self.body.get("background")) and not self.body.get("stream")

    @property
    def characters(self) -> int:
        """How long the input is, for a count of tokens where the model gives none."""
        return len(self.body.get("instructions") or "") + sum(len(str(item)) for item in self.given)


class Responses:
    """Responses are written by a model, kept in the database, and found again by their ids."""

    def __init__(self, store: Store, model: Model) -> None:
        self._store = store
        self.model = model
        self._calls: Counter[str] = Counter()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def create(self, request: Request) -> Response:
        """``POST /responses``, at once, as a stream, or in the background."""
        body = await create_body(request, self.model.name)
        self._refuse_hosted_tools(body)
        asked = await self._asked(body, origin(request))
        response = shown(new_id("resp_"), now(), body)
        stream = bool(body.get("stream"))
        writing = Writing(response, body.get("include") or (), stream=stream)
        if asked.announced:
            return await self._in_background(asked, writing)
        pieces = self.model.answer(asked.turn)
        if not stream:
            async with aclosing(pieces):
                await self._write(asked, writing, pieces)
            return answer(writing.shown())
        # What the model refuses at once is an answer of its own, not the end of a stream.
        first = await anext(pieces, None)
        events = self._events(asked, writing, first, pieces)
        return StreamingResponse(
            encoded(events), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    async def get(self, request: Request) -> Response:
        """``GET /responses/{id}``; with ``stream`` as the events that it was sent in."""
        include = included(request)
        wanted = request.path_params["response_id"]
        response = await self._store.read(lambda db: self._whole(db, wanted))
        if request.query_params.get("stream") != "true":
            return answer(Writing(response, include, stream=False).shown())
        after = request.query_params.get("starting_after", "-1")
        if not after.removeprefix("-").isdecimal():
            raise invalid("Invalid type for 'starting_after': expected an integer.", "starting_after")
        while response["status"] in _WORKING and wanted in self._tasks:
            await asyncio.wait({self._tasks[wanted]})
            response = await self._store.read(lambda db: self._whole(db, wanted))
        events = Writing(response, include, stream=True).replay()
        left = [event for event in events if event["sequence_number"] > int(after)]
        return StreamingResponse(encoded(_each(left)), media_type="text/event-stream")

    async def delete(self, request: Request) -> Response:
        """``DELETE /responses/{id}``; what it said in a conversation stays there."""

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            row = stored.found_response(db, request.path_params["response_id"])
            db.execute("DELETE FROM responses WHERE seq = ?", (row["seq"],))
            return {"id": row["id"], "object": "response", "deleted": True}

        return answer(await self._store.write(work))

    async def cancel(self, request: Request) -> Response:
        """``POST /responses/{id}/cancel``, of one that is worked on in the background."""
        wanted = request.path_params["response_id"]

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            row = stored.found_response(db, wanted)
            response = self._whole(db, wanted)
            if not response["background"]:
                raise invalid("Cannot cancel a synchronous response.", None, "invalid_value")
            if response["status"] in _WORKING:
                stored.change(db, row, status="cancelled")
            return self._whole(db, wanted)

        response = await self._store.write(work)
        if task := self._tasks.get(wanted):
            task.cancel()
        return answer(Writing(response, (), stream=False).shown())

    async def input_items(self, request: Request) -> Response:
        """``GET /responses/{id}/input_items``: what this request brought, without what stood before."""
        wanted = paging(request)
        included(request)

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            row = stored.found_response(db, request.path_params["response_id"])
            listing = Listing("response_items", "response = ? AND side = 'input'", (row["seq"],))
            return page(db, listing, wanted, stored.item)

        return answer(await self._store.read(work))

    async def models(self, _request: Request) -> Response:
        """``GET /models``."""
        names = await self.model.names()
        return answer({"object": "list", "data": [_model(name) for name in names]})

    async def one_model(self, request: Request) -> Response:
        """``GET /models/{model}``."""
        wanted = request.path_params["model"]
        if wanted not in await self.model.names():
            raise not_found(f"The model '{wanted}' does not exist.", "model")
        return answer(_model(wanted))

    async def stop(self) -> None:
        """End what is worked on in the background, and say so in each response."""
        running = dict(self._tasks)
        for task in running.values():
            task.cancel()
        await asyncio.gather(*running.values(), return_exceptions=True)
        for response_id in running:
            await self._store.write(partial(_stopped, wanted=response_id))
        await self.model.close()

    def _refuse_hosted_tools(self, body: dict[str, Any]) -> None:
        if self.model.hosted_tools:
            return
        for index, tool in enumerate(body.get("tools") or []):
            if tool["type"] not in _OURS:
                raise not_served(
                    f"The tool '{tool['type']}' (tools[{index}]), which only OpenAI can run and no script"
                    " answers here,"
                )

    async def _asked(self, body: dict[str, Any], made_by: str | None) -> _Asked:
        asked = retrieval.searches(body)
        wanted, last = body.get("conversation"), body.get("previous_response_id")

        def earlier(db: sqlite3.Connection, row: sqlite3.Row | None) -> Items:
            if row is not None:
                return items_of(db, row["seq"])
            return stored.chain(db, last) if last is not None else []

        def work(db: sqlite3.Connection) -> _Asked:
            row = None if wanted is None else found_conversation(db, wanted)
            if last is not None:
                stored.previous(db, last)
            given = new_items(db, _input(body), "input")
            before = [] if not asked or given else earlier(db, row)
            found, passages = retrieval.found(db, asked, given, before)
            call = 0 if last is None else stored.length(db, last)
            turn = Turn(
                body=body,
                input=given,
                conversation=wanted,
                metadata={} if row is None else stored.metadata(row),
                call=call + 1 + self._calls[wanted or last or ""],
                earlier=lambda: self._store.read(lambda db: earlier(db, row)),
                file=self._file,
                passages=passages,
            )
            return _Asked(body, given, row, found, turn, made_by)

        # A search notes that a vector store was used.
        prepared = await (self._store.write(work) if asked else self._store.read(work))
        self._calls[wanted or last or ""] += 1
        return prepared

    async def _file(self, file_id: str) -> tuple[str, Path] | None:
        def work(db: sqlite3.Connection) -> str | None:
            try:
                return str(found_file(db, file_id)["filename"])
            except ApiError:
                return None

        name = await self._store.read(work)
        return None if name is None else (name, self._store.files / file_id)

    async def _write(self, asked: _Asked, writing: Writing, pieces: AsyncGenerator[Piece, None]) -> None:
        for item in asked.found:
            writing.add(item)
        async for piece in pieces:
            writing.add(piece)
        writing.end(asked.characters)
        await self._keep(asked, writing)

    async def _keep(self, asked: _Asked, writing: Writing) -> None:
        def work(db: sqlite3.Connection) -> None:
            row = asked.conversation
            seq = None if row is None else found_conversation(db, row["id"])["seq"]
            if not asked.announced:
                stored.keep(db, writing.response, asked.given, seq, asked.made_by)
            elif stored.finish(db, writing.response):
                stored.add(db, writing.response, asked.given, seq, asked.made_by)

        await self._store.write(work)

    async def _events(
        self,
        asked: _Asked,
        writing: Writing,
        first: Piece | None,
        pieces: AsyncGenerator[Piece, None],
    ) -> AsyncGenerator[dict[str, Any], None]:
        for event in writing.begin():
            yield event
        try:
            async for event in self._written(asked, writing, first, pieces):
                yield event
        except Exception as error:  # noqa: BLE001 - is said by the stream
            for event in await self._failed(writing, error):
                yield event
        else:
            for event in writing.ended():
                yield event

    async def _written(
        self,
        asked: _Asked,
        writing: Writing,
        first: Piece | None,
        pieces: AsyncGenerator[Piece, None],
    ) -> AsyncGenerator[dict[str, Any], None]:
        for piece in [*asked.found, *([first] if first is not None else [])]:
            for event in writing.add(piece):
                yield event
        async with aclosing(pieces):
            async for piece in pieces:
                for event in writing.add(piece):
                    yield event
        for event in writing.end(asked.characters):
            yield event
        await self._keep(asked, writing)

    async def _failed(self, writing: Writing, error: Exception) -> list[dict[str, Any]]:
        code, message = "server_error", "The embedded API failed."
        fault = error if isinstance(error, ApiError) else machine_fault(error)
        if fault is not None:
            message = fault.message
            if fault.status == HTTPStatus.TOO_MANY_REQUESTS:
                code = "rate_limit_exceeded"
        elif isinstance(error, TimeoutError):
            message = f"No answer came within {BACKGROUND_SECONDS} s."
        else:
            _log.error("Response %s failed", writing.response["id"], exc_info=error)
        events = writing.fail(code, message)
        if writing.response["store"]:
            with suppress(ApiError, sqlite3.Error):
                await self._store.write(lambda db: stored.keep_failed(db, writing.response))
        return events

    async def _in_background(self, asked: _Asked, writing: Writing) -> Response:
        response_id = writing.response["id"]
        await self._store.write(lambda db: stored.announce(db, writing.response, asked.given))
        first = writing.shown()

        async def work() -> None:
            try:
                async with (
                    asyncio.timeout(BACKGROUND_SECONDS),
                    aclosing(self.model.answer(asked.turn)) as pieces,
                ):
                    await self._write(asked, writing, pieces)
            except Exception as error:  # noqa: BLE001 - is said by the response
                await self._failed(writing, error)
            finally:
                del self._tasks[response_id]

        self._tasks[response_id] = asyncio.create_task(work())
        return answer(first)

    def _whole(self, db: sqlite3.Connection, wanted: str) -> dict[str, Any]:
        response = stored.whole(db, stored.found_response(db, wanted))
        working = response["status"] in _WORKING and wanted not in self._tasks
        if working and response["created_at"] + BACKGROUND_SECONDS < now():
            error = {"code": "server_error", "message": "The server that worked on it has ended."}
            return {**response, "status": "failed", "error": error}
        return response


def _input(body: dict[str, Any]) -> list[Any]:
    given = body.get("input", [])
    return [{"role": "user", "content": given}] if isinstance(given, str) else given


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "openai-thread"}


def _stopped(db: sqlite3.Connection, wanted: str) -> None:
    row = stored.found_response(db, wanted)
    if stored.whole(db, row)["status"] in _WORKING:
        error = {"code": "server_error", "message": "The server was stopped."}
        stored.change(db, row, status="failed", error=error)


async def _each(events: list[dict[str, Any]]) -> AsyncGenerator[dict[str, Any], None]:
    for event in events:
        yield event
