"""What engines send of a state that is taken over: recorded, so that each is held without its engine."""

import json
from base64 import b64decode
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from provider_shim.resources.provider import OpenaiProvider
from provider_shim.terraform import states, tfplugin6
from provider_shim.terraform.server import ProviderServer
from tests.support.takeovers import WAYS, table

RECORDED = sorted((Path(__file__).parents[2] / "support/takeovers").glob("*.json"))
KINDS = {
    "openai_file",
    "openai_message",
    "openai_thread",
    "openai_vector_store",
    "openai_vector_store_file",
}


class Sent(NamedTuple):
    """A recorded request, read and answered."""

    rpc: str
    type_name: str
    given: dict[str, Any]
    """The state in it."""
    private: bytes
    state: dict[str, Any] | None
    """The answer's."""
    answer: Any


@cache
def sent(recorded: Path, way: str) -> list[Sent]:
    """Return what an engine sent on a way, each with today's answer."""
    server = ProviderServer(OpenaiProvider({}))
    found = []
    for each in json.loads(recorded.read_bytes())[way]:
        data = b64decode(each["request"])
        messages = getattr(tfplugin6, each["rpc"])
        request = messages.Request.FromString(data)
        begun: Any = server.call(each["rpc"], data)
        answer = messages.Response.FromString(begun())
        if each["rpc"] == "MoveResourceState":
            type_name, raw, private = request.target_type_name, request.source_state, request.source_private
            reached = answer.target_state
        else:
            type_name, raw, private = request.type_name, request.raw_state, b""
            reached = answer.upgraded_state
        contract = server.provider.resources[type_name].contract
        state = states.decoded(contract, reached.msgpack)
        found.append(Sent(each["rpc"], type_name, json.loads(raw.json), private, state, answer))
    return found


def of_others(recorded: Path, way: str) -> dict[str, Sent]:
    """Return what an engine sent of the retired provider's states, by address."""
    ids = json.loads(recorded.read_bytes())["ids"]
    rows = table(ids)
    return {
        address: each
        for each in sent(recorded, way)
        for address, (attributes, _) in rows.items()
        if each.given == attributes and each.type_name == address.partition(".")[0]
    }


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda each: each.stem)
def test_each_way_of_a_takeover_ends_in_one_state_that_has_what_is_configured(recorded: Path) -> None:
    rows = table(json.loads(recorded.read_bytes())["ids"])
    taken = [of_others(recorded, way) for way in WAYS]

    assert [each.keys() for each in taken] == [rows.keys()] * len(WAYS)
    for address, (_, configured) in rows.items():
        state = taken[0][address].state
        assert state is not None
        assert all(each[address].state == state for each in taken)
        assert not [said for each in taken for said in each[address].answer.diagnostics]
        for name, value in configured.items():
            _agree(name, value, state[name])


def _agree(name: str, value: Any, held: Any) -> None:
    if name == "attributes" and value:  # numbers and texts are told apart by the API, which the refresh asks
        value, held = ({key: str(each) for key, each in json.loads(one).items()} for one in (value, held))
    if isinstance(value, dict):
        for key, each in value.items():
            _agree(key, each, held[key])
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        assert len(value) == len(held)
        for one, other in zip(value, held, strict=True):
            _agree(name, one, other)
    else:
        assert value == held


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda each: each.stem)
def test_another_address_of_the_provider_changes_nothing_and_keeps_what_is_beside_the_state(
    recorded: Path,
) -> None:
    found = sent(recorded, "own")

    assert {each.type_name for each in found} == KINDS
    for each in found:
        for name, value in each.given.items():
            assert each.state is not None
            _agree(name, value, each.state[name])
    assert not [said for each in found for said in each.answer.diagnostics]
    moves = [each for each in found if each.rpc == "MoveResourceState"]
    assert [each.answer.target_private for each in moves] == [each.private for each in moves]


def test_what_is_recorded_has_each_engine_that_asks_otherwise() -> None:
    asked = {
        each.stem: {way: {one.rpc for one in sent(each, way)} for way in (*WAYS, "own")} for each in RECORDED
    }
    upgrade, move = {"UpgradeResourceState"}, {"MoveResourceState"}

    assert asked == {
        "terraform_1.15.5": _asked(upgrade, upgrade | move, upgrade, upgrade),
        "tofu_1.12.3": _asked(upgrade, upgrade, upgrade, upgrade),
        "tofu_1.12.4": _asked(upgrade, move, move, move),
        "tofu_1.12.6": _asked(upgrade, move, upgrade, upgrade),
    }


def _asked(*rpcs: set[str]) -> dict[str, set[str]]:
    return dict(zip((*WAYS, "own"), rpcs, strict=True))
