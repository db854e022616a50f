"""openai_vector_store: files come and go in place, and are waited for until they are indexed."""

from typing import Any

import pytest
from openai import NotFoundError

from tests.support.faulty import Fault
from tests.support.served import ServedApi
from tests.support.stores import ADDRESS, files_in, store
from tests.support.terraform import TerraformError, TerraformProject


def posts(api: ServedApi, end: str) -> int:
    return sum(each.method == "POST" and each.path.split("?")[0].endswith(end) for each in api.seen)


def test_files_are_indexed_in_one_call_and_a_second_plan_is_empty(
    terraform: TerraformProject, api: ServedApi
) -> None:
    config = {
        "name": "documentation",
        "description": "What we know",
        "metadata": {"team": "docs"},
        "expires_after": {"days": 7},
        "chunking_strategy": {
            "type": "static",
            "static": {"max_chunk_size_tokens": 200, "chunk_overlap_tokens": 100},
        },
    }
    terraform.write(store(api, 3, **config)).apply()
    state = terraform.state()[ADDRESS]
    again = terraform.plan()

    assert files_in(api, state["id"]) == sorted(state["file_ids"])
    assert state["status"] == "completed"
    assert state["file_counts"] == {
        "in_progress": 0,
        "completed": 3,
        "failed": 0,
        "cancelled": 0,
        "total": 3,
    }
    assert state["expires_after"] == {"anchor": "last_active_at", "days": 7}
    assert posts(api, "/file_batches") == 1
    assert posts(api, "/vector_stores") == 1
    assert (again.actions, again.drift) == ({}, {})


def test_files_and_settings_change_in_place(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(store(api, 2, name="one", metadata={"a": "1", "b": "2"})).apply()
    before = terraform.state()[ADDRESS]
    calls = posts(api, "/file_batches")

    more = terraform.write(store(api, 3, name="two", metadata={"a": "3"}, expires_after={"days": 3})).apply()
    with_three = terraform.state()[ADDRESS]
    indexed = files_in(api, before["id"])
    fewer = terraform.write(store(api, 1)).apply()
    with_one = terraform.state()[ADDRESS]
    again = terraform.plan()
    at_the_api = api.database.ask(lambda client: client.vector_stores.retrieve(before["id"]))

    assert (more.actions, fewer.actions) == ({ADDRESS: "update"}, {ADDRESS: "update"})
    assert indexed == sorted(with_three["file_ids"])
    assert with_three["metadata"] == {"a": "3"}
    assert with_three["id"] == with_one["id"] == before["id"]
    assert files_in(api, before["id"]) == with_one["file_ids"]
    assert (at_the_api.metadata, at_the_api.expires_after) == ({}, None)
    assert posts(api, "/file_batches") == calls + 1
    assert again.actions == {}


def test_description_and_chunking_make_a_new_store(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(store(api, 1)).apply()

    changes: list[dict[str, Any]] = [{"description": "other"}, {"chunking_strategy": {"type": "auto"}}]
    paths = []
    for change in changes:
        terraform.write(store(api, 1, **change)).plan()
        [planned] = [each for each in terraform.planned()["resource_changes"] if each["address"] == ADDRESS]
        paths.append(planned["change"].get("replace_paths"))

    assert paths == [[["description"]], [["chunking_strategy"]]]


def test_files_of_others_are_no_drift_and_a_lost_file_comes_back(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(store(api, 2)).apply()
    state = terraform.state()
    identifier, other = state[ADDRESS]["id"], state["openai_file.doc[2]"]["id"]

    async def add(client: Any) -> None:
        await client.vector_stores.files.create_and_poll(other, vector_store_id=identifier)

    async def remove(client: Any) -> None:
        await client.vector_stores.files.delete(state[ADDRESS]["file_ids"][0], vector_store_id=identifier)

    api.database.ask(add)
    with_another = terraform.plan()
    api.database.ask(remove)
    without_ours = terraform.apply()

    assert with_another.actions == {}
    assert without_ours.actions == {ADDRESS: "update"}
    assert files_in(api, identifier) == sorted([*state[ADDRESS]["file_ids"], other])


def test_a_changed_name_is_drift_and_set_back(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(store(api, name="documentation")).apply()
    identifier = terraform.state()[ADDRESS]["id"]
    api.database.ask(lambda client: client.vector_stores.update(identifier, name="other"))

    said = terraform.apply()

    assert said.actions == {ADDRESS: "update"}
    assert api.database.ask(lambda client: client.vector_stores.retrieve(identifier)).name == "documentation"


def test_a_deleted_store_is_planned_anew_and_destroyed_without_an_error(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(store(api)).apply()
    identifier = terraform.state()[ADDRESS]["id"]
    api.database.ask(lambda client: client.vector_stores.delete(identifier))

    assert terraform.plan().actions == {ADDRESS: "create"}
    assert terraform.destroy("-refresh=false").actions[ADDRESS] == "delete"


def test_deleting_a_store_leaves_its_files_alone(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(store(api, 2)).apply()
    state = terraform.state()

    terraform.run("destroy", "-auto-approve", f"-target={ADDRESS}")

    async def names(client: Any) -> list[str]:
        return sorted([each.filename async for each in client.files.list()])

    assert api.database.ask(names) == ["doc0.md", "doc1.md", "doc2.md"]
    with pytest.raises(NotFoundError):
        api.database.ask(lambda client: client.vector_stores.retrieve(state[ADDRESS]["id"]))


def test_an_import_gives_the_state_that_a_create_gave_and_an_empty_plan(
    terraform: TerraformProject, api: ServedApi
) -> None:
    config = {"name": "documentation", "metadata": {"a": "1"}, "expires_after": {"days": 7}}
    terraform.write(store(api, 2, **config)).apply()
    created = terraform.state()[ADDRESS]
    terraform.run("state", "rm", ADDRESS)

    terraform.run("import", ADDRESS, created["id"])
    imported = terraform.state()[ADDRESS]

    assert imported == created
    assert terraform.plan().actions == {}


def test_an_imported_store_is_not_made_anew_for_what_the_api_does_not_tell(
    terraform: TerraformProject, api: ServedApi
) -> None:
    configuration = store(api, 1, description="What we know", chunking_strategy={"type": "auto"})
    terraform.write(configuration).apply()
    created = terraform.state()[ADDRESS]
    terraform.run("state", "rm", ADDRESS)

    terraform.run("import", ADDRESS, created["id"])
    said = terraform.apply()

    assert said.actions == {ADDRESS: "update"}
    assert terraform.state()[ADDRESS] == created


def test_a_file_that_can_not_be_indexed_is_named_with_its_reason_and_tried_again(
    terraform: TerraformProject, api: ServedApi
) -> None:
    configuration = store(api, 1)
    terraform.write(configuration).apply()
    configuration["resource"]["openai_file"]["image"] = {"filename": "image.pdf", "content": "no PDF"}
    configuration["resource"]["openai_vector_store"]["it"]["file_ids"].append("${openai_file.image.id}")

    with pytest.raises(TerraformError) as failed:
        terraform.write(configuration).apply()
    state = terraform.state()
    again = terraform.plan()

    [problem] = failed.value.errors
    assert problem.summary == "1 of 2 files could not be indexed"
    assert f"- {state['openai_file.image']['id']} (image.pdf): " in problem.detail
    assert state[ADDRESS]["file_ids"] == [state["openai_file.doc[0]"]["id"]]
    assert again.actions == {ADDRESS: "update"}


def test_a_new_store_that_does_not_get_ready_is_kept_in_the_state_and_replaced(
    terraform: TerraformProject, api: ServedApi
) -> None:
    configuration = store(api, 1)
    document = configuration["resource"]["openai_file"]["doc"]
    document |= {"count": 1, "filename": "doc.pdf", "content": "no PDF"}
    with pytest.raises(TerraformError) as failed:
        terraform.write(configuration).apply()
    identifier = terraform.state()[ADDRESS]["id"]

    document |= {"filename": "doc.md"}
    said = terraform.write(configuration).apply()
    again = terraform.plan()

    async def ids(client: Any) -> list[str]:
        return [each.id async for each in client.vector_stores.list()]

    [problem] = failed.value.errors
    assert problem.summary == "1 of 1 files could not be indexed"
    assert f"Terraform marks {identifier} as tainted" in failed.value.output
    assert said.actions[ADDRESS] == "replace"
    assert api.database.ask(ids) == [terraform.state()[ADDRESS]["id"]]
    assert again.actions == {}


def test_waiting_is_bounded(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(store(api)).apply()
    identifier = terraform.state()[ADDRESS]["id"]
    busy = api.database.ask(lambda client: client.vector_stores.retrieve(identifier)).model_copy(
        update={"status": "in_progress"}
    )
    busy.file_counts.in_progress = busy.file_counts.total = 12
    busy.file_counts.completed = 0

    terraform.environment["TF_LOG_PROVIDER"] = "INFO"
    terraform.write(store(api, 1, timeout=1)).plan()
    api.fail("GET", f"/vector_stores/{identifier}", Fault(status=200, body=busy.model_dump_json()))
    with pytest.raises(TerraformError) as failed:
        terraform.apply_plan()

    [problem] = failed.value.errors
    assert problem.summary == "The files are not indexed in time"
    assert f"{identifier}: 0/12 files indexed" in failed.value.output
    assert problem.detail.startswith(f"0/12 files indexed in {identifier} after 1 s; the API goes on.")


def test_an_expired_store_is_an_end_and_is_replaced(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(store(api)).apply()
    identifier = terraform.state()[ADDRESS]["id"]
    expired = api.database.ask(lambda client: client.vector_stores.retrieve(identifier)).model_copy(
        update={"status": "expired"}
    )
    expired.file_counts.in_progress = expired.file_counts.total = 1

    terraform.write(store(api, 1)).plan()
    api.fail("GET", f"/vector_stores/{identifier}", Fault(status=200, body=expired.model_dump_json()))
    with pytest.raises(TerraformError) as failed:
        terraform.apply_plan()
    again = terraform.plan()

    [problem] = failed.value.errors
    assert problem.summary == "The vector store has expired"
    assert again.actions == {ADDRESS: "replace"}


def test_without_waiting_nothing_is_waited_for(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(store(api, 3, wait_for_indexing=False)).apply()

    assert len(files_in(api, terraform.state()[ADDRESS]["id"])) == 3
    assert terraform.plan().actions == {}


def test_chunks_that_overlap_too_much_are_an_error_of_the_plan(
    terraform: TerraformProject, api: ServedApi
) -> None:
    static = {"max_chunk_size_tokens": 200, "chunk_overlap_tokens": 101}
    with pytest.raises(TerraformError) as failed:
        terraform.write(store(api, chunking_strategy={"type": "static", "static": static})).plan()

    [problem] = failed.value.errors
    assert problem.detail == (
        "chunking_strategy.static.chunk_overlap_tokens is 101. Allowed: at most half of "
        "max_chunk_size_tokens, which is 200."
    )


def test_an_edited_document_is_indexed_anew_in_the_same_store(
    terraform: TerraformProject, api: ServedApi
) -> None:
    configuration = store(api, 2)
    terraform.write(configuration).apply()
    identifier = terraform.state()[ADDRESS]["id"]

    configuration["resource"]["openai_file"]["doc"]["content"] = "Edited: ${count.index}"
    said = terraform.write(configuration).apply()
    state = terraform.state()[ADDRESS]
    again = terraform.plan()

    assert said.actions[ADDRESS] == "update"
    assert state["id"] == identifier
    assert files_in(api, identifier) == sorted(state["file_ids"])
    assert again.actions == {}
