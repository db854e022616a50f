"""Identities: beside each state, and an import by one, from 1.12 on; before, nothing of them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.one_of_each import RESOURCES, THREAD, OneOfEach
from tests.support.terraform import TerraformError, TerraformProject

KNOWN_FROM = (1, 12)


@pytest.fixture
def knows(terraform: TerraformProject) -> bool:
    return terraform.version() >= KNOWN_FROM


@pytest.fixture
def knowing(terraform: TerraformProject, *, knows: bool) -> TerraformProject:
    """Return a folder for an engine that knows identities."""
    if not knows:
        pytest.skip("the engine knows no identities")
    return terraform


def identities(folder: Path) -> dict[str, Any]:
    """Return what the state file has beside each state; None where it has nothing."""
    state = json.loads((folder / "terraform.tfstate").read_text())
    return {
        f"{each['type']}.{each['name']}": each["instances"][0].get("identity") for each in state["resources"]
    }


def test_a_state_has_the_identity_of_each_object_where_the_engine_knows_any(
    one_of_each: OneOfEach, *, knows: bool
) -> None:
    expected = one_of_each.identities() if knows else dict.fromkeys(one_of_each.identities())

    assert identities(one_of_each.terraform.folder) == {**expected, "openai_thread_set.it": None}
    assert one_of_each.terraform.plan().actions == {}


def test_an_import_by_identity_is_an_import_by_id(one_of_each: OneOfEach, knowing: TerraformProject) -> None:
    expected = one_of_each.identities()
    by_id = [{"to": address, "id": "/".join(each.values())} for address, each in expected.items()]
    by_identity = [{"to": address, "identity": each} for address, each in expected.items()]
    found = []
    resources = {kind: each for kind, each in RESOURCES.items() if kind != "openai_thread_set"}
    for blocks in (by_id, by_identity):
        configuration = one_of_each.configuration(resource=resources)
        said = knowing.write({**configuration, "import": blocks}).apply()
        found.append((said.actions, {*said.warnings}, knowing.state(), identities(knowing.folder)))
        assert knowing.write(configuration).plan().actions == {}
        (knowing.folder / "terraform.tfstate").unlink()

    assert found[0] == found[1]
    assert found[1][0].keys() == expected.keys()
    assert found[1][3] == expected


def test_identities_of_a_for_each_import_each_object(
    one_of_each: OneOfEach, knowing: TerraformProject
) -> None:
    thread_id = one_of_each.api.database.ask(lambda client: client.conversations.create()).id
    ids = {name: one_of_each.api.database.say(thread_id, "user", name) for name in ("first", "second")}
    said = knowing.write(
        one_of_each.configuration(
            locals={"ids": ids},
            resource={
                "openai_message": {
                    "it": {
                        "for_each": "${local.ids}",
                        "thread_id": thread_id,
                        "role": "user",
                        "content": "${each.key}",
                    }
                }
            },
            **{
                "import": [
                    {
                        "for_each": "${local.ids}",
                        "to": "openai_message.it[each.key]",
                        "identity": {"thread_id": thread_id, "id": "${each.value}"},
                    }
                ]
            },
        )
    ).apply()

    assert said.actions == {f'openai_message.it["{name}"]': "import" for name in ids}
    assert {each["content"]: each["id"] for each in knowing.state().values()} == ids


WRONG = {
    "openai_thread.gone": (
        {"id": "conv_nothing"},
        (
            'There is no thread "conv_nothing" on the conversations API at URL. Check the id, base_url, '
            "project and key."
        ),
    ),
    "openai_thread.elsewhere": (
        {"id": "thread_abc"},
        (
            '"thread_abc" belongs to the threads API, and the provider is configured with '
            'api = "conversations". Import with api = "threads" in the provider, or give an id of the '
            "conversations API."
        ),
    ),
    "openai_message.empty": (
        {"thread_id": " ", "id": ""},
        (
            "thread_id and id are empty. Allowed: a text for thread_id and for id. Copy what is missing from "
            "the API or from a state."
        ),
    ),
    "openai_vector_store_file.gone": (
        {"vector_store_id": "vs_none", "file_id": "file-%1"},
        (
            'There is no file "file-%1" in the vector store "vs_none" on the Vector stores API at URL. Check '
            "both ids, base_url, project and key."
        ),
    ),
    "openai_file.folder": (
        {"id": ".."},
        (
            'The id ".." is the name of a folder. Allowed: the id of a file, such as file-…, of at most 512 '
            "characters. Copy the id from the API or from the state."
        ),
    ),
}


def test_an_identity_that_can_not_be_imported_says_why(
    one_of_each: OneOfEach, knowing: TerraformProject
) -> None:
    resources: dict[str, Any] = {}
    for address in WRONG:
        kind, _, name = address.partition(".")
        resources.setdefault(kind, {})[name] = RESOURCES[kind]["it"]
    text = json.dumps(resources)
    for address, identity in one_of_each.identities().items():
        text = text.replace(f"${{{address}.id}}", identity[[*identity][-1]])
    blocks = [{"to": address, "identity": identity} for address, (identity, _) in WRONG.items()]

    with pytest.raises(TerraformError) as failed:
        knowing.write(one_of_each.configuration(resource=json.loads(text), **{"import": blocks})).plan()

    said = sorted(each.detail.replace(one_of_each.api.base_url, "URL") for each in failed.value.errors)
    assert said == sorted(detail for _, detail in WRONG.values())


def copied(one_of_each: OneOfEach) -> dict[str, Any]:
    """Give a folder the state of the deployment, to be changed as an edit or another engine would."""
    state: dict[str, Any] = json.loads((one_of_each.terraform.folder / "terraform.tfstate").read_text())
    state["terraform_version"] = "1.8.4"
    return state


def written(terraform: TerraformProject, state: Mapping[str, Any]) -> TerraformProject:
    (terraform.folder / "terraform.tfstate").write_text(json.dumps(state))
    return terraform


def test_a_state_of_an_engine_without_identities_gets_them_and_one_with_them_is_read_without(
    one_of_each: OneOfEach, terraform: TerraformProject, *, knows: bool
) -> None:
    state, expected = copied(one_of_each), one_of_each.identities()
    for resource in state["resources"]:
        [instance] = resource["instances"]
        instance.pop("identity", None)
        instance.pop("identity_schema_version", None)
        address = f"{resource['type']}.{resource['name']}"
        if not knows and address in expected:  # as a newer engine leaves it
            instance |= {"identity_schema_version": 0, "identity": expected[address]}

    terraform.write(one_of_each.configuration())
    said = written(terraform, state).plan()
    moved = {"moved": [{"from": THREAD, "to": "openai_thread.there"}]}
    renamed = json.loads(json.dumps(RESOURCES).replace(THREAD, "openai_thread.there"))
    renamed["openai_thread"] = {"there": renamed["openai_thread"]["it"]}
    after = terraform.write(one_of_each.configuration(resource=renamed, **moved)).apply()
    found = identities(terraform.folder)

    assert said.actions == {}
    assert said.warnings == []
    assert after.actions == {"openai_thread.there": "move"}
    expected["openai_thread.there"] = expected.pop(THREAD)
    assert found == {**(expected if knows else dict.fromkeys(expected)), "openai_thread_set.it": None}


def test_a_state_with_the_identity_of_another_object_is_refused(
    one_of_each: OneOfEach, knowing: TerraformProject
) -> None:
    state = copied(one_of_each)
    [thread] = [each for each in state["resources"] if each["type"] == "openai_thread"]
    thread["instances"][0]["identity"] = {"id": "conv_other"}
    state["resources"] = [thread]
    resources = {"openai_thread": RESOURCES["openai_thread"]}

    with pytest.raises(TerraformError) as failed:
        written(knowing.write(one_of_each.configuration(resource=resources)), state).plan()

    [error] = failed.value.errors
    assert error.summary == "The state has the identity of another object"
    detail = error.detail.replace(one_of_each.state[THREAD]["id"], "ID")
    assert detail.replace("tofu state", "terraform state") == (
        'An openai_thread has id "ID" beside the identity "conv_other". No object ever becomes another one, '
        "so one of the two was changed by hand, or two states were merged. Take it out of the state "
        "(terraform state rm ADDRESS), and import the object that it is to be."
    )
