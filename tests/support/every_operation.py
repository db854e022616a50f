"""Every operation of the embedded API, once, through the SDK: the same walk, synchronous or not.

`walk` is given either client. What a call gives is awaited where it can be, so one text serves both.
"""

import inspect
import json
import warnings
from collections.abc import Iterable
from typing import Any

import httpx2
import openai

from tests.support.openapi import template_of, validate_request, validate_response

Operation = tuple[str, str]

_SAID = {"type": "message", "role": "user", "content": "Hello"}


class Witness:
    """Checks every answer against OpenAI's document, and remembers which operations succeeded."""

    def __init__(self) -> None:
        self.succeeded: set[Operation] = set()

    def see(self, response: httpx2.Response) -> None:
        response.read()
        self._judge(response)

    async def asee(self, response: httpx2.Response) -> None:
        await response.aread()
        self._judge(response)

    def _judge(self, response: httpx2.Response) -> None:
        request, path = response.request, response.request.url.path
        assert response.status_code == 200, response.text
        if response.headers["content-type"] == "application/json":
            validate_response(request.method, path, 200, response.json())
        if not request.headers.get("content-type", "").startswith("multipart/"):
            validate_request(request.method, path, json.loads(request.content) if request.content else None)
        self.succeeded.add((request.method, template_of(path)))


def walk_at(base_url: str) -> set[Operation]:
    """Walk through a served API with the synchronous SDK; return the operations that it called."""
    witness = Witness()
    with (
        httpx2.Client(event_hooks={"response": [witness.see]}) as http,
        openai.OpenAI(base_url=base_url, api_key="none", max_retries=0, http_client=http) as sdk,
    ):
        # Nothing in the walk waits, so it runs to its end at once.
        try:
            walk(sdk).send(None)
        except StopIteration:
            return witness.succeeded
    message = "the synchronous SDK gave something to await"
    raise AssertionError(message)


async def walk_in(app: Any) -> set[Operation]:
    """Walk through an application in process with the asynchronous SDK, as `walk_at`."""
    witness = Witness()
    transport = httpx2.ASGITransport(app=app)
    async with (
        httpx2.AsyncClient(transport=transport, event_hooks={"response": [witness.asee]}) as http,
        openai.AsyncOpenAI(
            base_url="http://embedded/v1", api_key="none", max_retries=0, http_client=http
        ) as sdk,
    ):
        await walk(sdk)
    return witness.succeeded


async def walk(sdk: Any) -> None:
    """Call every operation."""
    await _conversations(sdk.conversations)
    for path in ("/conversations", "/threads"):  # the SDK has no names for them
        assert (await _have(sdk.get(path, cast_to=dict[str, object])))["object"] == "list"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The Assistants API", DeprecationWarning)
        await _threads(sdk.beta.threads)
    texts = [("one.md", b"# One"), ("two.md", b"# Two")]
    files = [(await _have(sdk.files.create(file=text, purpose="assistants"))).id for text in texts]
    await _responses(sdk)
    await _vector_stores(sdk.vector_stores, files)
    await _files(sdk.files, files)


async def _have(given: Any) -> Any:
    return await given if inspect.isawaitable(given) else given


async def _ids(listing: Any) -> list[str]:
    """Return the ids on all pages of a list."""
    if hasattr(listing, "__aiter__"):
        return [each.id async for each in listing]
    return [each.id for each in listing]


def _same(expected: Iterable[str], found: Iterable[str]) -> None:
    assert list(found) == list(expected)


async def _conversations(api: Any) -> None:
    made = await _have(api.create(metadata={"a": "b"}))
    items = (await _have(api.items.create(made.id, items=[_SAID] * 3))).data
    _same([each.id for each in items], await _ids(api.items.list(made.id, order="asc", limit=1)))
    assert (await _have(api.items.retrieve(items[0].id, conversation_id=made.id))).id == items[0].id
    await _have(api.items.delete(items[0].id, conversation_id=made.id))
    _same([items[2].id, items[1].id], await _ids(api.items.list(made.id)))
    assert (await _have(api.update(made.id, metadata={"c": "d"}))).metadata == {"c": "d"}
    assert (await _have(api.retrieve(made.id))).metadata == {"c": "d"}
    assert (await _have(api.delete(made.id))).deleted


async def _responses(sdk: Any) -> None:
    api = sdk.responses
    (model,) = [each async for each in sdk.models.list()] if _is_async(sdk) else list(sdk.models.list())
    assert (await _have(sdk.models.retrieve(model.id))) == model
    conversation = await _have(sdk.conversations.create(metadata={"a": "b"}))
    made = await _have(api.create(model=model.id, conversation=conversation.id, input="Hello"))
    assert made.output_text == "You said: Hello"
    assert (await _have(api.retrieve(made.id))).output == made.output
    (given,) = await _ids(api.input_items.list(made.id))
    _same([given, made.output[0].id], await _ids(sdk.conversations.items.list(conversation.id, order="asc")))
    working = await _have(api.create(model=model.id, input="Hello", background=True))
    assert (await _have(api.cancel(working.id))).id == working.id
    await _have(api.delete(made.id))


def _is_async(sdk: Any) -> bool:
    return isinstance(sdk, openai.AsyncOpenAI)


async def _threads(api: Any) -> None:
    made = await _have(api.create(messages=[{"role": "user", "content": "Hello"}]))
    message = await _have(api.messages.create(made.id, role="assistant", content="Hi"))
    listed = await _ids(api.messages.list(made.id, limit=1))
    assert listed[0] == message.id
    assert len(listed) == 2
    labelled = await _have(api.messages.update(message.id, thread_id=made.id, metadata={"a": "b"}))
    assert labelled == await _have(api.messages.retrieve(message.id, thread_id=made.id))
    assert (await _have(api.messages.delete(message.id, thread_id=made.id))).deleted
    assert (await _have(api.update(made.id, metadata={"c": "d"}))).metadata == {"c": "d"}
    assert (await _have(api.retrieve(made.id))).metadata == {"c": "d"}
    assert (await _have(api.delete(made.id))).deleted


async def _vector_stores(api: Any, files: list[str]) -> None:
    made = await _have(api.create(name="Knowledge", expires_after={"anchor": "last_active_at", "days": 1}))
    assert made.id in await _ids(api.list(limit=1))
    assert (await _have(api.update(made.id, name="Renamed"))).name == "Renamed"
    assert (await _have(api.retrieve(made.id))).name == "Renamed"
    await _have(api.files.create_and_poll(files[0], vector_store_id=made.id))
    described = await _have(api.files.update(files[0], vector_store_id=made.id, attributes={"n": 1}))
    assert described == await _have(api.files.retrieve(files[0], vector_store_id=made.id))
    _same(["# One"], [each.text for each in (await _content(api, made.id, files[0]))])
    batch = await _have(api.file_batches.create_and_poll(made.id, file_ids=[files[1]]))
    assert batch == await _have(api.file_batches.retrieve(batch.id, vector_store_id=made.id))
    _same([files[1]], await _ids(api.file_batches.list_files(batch.id, vector_store_id=made.id)))
    # All of it is indexed by now, so there is nothing left to stop.
    assert (await _have(api.file_batches.cancel(batch.id, vector_store_id=made.id))).status == "completed"
    _same(reversed(files), await _ids(api.files.list(made.id, limit=1)))
    found = (await _have(api.search(made.id, query="two"))).data
    _same(["two.md"], [each.filename for each in found])
    assert (await _have(api.files.delete(files[0], vector_store_id=made.id))).deleted
    assert (await _have(api.delete(made.id))).deleted


async def _content(api: Any, store_id: str, file_id: str) -> list[Any]:
    page = await _have(api.files.content(file_id, vector_store_id=store_id))
    return list(page.data)


async def _files(api: Any, files: list[str]) -> None:
    listed = await _ids(api.list(limit=1))
    assert [each for each in listed if each in files] == [*reversed(files)]
    assert (await _have(api.retrieve(files[0]))).filename == "one.md"
    assert (await _have(api.content(files[0]))).content == b"# One"
    for file_id in files:
        assert (await _have(api.delete(file_id))).deleted
