"""An object that an import has just brought is not lost with a replacement, in one plan and one apply."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from provider_shim.contract.attributes import Contract
from provider_shim.contract.thread import THREAD
from provider_shim.contract.thread_set import THREAD_SET
from tests.provider_shim.resources.planned import Deployed
from tests.support.database import Database

ITEMS = [{"type": "message", "role": "user", "content": "Where is my order?"}]


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("contract", [THREAD, THREAD_SET], ids=lambda contract: contract.type_name)
def test_imported_messages_protect_their_thread_from_the_replacement_of_the_same_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, contract: Contract, *, force: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    database = Database(tmp_path / "threads.db")
    old = database.ask(lambda sdk: sdk.conversations.create(items=ITEMS)).id  # type: ignore[arg-type]
    alone = contract is THREAD
    given: dict[str, Any] = {"messages": [{"role": "user", "content": "Something else"}]}
    given = {**(given if alone else {"threads": {"a": given}}), "force_destroy": force or None}

    async def run() -> list[str]:
        deployed = await Deployed.on(database.path, contract)
        await deployed.import_state(old if alone else json.dumps({"a": old}))
        await deployed.read()
        said = await deployed.replace(given)
        await deployed.provider.close()
        assert deployed.state is None
        return [each.summary for each in said]

    said = asyncio.run(run())

    assert (database.conversation(old) is None) == force
    assert ("The thread is kept: others have written to it" in said) == (not force)
