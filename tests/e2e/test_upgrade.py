"""States of earlier versions, each with today's provider: at most one update in place, and nothing is lost.

Each released version adds a folder below states/, which states/make.py writes.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.database import Database
from tests.support.states import make
from tests.support.states.make import TRACES, with_metadata
from tests.support.terraform import TerraformProject

STATES = Path(make.__file__).parent
VERSIONS = sorted(each.name for each in STATES.iterdir() if (each / "terraform.tfstate").exists())


def restored(version: str, folder: Path) -> Database:
    """Put state, configuration and database of a version into a folder."""
    shutil.copytree(STATES / version, folder, dirs_exist_ok=True)
    return Database(folder / "threads.db")


def in_the_file(folder: Path) -> dict[str, Any]:
    """Return the attributes of each resource. `terraform show` reads no state of an earlier schema."""
    state = json.loads((folder / "terraform.tfstate").read_text())
    return {
        f"{each['type']}.{each['name']}": each["instances"][0]["attributes"] for each in state["resources"]
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_a_state_of_an_earlier_version_needs_at_most_one_update_in_place(
    terraform: TerraformProject, version: str
) -> None:
    database = restored(version, terraform.folder)
    before = in_the_file(terraform.folder)

    async def reading(client: Any) -> dict[str, Any]:
        paths = with_metadata(before)
        return {path: await client.get(path, cast_to=dict[str, Any]) for path in paths}

    first = terraform.plan()
    terraform.apply_plan()
    after = terraform.plan()
    there = database.ask(reading)

    assert set(first.actions.values()) <= {"update"}
    assert {each.summary for each in first.warnings} <= {"Released, not deleted"}
    assert after.actions == {}
    assert after.warnings == []
    assert {address: each["id"] for address, each in terraform.state().items()} == {
        address: each["id"] for address, each in before.items()
    }
    for path, values in with_metadata(before).items():
        assert there[path]["metadata"] == {**(values["metadata"] or {}), **TRACES}, path
    talk = before["openai_thread.talk"]["id"]
    assert ("user", "What a customer wrote") in database.messages(talk)
    # What is ours can still be changed, and what an application added stays.
    terraform.write(_without_metadata((terraform.folder / "main.tf.json").read_text())).apply()
    assert terraform.plan().actions == {}
    for path, values in database.ask(reading).items():
        assert values["metadata"].items() >= TRACES.items(), path


def _without_metadata(text: str) -> dict[str, Any]:
    configuration: dict[str, Any] = json.loads(text)
    for each in configuration["resource"]["openai_thread"].values():
        each.pop("metadata", None)
    return configuration
