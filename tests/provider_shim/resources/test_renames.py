"""A plan that destroys an object and makes an equal one is told that it looks like a rename."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from provider_shim.contract.attributes import Contract
from provider_shim.contract.thread import THREAD
from provider_shim.contract.vector_store import VECTOR_STORE
from provider_shim.terraform import plan
from tests.provider_shim.resources.planned import Deployed, config

GREETING = {"metadata": {"team": "support", "a": "b"}, "messages": [{"role": "user", "content": "Hello"}]}


def warnings(
    at: Path, given: dict[str, Any], made: dict[str, Any], contract: Contract = THREAD, *, made_first: bool
) -> list[str]:
    """Return what a plan says that destroys an object of `given` and makes one of `made`."""

    async def run() -> list[str]:
        deployed = await Deployed.on(at / "threads.db", contract)
        await deployed.apply(given)
        later = await deployed.again(f"sqlite:{at / 'threads.db'}")
        new = plan.change(contract, None, config(made, contract))
        if made_first:
            later.handler.plan_new(new)
        gone = await later.plan(None)
        if not made_first:
            later.handler.plan_new(new)
        await later.provider.close()
        assert later.state is not None
        said = [each for each in [*new.diagnostics, *gone.diagnostics] if "rename" in each.summary]
        assert all(str(later.state["id"]) in each.detail for each in said)
        return [each.summary for each in said]

    return asyncio.run(run())


@pytest.mark.parametrize("made_first", [True, False])
@pytest.mark.parametrize(
    ("contract", "flag"),
    [(THREAD, "force_destroy"), (THREAD, "purge_on_destroy"), (VECTOR_STORE, "retain_on_destroy")],
)
def test_an_equal_object_at_another_address_looks_like_a_rename(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    contract: Contract,
    flag: str,
    *,
    made_first: bool,
) -> None:
    monkeypatch.chdir(tmp_path)
    given: dict[str, Any] = GREETING if contract is THREAD else {"name": "handbook"}
    made = {**given, flag: True}

    assert warnings(tmp_path, given, made, contract, made_first=made_first) == ["This looks like a rename"]


@pytest.mark.parametrize(
    ("given", "made"),
    [(GREETING, {**GREETING, "metadata": {"team": "sales"}}), ({}, {})],
    ids=["another content", "nothing that would tell it from others"],
)
def test_another_object_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], made: dict[str, Any]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert warnings(tmp_path, given, made, made_first=True) == []
