"""openai_vector_store_file, and a store's files with attributes of their own."""

import json
from typing import Any

import pytest

from tests.support.faulty import Fault, Seen
from tests.support.served import ServedApi
from tests.support.stores import store
from tests.support.terraform import TerraformError, TerraformProject

ADDRESS = "openai_vector_store_file.it"
STORE = "openai_vector_store.it"


def configuration(api: ServedApi, attributes: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a store with two files, and a third that another resource puts into it."""
    both = store(api, 1)
    labelled = {
        "file_id": "${openai_file.doc[1].id}",
        "attributes": "${jsonencode({ year = 2023, old = true })}",
    }
    both["resource"]["openai_vector_store"]["it"]["files"] = [labelled]
    file = {"vector_store_id": f"${{{STORE}.id}}", "file_id": "${openai_file.doc[2].id}", **more}
    both["resource"]["openai_vector_store_file"] = {"it": {**file, "attributes": attributes}}
    return both


def found(api: ServedApi, identifier: str, filters: dict[str, Any]) -> list[str]:
    """Return the names of the files with passages about documents that pass a filter."""

    async def searching(client: Any) -> list[str]:
        page = await client.vector_stores.search(identifier, query="document answer", filters=filters)
        return sorted({each.filename for each in page.data})

    return api.database.ask(searching)


def greater(than: float) -> dict[str, Any]:
    return {"type": "gt", "key": "year", "value": than}


def test_a_file_with_attributes_lives_beside_a_store_that_does_not_list_it(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(configuration(api, '${jsonencode({ year = 2025, lang = "en" })}')).apply()
    made = terraform.state()
    again = terraform.write(configuration(api, '{"lang":"en","year":2025.0}')).plan()
    store_id = made[STORE]["id"]

    assert again.actions == {}
    assert made[ADDRESS]["id"] == f"{store_id}/{made[ADDRESS]['file_id']}"
    assert made[ADDRESS]["status"] == "completed"
    assert made[ADDRESS]["usage_bytes"] > 0
    assert found(api, store_id, greater(2022)) == ["doc1.md", "doc2.md"]
    assert found(api, store_id, greater(2024)) == ["doc2.md"]
    assert found(api, store_id, {"type": "eq", "key": "old", "value": True}) == ["doc1.md"]

    changed = terraform.write(configuration(api, '{"year":2020}')).apply()

    assert changed.actions == {ADDRESS: "update"}
    assert found(api, store_id, greater(2024)) == []

    # An application's attributes are drift where ours are configured.
    api.database.ask(
        lambda client: client.vector_stores.files.update(
            made[ADDRESS]["file_id"], vector_store_id=store_id, attributes={"year": 1}
        )
    )
    assert terraform.apply().actions == {ADDRESS: "update"}
    assert found(api, store_id, greater(2000)) == ["doc1.md", "doc2.md"]

    terraform.run("state", "rm", ADDRESS)
    with pytest.raises(TerraformError, match="Allowed: STORE/FILE"):
        terraform.run("import", ADDRESS, store_id)
    terraform.run("import", ADDRESS, f"{store_id}/{made[ADDRESS]['file_id']}")

    assert terraform.plan().actions == {}

    # What a resource of the stack has put in is not others': the store may go, and nothing is said.
    api.database.ask(
        lambda client: client.vector_stores.files.delete(made[ADDRESS]["file_id"], vector_store_id=store_id)
    )
    assert terraform.plan().actions == {ADDRESS: "create"}
    terraform.apply()
    said = terraform.plan("-destroy", f"-target={STORE}")
    assert said.warnings == [
        each for each in said.warnings if "-target" in each.detail or "target" in each.summary
    ]
    assert terraform.destroy().warnings == []


def test_a_lost_answer_puts_a_file_in_once_and_one_that_is_there_is_not_taken(
    terraform: TerraformProject, api: ServedApi
) -> None:
    lost: list[str] = []

    def decide(request: Seen, _: int) -> Fault | None:
        if request.method == "POST" and request.path.endswith("/files") and "vector_stores" in request.path:
            lost.append(request.path)
            return Fault(commit=True) if len(lost) == 1 else None
        return None

    api.decide = decide
    terraform.write(configuration(api, '{"year":1}')).apply()
    made = terraform.state()
    twice = configuration(api, '{"year":1}')
    files = twice["resource"]["openai_vector_store_file"]
    files["again"] = files["it"]

    assert len(lost) == 1
    assert terraform.plan().actions == {}
    with pytest.raises(TerraformError) as failed:
        terraform.write(twice).apply()
    [problem] = failed.value.errors
    assert problem.summary == "The file is in the vector store already"
    assert made[ADDRESS]["id"] in problem.detail


def test_a_file_that_can_not_be_indexed_is_named_and_put_in_anew(
    terraform: TerraformProject, api: ServedApi
) -> None:
    broken = configuration(api)
    broken["resource"]["openai_file"]["bad"] = {"filename": "bad.pdf", "content": "no PDF"}
    broken["resource"]["openai_vector_store_file"]["it"]["file_id"] = "${openai_file.bad.id}"

    with pytest.raises(TerraformError) as failed:
        terraform.write(broken).apply()
    [problem] = failed.value.errors
    state = terraform.state()[ADDRESS]

    assert problem.summary == "The file could not be indexed"
    assert state["status"] == "failed"
    assert state["last_error"] in problem.detail
    assert terraform.write(configuration(api)).apply().actions == {
        ADDRESS: "replace",
        "openai_file.bad": "delete",
    }


BAD = {
    '{"a":[1]}': 'attributes["a"] is a list. Allowed: a string, a number, true or false.',
    "[1]": "attributes is JSON of a list.",
    "year = 1": 'attributes is "year = 1", which is no JSON',
    json.dumps(
        {"a": "x" * 513}
    ): 'attributes["a"] has 513 characters. Allowed: at most 512. Shorten it by 1.',
}


def test_attributes_that_no_api_takes_are_errors_of_the_plan(
    terraform: TerraformProject, api: ServedApi
) -> None:
    every = configuration(api)
    one = every["resource"]["openai_vector_store_file"]["it"]
    every["resource"]["openai_vector_store_file"] = {
        f"bad{number}": {**one, "attributes": text} for number, text in enumerate(BAD)
    }
    said = [each.detail for each in terraform.write(every).validate()]

    assert all(any(each.startswith(text) for each in said) for text in BAD.values()), said
