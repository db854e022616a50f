"""Stores and files on servers that add, tidy, lag and tell whose they are."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from provider_shim.contract.attributes import Contract
from provider_shim.contract.file import FILE
from provider_shim.contract.vector_store import VECTOR_STORE
from provider_shim.resources import connection, ownership
from provider_shim.terraform.diagnostics import Failure
from provider_shim.terraform.handler import Work
from tests.provider_shim.resources.planned import Deployed
from tests.support.faulty import Decide, Fault, Seen, faulty
from tests.support.storage import SERVERS_OWN, Storage

EMPTY = Fault(status=200, body='{"data": [], "has_more": false}')


@pytest.fixture(autouse=True)
def _folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(connection, "LOOKS_AGAIN", (0.0, 0.0))


class Answers:
    """Tells in each answer whose key it was, as OpenAI does."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.project = "proj_a"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [
                    (b"openai-organization", b"org"),
                    (b"openai-project", self.project.encode()),
                ]
            await send(message)

        await self.app(scope, receive, sending)


Run = Callable[[Deployed, str], Awaitable[None]]
KINDS: list[tuple[Contract, dict[str, Any]]] = [
    (VECTOR_STORE, {"name": "kb"}),
    (FILE, {"content": "text", "filename": "text.md"}),
]


def no_faults(_: Seen, __: int) -> None:
    return None


def serve(run: Run, app: ASGIApp, contract: Contract = VECTOR_STORE, decide: Decide = no_faults) -> None:
    """Run something with a provider that is configured for a server; it is given the server's URL too."""
    mounted = Starlette()
    mounted.mount("/", app)

    async def running() -> None:
        async with faulty(mounted, decide) as server:
            deployed = await Deployed.on(server.url, contract)
            try:
                await run(deployed, server.url)
            finally:
                await deployed.provider.close()

    asyncio.run(running())


def absence(request: Seen) -> str:
    """Return the body that says of the object of a path that it does not exist."""
    identifier = request.path.rpartition("/")[2]
    return json.dumps(
        {"error": {"message": f"No such object: {identifier}", "type": "invalid_request_error"}}
    )


def test_what_a_server_made_of_our_values_is_no_drift_and_what_somebody_else_does_is() -> None:
    storage = Storage(kind="tidies")
    config = {"name": "kb ", "metadata": {"team": " support ", "plain": "x"}}

    async def run(store: Deployed, url: str) -> None:
        await store.apply(config)
        await store.read()
        unchanged = await store.plan(config)
        updates = len(storage.updates)
        assert unchanged.planned == store.state
        await store.apply({**config, "timeout": 5})
        assert len(storage.updates) == updates

        store = await store.again(url)
        await store.apply({**config, "name": " new"})
        await store.read()
        assert store.state is not None
        assert (store.state["name"], store.state["metadata"]) == (" new", config["metadata"])

        [kept] = storage.stores.values()
        kept["name"] = "theirs"
        kept["metadata"]["team"] = "theirs"
        await store.read()
        assert (store.state["name"], store.state["metadata"]["team"]) == ("theirs", "theirs")
        await store.provider.close()

    serve(run, storage.app)


def test_keys_that_a_server_adds_are_no_drift_and_are_never_removed() -> None:
    storage = Storage(kind="adds")

    async def run(store: Deployed, _: str) -> None:
        await store.apply({"metadata": {"a": "1", "b": "2"}})
        await store.read()
        assert (await store.plan({"metadata": {"a": "1", "b": "2"}})).planned == store.state
        await store.apply({"metadata": {"a": "3"}})
        assert store.state is not None
        assert store.state["metadata"] == {"a": "3"}
        await store.apply({})
        [kept] = storage.stores.values()
        assert kept["metadata"] == SERVERS_OWN

    serve(run, storage.app)


@pytest.mark.parametrize(("contract", "config"), KINDS)
def test_an_absence_counts_from_the_account_that_made_the_object_alone(
    contract: Contract, config: dict[str, Any]
) -> None:
    storage = Storage()
    answers = Answers(storage.app)

    async def run(deployed: Deployed, url: str) -> None:
        await deployed.apply(config)
        made = deployed.state
        assert made is not None
        assert deployed.private["account"] == ["org", "proj_a"]
        made["created_at"] -= 3_600
        storage.stores.clear()
        storage.files.clear()
        answers.project = "proj_b"
        deployed = await deployed.again(url)
        for step in (deployed.read, deployed.delete):
            with pytest.raises(Failure, match="by another account"):
                await step()
            assert deployed.state == made

        answers.project = "proj_a"
        deployed = await deployed.again(url)
        assert await deployed.delete() == []
        assert deployed.state is None
        await deployed.provider.close()

    serve(run, answers, contract)


@pytest.mark.parametrize(("contract", "config"), KINDS)
def test_what_was_made_just_now_and_is_not_found_is_asked_for_again(
    contract: Contract, config: dict[str, Any]
) -> None:
    absent: list[None] = []

    def decide(request: Seen, _: int) -> Fault | None:
        if request.method != "GET" or not absent:
            return None
        absent.pop()
        return Fault(status=404, body=absence(request))

    async def run(deployed: Deployed, url: str) -> None:
        await deployed.apply(config)
        deployed = await deployed.again(url)
        absent.extend([None] * 2)
        assert await deployed.read() == []
        assert deployed.state is not None

        absent.extend([None] * 3)
        [told] = await deployed.read()
        assert told.summary.endswith("is not found shortly after it was made")
        assert deployed.state is None
        await deployed.provider.close()

    serve(run, Storage().app, contract, decide)


def test_a_file_that_was_added_just_now_and_is_not_listed_is_looked_for_again() -> None:
    storage = Storage()
    blind: list[Fault] = []

    def decide(request: Seen, _: int) -> Fault | None:
        return blind.pop() if blind and "/files?" in request.path else None

    async def run(store: Deployed, url: str) -> None:
        await store.apply({})
        assert store.state is not None
        store.state["created_at"] -= 3_600
        await store.apply({"file_ids": ["file-1"]})
        store = await store.again(url)
        blind.append(EMPTY)
        await store.read()
        assert store.state is not None
        assert (store.state["file_ids"], blind) == (["file-1"], [])
        await store.provider.close()

    serve(run, storage.app, VECTOR_STORE, decide)


def test_a_time_limit_that_the_server_sets_by_itself_is_no_drift() -> None:
    storage = Storage()
    config = {"content": "text", "filename": "text.md"}

    async def run(file: Deployed, _: str) -> None:
        await file.apply(config)
        [kept] = storage.files.values()
        kept["expires_at"] = kept["created_at"] + 31_536_000
        await file.read()
        assert (await file.plan(config)).planned == file.state
        imported: Work[Any] = Work(None, asyncio.Event())
        await file.handler.import_state(imported, kept["id"])
        assert imported.state is not None
        assert imported.state["expires_after"] is None
        kept["expires_at"] = kept["created_at"] + 86_400
        await file.handler.import_state(imported, kept["id"])
        assert imported.state["expires_after"] == {"anchor": "created_at", "seconds": 86_400}

    serve(run, storage.app, FILE)


STATE = {
    "id": "vs_1",
    "name": "kb",
    "description": None,
    "metadata": {"b": "2", "a": "1"},
    "expires_after": None,
    "chunking_strategy": None,
    "file_ids": ["file-1"],
}


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ({}, {"metadata": {"imported": ["a", "b"]}}),
        (
            {"imported": True},
            {
                "metadata": {"imported": ["a", "b"]},
                "imported": ["name", "description", "expires_after", "chunking_strategy"],
                "imported_files": ["file-1"],
            },
        ),
        ({"v": 1, "others": True, "of_tomorrow": 1}, {"others": True}),
    ],
)
def test_private_data_of_before_ownership_by_key_counts_metadata_as_imported(
    kept: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert ownership.private_of(kept, STATE) == {"v": 1, **expected}
