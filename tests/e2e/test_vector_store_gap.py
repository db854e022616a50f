"""A vector store changes without a gap: add, wait until searchable, then remove."""

from typing import Any

import pytest

from tests.support.faulty import Fault
from tests.support.served import ServedApi
from tests.support.stores import ADDRESS, files_in
from tests.support.terraform import TerraformError, TerraformProject


def handbook(api: ServedApi, content: str, filename: str = "handbook.md", **config: Any) -> dict[str, Any]:
    """Return a store with one file, which is made before the old one is destroyed."""
    return {
        "provider": {"openai": {"base_url": api.base_url}},
        "resource": {
            "openai_file": {
                "handbook": {
                    "filename": filename,
                    "content": content,
                    "lifecycle": {"create_before_destroy": True},
                }
            },
            "openai_vector_store": {"it": {"file_ids": ["${openai_file.handbook.id}"], **config}},
        },
    }


def found(api: ServedApi, identifier: str, query: str) -> list[str]:
    """Return the texts that a search finds."""

    async def searching(client: Any) -> list[str]:
        page = client.vector_stores.search(identifier, query=query)
        return [each.content[0].text async for each in page]

    return api.database.ask(searching)


def writes(api: ServedApi, since: int = 0) -> list[str]:
    """Return the calls that change what is in a store, in order."""
    steps = [
        (each.method, "files" if "/files/" in each.path else each.path.rpartition("/")[2])
        for each in api.seen[since:]
        if "/vector_stores/" in each.path
    ]
    return [f"{method} {what}" for method, what in steps if method != "GET"]


def test_the_old_text_stays_searchable_until_a_new_one_is_and_the_next_apply_goes_on(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(handbook(api, "Returns within 30 days.")).apply()
    identifier = terraform.state()[ADDRESS]["id"]
    bad = handbook(api, "no PDF", "handbook.pdf")

    with pytest.raises(TerraformError) as failed:
        terraform.write(bad).apply()
    after_failure = found(api, identifier, "returns")
    file_id = terraform.state()["openai_file.handbook"]["id"]
    with pytest.raises(TerraformError) as again:
        terraform.apply()
    after_another = found(api, identifier, "returns")
    in_it = files_in(api, identifier)
    terraform.write(handbook(api, "Returns within 60 days.")).apply()
    state = terraform.state()

    [problem] = failed.value.errors
    assert f"- {file_id} (handbook.pdf): " in problem.detail
    assert "The vector store keeps its old files" in failed.value.output
    assert again.value.errors[0].detail == problem.detail
    assert after_failure == after_another == ["Returns within 30 days."]
    assert len(in_it) == 2
    assert found(api, identifier, "returns") == ["Returns within 60 days."]
    assert state[ADDRESS]["id"] == identifier
    assert files_in(api, identifier) == state[ADDRESS]["file_ids"] == [state["openai_file.handbook"]["id"]]
    assert state[ADDRESS]["file_counts"]["total"] == 1
    assert terraform.plan().actions == {}


def test_a_file_that_failed_and_is_configured_no_more_is_taken_out(
    terraform: TerraformProject, api: ServedApi
) -> None:
    good = handbook(api, "Returns within 30 days.")
    terraform.write(good).apply()
    identifier = terraform.state()[ADDRESS]["id"]
    both = handbook(api, "Returns within 30 days.")
    both["resource"]["openai_file"]["image"] = {"filename": "image.pdf", "content": "no PDF"}
    both["resource"]["openai_vector_store"]["it"]["file_ids"].append("${openai_file.image.id}")
    with pytest.raises(TerraformError):
        terraform.write(both).apply()
    both["resource"]["openai_vector_store"] = good["resource"]["openai_vector_store"]

    said = terraform.write(both).apply()

    assert said.actions == {ADDRESS: "update"}
    assert files_in(api, identifier) == terraform.state()[ADDRESS]["file_ids"]
    assert terraform.plan().actions == {}


@pytest.mark.parametrize("wait", [True, False])
def test_an_old_file_is_removed_once_the_new_one_is_in(
    terraform: TerraformProject, api: ServedApi, *, wait: bool
) -> None:
    terraform.write(handbook(api, "Returns within 30 days.", wait_for_indexing=wait)).apply()
    since = len(api.seen)

    terraform.write(handbook(api, "Returns within 60 days.", wait_for_indexing=wait)).apply()

    assert writes(api, since) == ["POST file_batches", "DELETE files"]
    assert terraform.plan().actions == {}


def test_an_apply_that_ran_out_of_time_is_gone_on_with(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(handbook(api, "Returns within 30 days.")).apply()
    identifier = terraform.state()[ADDRESS]["id"]
    busy = api.database.ask(lambda client: client.vector_stores.retrieve(identifier)).model_copy(
        update={"status": "in_progress"}
    )
    busy.file_counts.in_progress, busy.file_counts.completed = 2, 0
    changed = handbook(api, "Returns within 60 days.", timeout=1)

    terraform.write(changed).plan()
    api.fail("GET", f"/vector_stores/{identifier}", Fault(status=200, body=busy.model_dump_json()))
    with pytest.raises(TerraformError) as failed:
        terraform.apply_plan()
    in_it = files_in(api, identifier)
    api.heal()
    said = terraform.apply()

    [problem] = failed.value.errors
    assert problem.summary == "The files are not indexed in time"
    assert len(in_it) == 2
    assert said.actions[ADDRESS] == "update"
    assert files_in(api, identifier) == [terraform.state()["openai_file.handbook"]["id"]]
    assert terraform.plan().actions == {}
