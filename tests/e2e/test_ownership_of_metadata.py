"""Metadata by key with the real Terraform, on servers that replace, merge, add and drop, on both APIs."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.hostile import Mannered
from tests.support.served import ServedApi
from tests.support.terraform import TerraformError, TerraformProject
from tests.support.threads import ADDRESS, KINDS, MESSAGE, ONE, TWO, message, path_of, thread


@pytest.fixture
def database(tmp_path: Path) -> Mannered:
    return Mannered(tmp_path / "threads.db")


@pytest.mark.parametrize(("kind", "merges"), [("conversations", False), ("threads", True)])
def test_others_keys_are_no_drift_and_survive_each_update(
    terraform: TerraformProject, api: ServedApi, database: Mannered, kind: str, merges: bool
) -> None:
    database.manners.merges = merges
    database.manners.added_on_create = {"made-by": "server"}
    terraform.write(thread(api, kind, metadata={"team": "support", "tier": "1"})).apply()
    path = path_of(terraform, kind)
    at_first = terraform.plan()
    database.write(path, **database.metadata(path), customer="4711")

    untouched = terraform.plan()
    terraform.write(thread(api, kind, metadata={"team": "sales"})).apply()
    changed = database.metadata(path)
    terraform.write(thread(api, kind)).apply()

    assert (at_first.actions, at_first.drift, at_first.warnings) == ({}, {}, [])
    assert (untouched.actions, untouched.drift, untouched.warnings) == ({}, {}, [])
    assert changed == {"team": "sales", "made-by": "server", "customer": "4711"}
    assert database.metadata(path) == {"made-by": "server", "customer": "4711"}
    assert terraform.plan().actions == {}


@pytest.mark.parametrize("kind", ["conversations"])
def test_a_foreign_key_that_a_server_drops_is_named(
    terraform: TerraformProject, api: ServedApi, database: Mannered, kind: str
) -> None:
    terraform.write(thread(api, kind, metadata={"team": "support"})).apply()
    path = path_of(terraform, kind)
    database.write(path, team="support", customer="4711")
    database.manners.dropped_on_update = frozenset({"customer"})

    said = terraform.write(thread(api, kind, metadata={"team": "sales"})).apply()

    [warning] = said.warnings
    assert warning.summary == "Metadata of others is gone"
    assert "customer" in warning.detail
    again = terraform.plan()
    assert (again.actions, again.warnings) == ({}, [])


@pytest.mark.parametrize("kind", ["threads"])
def test_sixteen_pairs_of_an_application_are_a_warning_an_error_and_no_hindrance_to_destroy(
    terraform: TerraformProject, api: ServedApi, database: Mannered, kind: str
) -> None:
    terraform.write(thread(api, kind)).apply()
    path = path_of(terraform, kind)
    full = {f"theirs-{number:02}": "x" for number in range(16)}
    database.write(path, **full)

    planned = terraform.write(thread(api, kind, metadata={"team": "support"})).plan()
    with pytest.raises(TerraformError) as failed:
        terraform.apply_plan()
    there = database.metadata(path)
    terraform.destroy()

    [warning], [error] = planned.warnings, failed.value.errors
    assert warning.summary == error.summary == "Too many pairs of metadata"
    for each in (warning, error):
        assert "17 pairs" in each.detail
        assert "team" in each.detail
        assert "theirs-00" in each.detail
        assert "theirs-15" in each.detail
    assert there == full
    assert terraform.state() == {}


@pytest.mark.parametrize("kind", KINDS)
def test_what_an_import_brought_is_released_and_said_and_what_it_overwrites_is_named(
    terraform: TerraformProject, api: ServedApi, database: Mannered, kind: str
) -> None:
    terraform.write(thread(api, kind, metadata={"team": "support", "tier": "1"}, messages=[ONE])).apply()
    path = path_of(terraform, kind)
    terraform.run("state", "rm", ADDRESS)
    terraform.run("import", ADDRESS, path.rpartition("/")[2])
    imported = terraform.state()[ADDRESS]["metadata"]
    database.write(path, team="support", tier="1", customer="4711")

    configured = thread(api, kind, metadata={"team": "support", "customer": "0815"}, messages=[ONE])
    planned = terraform.write(configured).plan()
    terraform.apply_plan()
    there = database.metadata(path)
    again = terraform.plan()
    terraform.write(thread(api, kind, messages=[ONE])).apply()

    assert imported == {"team": "support", "tier": "1"}
    assert planned.actions == {ADDRESS: "update"}
    assert sorted(each.summary for each in planned.warnings) == [
        "Metadata of others is overwritten",
        "Released, not deleted",
    ]
    released = next(each for each in planned.warnings if each.summary.startswith("Released"))
    assert 'metadata["tier"]' in released.detail
    assert 'metadata["team"]' not in released.detail
    assert there == {"team": "support", "tier": "1", "customer": "0815"}
    assert (again.actions, again.warnings) == ({}, [])
    # Ours is removed; what the import brought, and nobody changed, is released.
    assert database.metadata(path) == {"team": "support", "tier": "1"}
    assert terraform.plan().actions == {}


@pytest.mark.parametrize("merges", [False, True])
def test_the_metadata_of_messages_is_owned_by_key_too(
    terraform: TerraformProject, api: ServedApi, database: Mannered, merges: bool
) -> None:
    def configuration(**metadata: str) -> dict[str, Any]:
        made = thread(api, "threads", messages=[message("one", metadata=metadata), TWO])
        made["resource"]["openai_message"] = {
            "it": {
                "thread_id": f"${{{ADDRESS}.id}}",
                "role": "user",
                "content": "more",
                "metadata": {"a": "1"},
            }
        }
        return made

    database.manners.merges = merges
    database.manners.added_on_create = {"made-by": "server"}
    terraform.write(configuration(topic="hours", lang="en")).apply()
    at_first = terraform.plan()
    state = terraform.state()
    paths = [
        f"{path_of(terraform, 'threads')}/messages/{identifier}"
        for identifier in (state[ADDRESS]["message_ids"][0], state[MESSAGE]["id"])
    ]
    for path in paths:
        database.write(path, **database.metadata(path), rating="5")

    untouched = terraform.plan()
    terraform.write(configuration(topic="prices")).apply()
    again = terraform.plan()

    for said in (at_first, untouched, again):
        assert (said.actions, said.drift, said.warnings) == ({}, {}, [])
    assert database.metadata(paths[0]) == {"topic": "prices", "made-by": "server", "rating": "5"}
    assert database.metadata(paths[1]) == {"a": "1", "made-by": "server", "rating": "5"}
    assert terraform.state()[ADDRESS]["message_ids"] == state[ADDRESS]["message_ids"]
