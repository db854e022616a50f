"""What each change of a thread is: in place, a replacement with its path, or nothing."""

import asyncio
import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provider_shim.contract.attributes import Attribute, Bool, ListOf, MapOf, Object, String, Type
from provider_shim.contract.path import Path as AttributePath
from provider_shim.contract.thread import THREAD
from provider_shim.resources.provider import OpenaiProvider
from provider_shim.resources.thread import ThreadHandler
from provider_shim.terraform import plan
from provider_shim.terraform.handler import Change, Values
from provider_shim.terraform.values import UNKNOWN, unknown_paths
from tests.provider_shim.resources.planned import Deployed, config


@pytest.fixture(autouse=True)
def _folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def message(content: str, **more: Any) -> dict[str, Any]:
    return {"role": "user", "content": content, **more}


ONE, TWO, THREE = message("one"), message("two"), message("three")
CODE = {"code_interpreter": {"file_ids": ["file-1"]}}
SEARCH = {"file_search": {"vector_store_ids": ["vs_1"]}}
FILE, OTHER_FILE = [{"file_id": "file-1"}], [{"file_id": "file-2"}]


def first(name: str) -> AttributePath:
    return ("messages", 0, name)


IN_PLACE: tuple[AttributePath, ...] = ()
CHANGES: list[tuple[str, dict[str, Any], dict[str, Any], tuple[AttributePath, ...]]] = [
    ("metadata added", {}, {"metadata": {"a": "1"}}, IN_PLACE),
    ("metadata changed", {"metadata": {"a": "1"}}, {"metadata": {"b": "2"}}, IN_PLACE),
    ("metadata removed", {"metadata": {"a": "1"}}, {}, IN_PLACE),
    ("metadata emptied", {"metadata": {"a": "1"}}, {"metadata": {}}, IN_PLACE),
    ("tools added", {}, {"tools": ["file_search"]}, IN_PLACE),
    ("tools changed", {"tools": ["file_search"]}, {"tools": ["code_interpreter"]}, IN_PLACE),
    ("tools removed", {"tools": ["file_search"]}, {}, IN_PLACE),
    ("tool_resources added", {}, {"tool_resources": CODE}, IN_PLACE),
    ("tool_resources changed", {"tool_resources": CODE}, {"tool_resources": SEARCH}, IN_PLACE),
    ("tool_resources removed", {"tool_resources": SEARCH}, {}, IN_PLACE),
    ("retain_on_destroy added", {}, {"retain_on_destroy": True}, IN_PLACE),
    ("retain_on_destroy changed", {"retain_on_destroy": True}, {"retain_on_destroy": False}, IN_PLACE),
    ("retain_on_destroy removed", {"retain_on_destroy": True}, {}, IN_PLACE),
    ("messages added", {}, {"messages": [ONE]}, IN_PLACE),
    ("messages appended", {"messages": [ONE]}, {"messages": [ONE, TWO, THREE]}, IN_PLACE),
    ("messages trimmed", {"messages": [ONE, TWO, THREE]}, {"messages": [ONE]}, IN_PLACE),
    ("messages removed", {"messages": [ONE, TWO]}, {}, IN_PLACE),
    ("content changed", {"messages": [ONE]}, {"messages": [TWO]}, (first("content"),)),
    ("role changed", {"messages": [ONE]}, {"messages": [{**ONE, "role": "system"}]}, (first("role"),)),
    ("first message removed", {"messages": [ONE, TWO]}, {"messages": [TWO]}, (first("content"),)),
    (
        "inserted",
        {"messages": [ONE, TWO]},
        {"messages": [ONE, THREE, TWO]},
        (("messages", 1, "content"),),
    ),
    ("message metadata", {"messages": [ONE]}, {"messages": [message("one", metadata={"a": "1"})]}, IN_PLACE),
    (
        "attachments added",
        {"messages": [ONE]},
        {"messages": [message("one", attachments=FILE)]},
        (first("attachments"),),
    ),
    (
        "attachments changed",
        {"messages": [message("one", attachments=FILE)]},
        {"messages": [message("one", attachments=OTHER_FILE)]},
        (first("attachments"),),
    ),
    (
        "attachments removed",
        {"messages": [message("one", attachments=FILE)]},
        {"messages": [ONE]},
        (first("attachments"),),
    ),
    (
        "file_ids changed",
        {"messages": [message("one", file_ids=["file-1"])]},
        {"messages": [message("one", file_ids=["file-2"])]},
        (first("file_ids"),),
    ),
    (
        "file_ids become attachments",
        {"messages": [message("one", file_ids=["file-1"])]},
        {"messages": [message("one", attachments=FILE)]},
        IN_PLACE,
    ),
]


@pytest.mark.parametrize(
    ("before", "after", "replace"), [each[1:] for each in CHANGES], ids=[c[0] for c in CHANGES]
)
def test_a_change_is_in_place_or_replaces_with_its_path(
    tmp_path: Path, before: dict[str, Any], after: dict[str, Any], replace: tuple[AttributePath, ...]
) -> None:
    async def run() -> None:
        deployed = await Deployed.on(tmp_path / "api.db")
        await deployed.apply(before)
        same = await deployed.plan(before)
        change = await deployed.plan(after)

        assert (same.planned, same.replace) == (deployed.state, [])
        assert change.planned != deployed.state
        assert tuple(change.replace) == replace
        if not replace:
            made, planned = deployed.state, change.planned
            assert made is not None
            assert planned is not None
            assert {planned[name] for name in ("id", "created_at", "api")} == {
                made[name] for name in ("id", "created_at", "api")
            }
            await deployed.apply(after)
            agrees(planned, deployed.state)
            again = await deployed.plan(after)
            assert (again.planned, again.replace) == (deployed.state, [])
        await deployed.provider.close()

    asyncio.run(run())


def agrees(planned: Any, reached: Any) -> None:
    """What was planned and known is what came out, as Terraform checks it."""
    if planned is UNKNOWN:
        assert not unknown_paths(reached)
    elif isinstance(planned, dict):
        assert planned.keys() == reached.keys()
        for name, each in planned.items():
            agrees(each, reached[name])
    elif isinstance(planned, list):
        assert len(planned) == len(reached)
        for one, other in zip(planned, reached, strict=True):
            agrees(one, other)
    else:
        assert planned == reached


# --- any configuration, unknowns anywhere ------------------------------------------------


def values(kind: Type) -> st.SearchStrategy[Any]:
    match kind:
        case Object(_, attributes):
            return st.fixed_dictionaries({name: attribute(each) for name, each in attributes.items()})
        case ListOf(element):
            return st.lists(st.just(UNKNOWN) | values(element), max_size=3)
        case MapOf(element):
            return st.dictionaries(st.sampled_from("ab"), st.just(UNKNOWN) | values(element), max_size=2)
        case String(one_of) if one_of:
            return st.sampled_from(one_of)
        case Bool():
            return st.booleans()
        case _:
            return st.sampled_from(["x", "y"])


def attribute(each: Attribute) -> st.SearchStrategy[Any]:
    known = values(each.type) | st.just(UNKNOWN)
    return known if each.required else st.none() | known


CONFIGS = st.fixed_dictionaries(
    {name: attribute(each) if each.optional else st.none() for name, each in THREAD.attributes.items()}
)


def known(value: Any) -> Any:
    """Fill in what is learnt at apply."""
    if value is UNKNOWN:
        return None
    if isinstance(value, dict):
        return {n: known(e) for n, e in value.items()}
    if isinstance(value, list):
        return [each for each in map(known, value) if each is not None]
    return value


def planned(handler: ThreadHandler, prior: Values | None, wanted: Values) -> Change[Any]:
    change = plan.change(THREAD, prior, copy.deepcopy(wanted))
    if prior is None:
        handler.plan_new(change)
    else:
        asyncio.run(handler.plan(change))
    return change


def promised(configured: Any) -> Any:
    """Return what a plan promises of a value: all but what is write-only."""
    if not isinstance(configured, list):
        return configured
    return [
        {**each, "content_wo": None} if isinstance(each, dict) and "content_wo" in each else each
        for each in configured
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=CONFIGS, after=CONFIGS, api=st.sampled_from([UNKNOWN, "conversations", "threads"]))
def test_planning_never_raises_and_promises_what_is_configured(
    before: Values, after: Values, api: object
) -> None:
    provider = OpenaiProvider({})
    handler = provider.resources["openai_thread"]
    assert isinstance(handler, ThreadHandler)
    provider._connection.wait_for(("base_url",), api)
    created = planned(handler, None, before).planned
    assert created is not None
    prior = known(created) | {"id": "conv_1", "created_at": 1, "api": "conversations", "response_tools": "[]"}
    for name in ("messages", "tools"):
        prior[name] = prior[name] if created[name] is not UNKNOWN else None
    prior["messages"] = [
        {**each, "role": each["role"] or "user", "content": each["content"] or "x"}
        for each in prior["messages"] or ()
    ]
    prior["message_ids"] = [f"msg_{number}" for number, _ in enumerate(prior["messages"])]
    updated = planned(handler, prior, after)
    result = updated.planned
    assert result is not None

    for name, each in THREAD.attributes.items():
        if each.optional:
            assert created[name] == promised(before[name])
            assert result[name] == promised(after[name])
    if not updated.replace:
        assert result["id"] == "conv_1"
        again = (
            planned(handler, {**result, "api": "conversations"}, after)
            if not unknown_paths(result)
            else updated
        )
        assert again.planned == result


def test_a_plan_with_unknowns_promises_as_many_ids_as_messages() -> None:
    provider = OpenaiProvider({})
    handler = provider.resources["openai_thread"]
    assert isinstance(handler, ThreadHandler)
    wanted = config({"messages": [ONE, TWO]})
    wanted["messages"][1]["content"] = UNKNOWN

    created = planned(handler, None, wanted).planned
    assert created is not None
    assert created["message_ids"] == [UNKNOWN, UNKNOWN]
    assert created["api"] is UNKNOWN
    assert created["response_tools"] == "[]"
