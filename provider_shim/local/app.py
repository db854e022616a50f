"""The application: which path is answered by what, and what every answer has in common."""

import logging
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from provider_shim.contract.provider import EMBEDDED_ANSWER
from provider_shim.local.answers import refusal
from provider_shim.local.conversations import Conversations
from provider_shim.local.errors import SERVER_ERROR, ApiError, machine_fault, not_below, not_served
from provider_shim.local.files import Files
from provider_shim.local.indexing import Indexer
from provider_shim.local.responses import DEFAULT
from provider_shim.local.store import Store
from provider_shim.local.threads import Threads
from provider_shim.local.vector_store_files import VectorStoreFiles
from provider_shim.local.vector_stores import VectorStores

if TYPE_CHECKING:
    from provider_shim.local.responses.models import Model
    from provider_shim.local.responses.routes import Responses

PREFIX: Final = "/v1"
_EMBEDDED: Final = (EMBEDDED_ANSWER.encode(), b"1")

ELSEWHERE: Final = ("/threads/runs", "/responses/compact", "/responses/input_tokens")
"""Paths of OpenAI's that would be taken for the id of an object here, which then does not exist."""

ANY_METHOD: Final = ("GET", "POST", "DELETE", "PUT", "PATCH")

Endpoint = Callable[[Request], Awaitable[Response]]

_log = logging.getLogger(__name__)


def create_app(
    database: str | os.PathLike[str],
    *,
    middleware: Sequence[Middleware] = (),
    model: str | os.PathLike[str] = DEFAULT,
) -> Starlette:
    """Make the embedded API on the SQLite file `database`, which is created if it does not exist.

    `middleware` decides who gets in; by default everyone who has the application, who has the file too.
    `model` answers responses: ``echo``, the path of a script, or the URL of an engine.
    ``app.state.store.close()`` lets go of the file, as does the end of the application's lifespan.

    Raises:
        DatabaseError: the file can't be used; the text says why and what to do.
        ModelError: there is no such model, or its script can't be read.
    """
    responses = _Responses(model)
    store = Store(database)
    indexer = Indexer(store)
    responses.store = store
    app = Starlette(
        routes=_routes(store, indexer, responses),
        middleware=[Middleware(_Answering), *middleware],
        exception_handlers={ApiError: _api_error, HTTPException: _http_error},
        lifespan=_lifespan,
    )
    app.state.store = store
    app.state.indexer = indexer
    app.state.responses = responses
    return app


def _routes(store: Store, indexer: Indexer, responses: "_Responses") -> list[Route]:
    conversations = Conversations(store)
    threads = Threads(store, indexer)
    files = Files(store)
    stores = VectorStores(store, indexer)
    in_store = VectorStoreFiles(store, indexer)
    conversation = "/conversations/{conversation_id}"
    response = "/responses/{response_id}"
    thread = "/threads/{thread_id}"
    vector_store = "/vector_stores/{vector_store_id}"
    file = vector_store + "/files/{file_id}"
    batch = vector_store + "/file_batches/{batch_id}"
    table: dict[str, dict[str, Endpoint]] = {
        "/conversations": {"GET": conversations.list, "POST": conversations.create},
        f"{conversation}/items": {"GET": conversations.list_items, "POST": conversations.create_items},
        f"{conversation}/items/{{item_id}}": {
            "GET": conversations.get_item,
            "DELETE": conversations.delete_item,
        },
        conversation: {
            "GET": conversations.get,
            "POST": conversations.update,
            "DELETE": conversations.delete,
        },
        "/responses": {"POST": responses.endpoint("create")},
        f"{response}/input_items": {"GET": responses.endpoint("input_items")},
        f"{response}/cancel": {"POST": responses.endpoint("cancel")},
        response: {"GET": responses.endpoint("get"), "DELETE": responses.endpoint("delete")},
        "/models": {"GET": responses.endpoint("models")},
        "/models/{model:path}": {"GET": responses.endpoint("one_model")},
        "/threads": {"GET": threads.list, "POST": threads.create},
        f"{thread}/messages": {"GET": threads.list_messages, "POST": threads.create_message},
        f"{thread}/messages/{{message_id}}": {
            "GET": threads.get_message,
            "POST": threads.modify_message,
            "DELETE": threads.delete_message,
        },
        thread: {"GET": threads.get, "POST": threads.modify, "DELETE": threads.delete},
        "/files": {"GET": files.list, "POST": files.create},
        "/files/{file_id}": {"GET": files.get, "DELETE": files.delete},
        "/files/{file_id}/content": {"GET": files.content},
        "/vector_stores": {"GET": stores.list, "POST": stores.create},
        vector_store: {"GET": stores.get, "POST": stores.modify, "DELETE": stores.delete},
        f"{vector_store}/search": {"POST": stores.search},
        f"{vector_store}/files": {"GET": in_store.list, "POST": in_store.create},
        file: {"GET": in_store.get, "POST": in_store.modify, "DELETE": in_store.delete},
        f"{file}/content": {"GET": in_store.content},
        f"{vector_store}/file_batches": {"POST": in_store.create_batch},
        batch: {"GET": in_store.get_batch},
        f"{batch}/cancel": {"POST": in_store.cancel_batch},
        f"{batch}/files": {"GET": in_store.list_batch},
    }
    elsewhere = [
        Route(PREFIX + path, _elsewhere, methods=ANY_METHOD, include_in_schema=False) for path in ELSEWHERE
    ]
    return [
        *elsewhere,
        *(Route(PREFIX + path, _by_method(methods), methods=[*methods]) for path, methods in table.items()),
    ]


class _Responses:
    """Loads what answers responses with the first request for one: a deploy asks for none."""

    def __init__(self, model: str | os.PathLike[str]) -> None:
        self.store: Store | None = None
        self._made: Responses | None = None
        self._model: Model | None = None
        if model != DEFAULT:
            self._model = self._chosen(model)

    def endpoint(self, name: str) -> Endpoint:
        """Return what answers by a method of `Responses`."""

        async def endpoint(request: Request) -> Response:
            answered: Response = await getattr(self._ready(), name)(request)
            return answered

        return endpoint

    @property
    def model(self) -> "Model | None":
        """What answers; None where that is the default."""
        return self._model

    @model.setter
    def model(self, model: "Model") -> None:
        self._model = model
        if self._made is not None:
            self._made.model = model

    async def stop(self) -> None:
        """End what is being answered."""
        if self._made is not None:
            await self._made.stop()

    def _ready(self) -> "Responses":
        from provider_shim.local.responses.routes import Responses  # noqa: PLC0415 - see the class

        if self._made is None:
            assert self.store is not None
            self._made = Responses(self.store, self._model or self._chosen(DEFAULT))
        return self._made

    def _chosen(self, model: str | os.PathLike[str]) -> "Model":
        from provider_shim.local.responses.models import chosen  # noqa: PLC0415 - as above

        return chosen(model)


async def _elsewhere(request: Request) -> Response:
    raise not_served(f"{request.method} {request.url.path}")


def _by_method(endpoints: dict[str, Endpoint]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        # Starlette sends a HEAD to where there is a GET, and drops the body.
        return await endpoints["GET" if request.method == "HEAD" else request.method](request)

    return endpoint


async def _api_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ApiError):
        raise error
    return refusal(error)


async def _http_error(request: Request, error: Exception) -> Response:
    """Starlette found no route, or one for another method."""
    if not isinstance(error, HTTPException):
        raise error
    asked = f"{request.method} {request.url.path}"
    if not request.url.path.startswith(f"{PREFIX}/"):
        # No 404: a client could take that for proof that what it asked for does not exist.
        return refusal(not_below(PREFIX, asked))
    if error.status_code == HTTPStatus.NOT_FOUND:
        return refusal(not_served(asked))
    message = f"{asked}: {error.detail}."
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        message = f"Not allowed to {request.method} on {request.url.path}."
    return refusal(ApiError(error.status_code, message, headers=error.headers))


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    app.state.indexer.kick()
    yield
    await app.state.responses.stop()
    await app.state.indexer.stop()
    app.state.store.close()


class _Answering:
    """Gives every answer an ``x-request-id``, says whose it is, and turns a fault of ours into an answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = f"req_{secrets.token_hex(16)}"
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] += [(b"x-request-id", request_id.encode()), _EMBEDDED]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            fault = machine_fault(error)
            if fault is not None and not started:
                _log.error("%s %s: %s (%s)", scope["method"], scope["path"], fault.message, request_id)
                await refusal(fault)(scope, receive, sending)
                return
            _log.exception("%s %s failed (%s)", scope["method"], scope["path"], request_id)
            if started:
                raise
            fault = ApiError(
                HTTPStatus.INTERNAL_SERVER_ERROR,
                "The embedded API failed. This is a bug in cdktf-openai-thread, please report it"
                f" with the log of this request ({request_id}).",
                kind=SERVER_ERROR,
            )
            await refusal(fault)(scope, receive, sending)
