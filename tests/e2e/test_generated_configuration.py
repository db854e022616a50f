"""`terraform plan -generate-config-out`: what it writes is what the object is, so its plan is empty."""

import json
import re
from typing import Any

import pytest

from tests.support.one_of_each import THREAD, OneOfEach
from tests.support.terraform import TerraformError, TerraformProject

ASKED_FROM = (1, 14)
"""Terraform asks the provider for the configuration from here on; before, it takes what the state has."""
HOSTILE = 'a "quoted" ${text} of %{ two }\n\tlines\\, and Müller\n'
JSON = '{"b": 1.0, "a": "<"}'
COMPACT = '{"a":[1,true,null,"x"],"b":0.5}'
ITEMS: list[dict[str, Any]] = [
    {"type": "message", "role": "user", "content": HOSTILE},
    {
        "type": "message",
        "role": "user",
        "content": [
            {"type": "input_text", "text": "Look"},
            {"type": "input_image", "image_url": "https://example.org/a.png", "detail": "low"},
            {"type": "input_file", "file_id": "file-1"},
        ],
    },
    {
        "type": "message",
        "role": "assistant",
        "phase": "final_answer",
        "content": [{"type": "output_text", "text": COMPACT, "annotations": [], "logprobs": []}],
    },
]


def written(terraform: TerraformProject) -> str:
    """Have the configuration written, and let it stand beside the rest; return it."""
    terraform.plan("-generate-config-out=generated.tf")
    return (terraform.folder / "generated.tf").read_text()


def conversation(made: OneOfEach, *items: dict[str, Any]) -> str:
    """Make a conversation as an application would; return its id."""

    async def making(client: Any) -> str:
        found = await client.conversations.create(metadata={"${key}": HOSTILE[:40]}, items=items)
        return str(found.id)

    return made.api.database.ask(making)


def test_what_is_written_for_each_resource_plans_nothing(
    one_of_each: OneOfEach, terraform: TerraformProject
) -> None:
    made = one_of_each
    imports = {address: "/".join(identity.values()) for address, identity in made.identities().items()}
    imports["openai_thread_set.it"] = json.dumps(made.state["openai_thread_set.it"]["ids"])
    imports["openai_thread.talk"] = conversation(made, *ITEMS)
    blocks = [{"to": address, "id": each} for address, each in imports.items()]
    (terraform.folder / "a.md").write_text("# The answer is 42.")

    text = written(terraform.write(made.configuration(resource=None, **{"import": blocks})))
    said = terraform.apply()
    asked = terraform.version() >= ASKED_FROM

    assert said.actions == dict.fromkeys(imports, "import")
    assert {each.summary for each in said.warnings} == {"Taken for the same content"}
    assert terraform.write(made.configuration(resource=None)).plan().actions == {}
    assert [each in text for each in ("created_at", "message_ids", "sha256")] == [False] * 3
    # What the provider writes is without defaults; what Terraform takes from the state has them.
    assert ("wait_for_indexing" in text) is not asked
    assert ("parallelism" in text) is not asked
    assert text.count('"file-1"') == 1


def test_a_text_that_terraform_spells_otherwise_makes_nothing_anew(
    one_of_each: OneOfEach, terraform: TerraformProject
) -> None:
    """Terraform writes what is JSON as jsonencode(…)."""
    items = [{"type": "message", "role": "user", "content": each} for each in (COMPACT, JSON)]
    thread_id = conversation(one_of_each, *items)
    message_id = one_of_each.api.database.say(thread_id, "user", JSON)
    blocks = [{"to": THREAD, "id": thread_id}, {"to": "openai_message.it", "id": f"{thread_id}/{message_id}"}]
    terraform.write(one_of_each.configuration(resource=None, **{"import": blocks}))

    text = written(terraform)
    said = terraform.apply()
    state = terraform.state()

    assert text.count("jsonencode(") == 4
    assert said.actions == dict.fromkeys([THREAD, "openai_message.it"], "update")
    assert [state[THREAD]["id"], state["openai_message.it"]["id"]] == [thread_id, message_id]
    assert terraform.write(one_of_each.configuration(resource=None)).plan().actions == {}
    assert one_of_each.api.database.messages(thread_id)[-1] == ("user", JSON)


def test_a_file_that_is_not_beside_the_configuration_is_named(
    one_of_each: OneOfEach, terraform: TerraformProject
) -> None:
    if terraform.version() < ASKED_FROM:
        pytest.skip("the provider is not asked")
    block = {"to": "openai_file.it", "id": one_of_each.state["openai_file.it"]["id"]}
    terraform.write(one_of_each.configuration(resource=None, **{"import": [block]}))

    with pytest.raises(TerraformError) as failed:
        terraform.plan("-generate-config-out=generated.tf")

    [error] = failed.value.errors
    assert 'file is "a.md", which can\'t be read: No such file or directory.' in error.detail
    assert re.search('file +=  *"a.md"', (terraform.folder / "generated.tf").read_text())
