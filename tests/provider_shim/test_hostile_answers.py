"""Every call of every resource and data source, answered in every wrong way: nothing of it is believed.

One provider in a process of its own, one API. Each case works on an object of its own, so all run at a time.
"""

import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from provider_shim.journal.journal import Journal
from provider_shim.terraform.values import UNKNOWN
from tests.support.faulty import Fault, Seen
from tests.support.openai_process import OpenaiProcess, Reached, answering, running

Json = dict[str, Any]


def ok(body: object, status: int = 200, headers: Mapping[str, str] = MappingProxyType({})) -> Fault:
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    return Fault(status=status, body=content, headers=headers)


def like(right: Json, **wrong: object) -> Fault:
    return ok({**right, **wrong})


# What may come instead of the right answer: from the right one. Those of a list have it in data[0].
WRONG: dict[str, Callable[[Json], Fault]] = {
    "an error with 200": lambda _: ok({"error": {"message": "upstream overloaded", "type": "server_error"}}),
    "an error and the object": lambda right: like(right, error={"message": "no"}, id=None, data=None),
    "no id": lambda right: like(right, id=None, data=[{"id": None}]),
    "a number as id": lambda right: like(right, id=7, data=[{"id": 7}]),
    "a list as id": lambda right: like(right, id=["x"], data=[{"id": ["x"]}]),
    "an id of 600 characters": lambda right: like(right, id="x" * 600, data=[{"id": "x" * 600}]),
    "204": lambda _: ok("", 204),
    "202": lambda _: ok("", 202),
    "no body": lambda _: ok(""),
    "nothing in it": lambda _: ok({}),
    "a list": lambda right: ok([right]),
    "a number": lambda _: ok("7"),
    "a page": lambda _: ok("<html><title>Sign in</title></html>", headers={"content-type": "text/html"}),
    "cut": lambda right: ok(json.dumps(right)[:-9]),
    "times that are texts": lambda right: like(right, created_at="now", data=[{**right, "created_at": "x"}]),
    "a number too large": lambda right: ok(json.dumps(like_number(right)).replace('"NUMBER"', "1e999")),
    "no number": lambda right: ok(json.dumps(like_number(right)).replace('"NUMBER"', "NaN")),
    "metadata that is a list": lambda right: like(right, metadata=["a"], data=[{**right, "metadata": [1]}]),
    "a thousand deep": lambda right: ok(
        json.dumps({**right, "metadata": "DEEP"}).replace('"DEEP"', "[" * 1000 + "]" * 1000)
    ),
    "a million deep": lambda _: ok("[" * 1_000_000),
    "another charset": lambda right: Fault(
        status=200,
        body=json.dumps({**right, "name": "é"}, ensure_ascii=False).encode("latin-1"),
        headers={"content-type": "application/json; charset=iso-8859-1"},
    ),
    "a charset that is none": lambda _: ok("{", headers={"content-type": "application/json; charset=rot13"}),
    "packed and cut": lambda right: ok(
        gzip.compress(json.dumps(right).encode())[:-12], headers={"content-encoding": "gzip"}
    ),
    "packed otherwise": lambda right: ok(right, headers={"content-encoding": "br"}),
    "digits of another alphabet": lambda _: ok(
        {"error": {"message": "no", "param": "items[²].content", "code": None}}, 400
    ),
    "a deep error": lambda _: ok("[" * 5_000 + "]" * 5_000, 422),
}


def like_number(right: Json) -> Json:
    return {**right, "created_at": "NUMBER", "data": [{**right, "created_at": "NUMBER"}]}


class Call(NamedTuple):
    """A call that is answered wrong: which one it is, and the Terraform operation that makes it."""

    type_name: str
    does: str
    method: str
    path: str


CALLS = {
    "thread, create": Call("openai_thread", "create", "POST", r"/conversations"),
    "thread, its messages": Call("openai_thread", "create", "POST", r"/conversations/[^/]+/items"),
    "thread, read": Call("openai_thread", "read", "GET", r"/conversations/[^/]+"),
    "thread, read messages": Call("openai_thread", "read", "GET", r"/conversations/[^/]+/items"),
    "thread, update": Call("openai_thread", "update", "POST", r"/conversations/[^/]+"),
    "thread, delete": Call("openai_thread", "delete", "DELETE", r"/conversations/[^/]+"),
    "thread, its items": Call("openai_thread", "purge", "GET", r"/conversations/[^/]+/items"),
    "thread, purge": Call("openai_thread", "purge", "DELETE", r"/conversations/[^/]+/items/[^/]+"),
    "message, create": Call("openai_message", "create", "POST", r"/conversations/[^/]+/items"),
    "message, read": Call("openai_message", "read", "GET", r"/conversations/[^/]+/items/[^/]+"),
    "message, delete": Call("openai_message", "delete", "DELETE", r"/conversations/[^/]+/items/[^/]+"),
    "file, create": Call("openai_file", "create", "POST", r"/files"),
    "file, read": Call("openai_file", "read", "GET", r"/files/[^/]+"),
    "file, delete": Call("openai_file", "delete", "DELETE", r"/files/[^/]+"),
    "store, create": Call("openai_vector_store", "create", "POST", r"/vector_stores"),
    "store, its files": Call("openai_vector_store", "create", "POST", r"/vector_stores/[^/]+/file_batches"),
    "store, read": Call("openai_vector_store", "read", "GET", r"/vector_stores/[^/]+"),
    "store, read files": Call("openai_vector_store", "read", "GET", r"/vector_stores/[^/]+/files"),
    "store, update": Call("openai_vector_store", "update", "POST", r"/vector_stores/[^/]+"),
    "store, delete": Call("openai_vector_store", "delete", "DELETE", r"/vector_stores/[^/]+"),
    "file in a store, create": Call(
        "openai_vector_store_file", "create", "POST", r"/vector_stores/[^/]+/files"
    ),
    "file in a store, read": Call(
        "openai_vector_store_file", "read", "GET", r"/vector_stores/[^/]+/files/[^/]+"
    ),
    "file in a store, update": Call(
        "openai_vector_store_file", "update", "POST", r"/vector_stores/[^/]+/files/[^/]+"
    ),
    "file in a store, delete": Call(
        "openai_vector_store_file", "delete", "DELETE", r"/vector_stores/[^/]+/files/[^/]+"
    ),
    "data files of a store": Call("openai_vector_store_files", "data", "GET", r"/vector_stores/[^/]+/files"),
    "data search": Call("openai_vector_store_search", "data", "POST", r"/vector_stores/[^/]+/search"),
    "data thread": Call("openai_thread", "data", "GET", r"/conversations/[^/]+"),
    "data messages": Call("openai_thread_messages", "data", "GET", r"/conversations/[^/]+/items"),
    "data file": Call("openai_file", "data", "GET", r"/files/[^/]+"),
    "data store": Call("openai_vector_store", "data", "GET", r"/vector_stores/[^/]+"),
}
# What a data source reads about, and by which attribute.
WITHIN = {
    "openai_thread_messages": ("openai_thread", "thread_id"),
    "openai_vector_store_files": ("openai_vector_store", "vector_store_id"),
    "openai_vector_store_search": ("openai_vector_store", "vector_store_id"),
}
# A success without the API's own words may be one: a read tells.
TAKEN = ("204", "202", "no body", "nothing in it")


class Table:
    """The API's side: answers by the case that a request belongs to."""

    def __init__(self) -> None:
        self.cases: dict[str, tuple[Call, str]] = {}
        """By a text that is in the request's path or body."""

    def decide(self, seen: Seen, _: int) -> Fault | None:
        path = seen.path.removeprefix("/v1").partition("?")[0]
        text = path + seen.body.decode("utf-8", "replace")
        for mark, (call, name) in list(self.cases.items()):
            if mark in text and seen.method == call.method and re.fullmatch(call.path, path):
                right = {"id": path.rpartition("/")[2], "object": "x", "created_at": 1, "metadata": {}}
                return replace(WRONG[name](right), commit=call.method == "DELETE" and name in TAKEN)
        return None


def case(
    provider: OpenaiProcess, table: Table, number: int, call: Call, name: str
) -> tuple[Reached, Json | None]:
    """Make what the case needs, then what is answered wrong; return that, and the state before."""
    mark = f"case-{number}-"
    type_name, key = WITHIN.get(call.type_name, (call.type_name, "id"))
    needed: Json = {}
    if type_name == "openai_message":
        thread = created(provider, "openai_thread", {"metadata": {"for": str(number)}})
        needed = {"thread_id": thread["id"]}
    if type_name == "openai_vector_store":
        file = created(provider, "openai_file", {"content": f"x{number}", "filename": f"{number}.txt"})
        needed = {"file_ids": [file["id"]]}
    if type_name == "openai_vector_store_file":
        file = created(provider, "openai_file", {"content": f"x{number}", "filename": f"{number}.txt"})
        of = created(
            provider, "openai_vector_store", {"name": mark, "timeout": 20, "wait_for_indexing": True}
        )
        needed = {"file_id": file["id"], "vector_store_id": of["id"]}
    config = {
        "openai_vector_store_file": {
            "attributes": '{"m":1}',
            "timeout": 20,
            "wait_for_indexing": True,
            **needed,
        },
        "openai_thread": {
            "metadata": {"m": mark},
            "messages": [{"role": "user", "content": mark}],
            "force_destroy": True,
        },
        "openai_message": {"role": "user", "content": mark, **needed},
        "openai_file": {"content": "hello", "filename": f"{mark}.txt"},
        "openai_vector_store": {"name": mark, "timeout": 20, "wait_for_indexing": True, **needed},
    }[type_name]
    if call.does == "create":
        prior, planned = None, provider.plan(type_name, config)
        # The id of a new store is not known: its files tell the request.
        by_file: str = needed["file_ids"][0] if call.path.endswith("batches") else needed.get("file_id", mark)
        table.cases[by_file] = call, name
        return provider.apply(type_name, None, planned), prior
    prior = created(provider, type_name, config)
    table.cases[str(prior.get("vector_store_id", prior["id"]))] = call, name
    if call.does == "data":
        query = {"query": "x"} if call.type_name.endswith("search") else {}
        return provider.data(call.type_name, {key: prior["id"], **query}), None
    if call.does == "read":
        return provider.read(type_name, prior), prior
    if call.does == "purge":
        prior |= {"purge_on_destroy": True}
    if call.does in ("delete", "purge"):
        return provider.apply(type_name, prior, None), prior
    changed: Json = {"metadata": {"m": mark, "new": "pair"}}
    if type_name == "openai_vector_store_file":
        changed = {"attributes": '{"m":2}'}
    return provider.apply(type_name, prior, {**prior, **changed}), prior


def created(provider: OpenaiProcess, type_name: str, config: Json) -> Json:
    reached = provider.apply(type_name, None, provider.plan(type_name, config))
    assert not reached.errors, reached.errors
    assert reached.state is not None
    return reached.state


def problems(call: Call, name: str, reached: Reached, before: Json | None) -> Iterator[str]:
    """Say what is wrong with an outcome."""
    said = "\n".join([*reached.errors, *reached.warnings])
    if "report it" in said or "Traceback" in said:
        yield said
    if call.method == "DELETE" and name in TAKEN:
        if reached.errors or reached.state is not None:
            yield f"not done: {said}"
        return
    if not reached.errors:
        yield f"no error; the state is {reached.state}"
    if call.does in ("read", "delete", "purge", "update") and reached.state != before:
        yield f"the state became {reached.state}"
    if call.does == "create" and reached.state is not None and not isinstance(reached.state["id"], str):
        yield f"the state is {reached.state}"
    if call.does == "data" and reached.state is not None:
        yield f"the state is {reached.state}"
    if any(each is UNKNOWN for each in (reached.state or {}).values()):
        yield "unknown values"


# Every second one shows each answer to half of the calls, and each call half of the answers.
@pytest.mark.timeout(240)
@pytest.mark.parametrize("step", [2, pytest.param(1, marks=pytest.mark.table)])
def test_no_wrong_answer_to_any_call_gets_into_the_state_or_loses_what_exists(
    step: int, tmp_path: Path
) -> None:
    table = Table()
    with (
        answering(tmp_path / "api.db", table.decide) as server,
        running(tmp_path, base_url=server.url, timeout=20, max_retries=0) as provider,
    ):
        cases = [
            (call, name)
            for row, call in enumerate(CALLS)
            for column, name in enumerate(WRONG)
            if call == "thread, create" or (row + column) % step == 0
        ]

        def outcome(number: int) -> list[str]:
            label, name = cases[number]
            reached, before = case(provider, table, number, CALLS[label], name)
            return [f"{label}, {name}: {each}" for each in problems(CALLS[label], name, reached, before)]

        with ThreadPoolExecutor(24) as threads:
            found = [each for every in threads.map(outcome, range(len(cases))) for each in every]

    assert not found, "\n".join(found)
    # What may have been made without an id that is known: one for each answer that was no refusal.
    left = Journal(tmp_path / ".openai-thread-journal.jsonl").unsettled()
    refused = [name for name, wrong in WRONG.items() if wrong({}).status >= 400]
    unknown = [each for each in left if each.type_name == "openai_thread" and each.id is None]
    assert len(unknown) == len(WRONG) - len(refused)
    assert len(cases) > 500 // step
