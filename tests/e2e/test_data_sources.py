"""The data sources: what is managed elsewhere, read by the real Terraform."""

from typing import Any
from unittest.mock import ANY

import pytest

from tests.support.served import ServedApi
from tests.support.terraform import TerraformError, TerraformProject


def data(api: ServedApi, **sources: Any) -> dict[str, Any]:
    """Return a configuration that reads each source as ``it`` and gives it out."""
    return {
        "provider": {"openai": {"base_url": api.base_url}},
        "data": {name: {"it": config} for name, config in sources.items()},
        "output": {name: {"value": f"${{data.{name}.it}}"} for name in sources},
    }


def test_everything_is_read_by_its_id(terraform: TerraformProject, api: ServedApi) -> None:
    async def made(client: Any) -> tuple[Any, Any, Any]:
        thread = await client.conversations.create(metadata={"a": "1"})
        file = await client.files.create(file=("facts.md", b"facts"), purpose="user_data")
        store = await client.vector_stores.create(name="documentation", metadata={"b": "2"})
        await client.vector_stores.files.create_and_poll(file.id, vector_store_id=store.id)
        return thread, file, store

    thread, file, store = api.database.ask(made)
    sources = {
        "openai_thread": {"id": thread.id},
        "openai_file": {"id": file.id},
        "openai_vector_store": {"id": store.id},
    }
    terraform.write(data(api, **sources)).apply()

    assert terraform.outputs() == {
        "openai_thread": {
            "id": thread.id,
            "metadata": {"a": "1"},
            "created_at": thread.created_at,
            "api": "conversations",
        },
        "openai_file": {
            "id": file.id,
            "filename": "facts.md",
            "bytes": 5,
            "purpose": "user_data",
            "created_at": file.created_at,
            "expires_at": None,
            "status": "processed",
        },
        "openai_vector_store": {
            "id": store.id,
            "name": "documentation",
            "metadata": {"b": "2"},
            "created_at": store.created_at,
            "status": "completed",
            "file_counts": {"in_progress": 0, "completed": 1, "failed": 0, "cancelled": 0, "total": 1},
            "usage_bytes": 5,
            "last_active_at": ANY,
            "expires_at": None,
        },
    }


def test_messages_come_page_by_page_oldest_first(terraform: TerraformProject, api: ServedApi) -> None:
    async def made(client: Any) -> str:
        thread = await client.conversations.create()
        for first in range(0, 240, 20):
            items = [
                {"type": "message", "role": "user", "content": f"message {number}"}
                for number in range(first, first + 20)
            ]
            await client.conversations.items.create(thread.id, items=items)
        return str(thread.id)

    thread_id = api.database.ask(made)
    terraform.write(data(api, openai_thread_messages={"thread_id": thread_id})).apply()
    every = terraform.outputs()["openai_thread_messages"]["messages"]
    pages = sum(each.path.split("?")[0].endswith("/items") for each in api.seen)
    terraform.write(data(api, openai_thread_messages={"thread_id": thread_id, "limit": 3})).apply()
    three = terraform.outputs()["openai_thread_messages"]["messages"]

    assert [each["text"] for each in every] == [f"message {number}" for number in range(240)]
    assert {each["role"] for each in every} == {"user"}
    assert pages == 3
    assert three == every[:3]


NOT_THERE = {
    "openai_thread": ({"id": "conv_nothing"}, "conversations"),
    "openai_thread_messages": ({"thread_id": "conv_nothing"}, "conversations"),
    "openai_file": ({"id": "file-nothing"}, "files"),
    "openai_vector_store": ({"id": "vs_nothing"}, "vector stores"),
    "openai_vector_store_files": ({"vector_store_id": "vs_nothing"}, "vector stores"),
}


def test_what_is_not_there_is_an_error_with_the_id_and_the_api(
    terraform: TerraformProject, api: ServedApi
) -> None:
    with pytest.raises(TerraformError) as failed:
        terraform.write(data(api, **{name: config for name, (config, _) in NOT_THERE.items()})).plan()
    said = {each.address: each.detail for each in failed.value.errors}

    assert set(said) == {f"data.{name}.it" for name in NOT_THERE}
    for name, (config, kind) in NOT_THERE.items():
        [identifier] = config.values()
        assert f'is "{identifier}". There is no such' in said[f"data.{name}.it"]
        assert f"on the {kind} API at {api.base_url}." in said[f"data.{name}.it"]


def test_a_source_of_a_resource_is_read_once_that_exists(terraform: TerraformProject, api: ServedApi) -> None:
    configuration = data(api, openai_thread_messages={"thread_id": "${openai_thread.it.id}"})
    configuration["resource"] = {
        "openai_thread": {"it": {"messages": [{"role": "user", "content": "Hello"}]}}
    }

    terraform.write(configuration).apply()
    messages = terraform.outputs()["openai_thread_messages"]["messages"]
    again = terraform.plan()

    assert [(each["role"], each["text"]) for each in messages] == [("user", "Hello")]
    assert again.actions == {}


def test_files_and_stores_are_listed_and_a_check_says_whether_the_knowledge_answers(
    terraform: TerraformProject, api: ServedApi
) -> None:
    async def made(client: Any) -> tuple[list[str], str]:
        files = [
            (await client.files.create(file=(f"{year}.md", b"Opens at nine"), purpose="assistants")).id
            for year in (2023, 2024, 2025)
        ]
        await client.files.create(file=("other.md", b"x"), purpose="user_data")
        store = await client.vector_stores.create(name="kb")
        for year, file_id in zip((2023, 2024, 2025), files, strict=True):
            await client.vector_stores.files.create_and_poll(
                file_id, vector_store_id=store.id, attributes={"year": year}
            )
        return files, str(store.id)

    files, store_id = api.database.ask(made)
    newer = '${jsonencode({ type = "gte", key = "year", value = 2024 })}'
    configuration = data(
        api,
        openai_files={"purpose": "assistants", "order": "asc", "limit": 2},
        openai_vector_stores={},
        openai_vector_store_files={"vector_store_id": store_id, "filter": "completed"},
        openai_vector_store_search={
            "vector_store_id": store_id,
            "query": "When is it open at nine?",
            "filters": newer,
        },
    )
    configuration["check"] = {
        question: {
            "data": {
                "openai_vector_store_search": {
                    question: {"vector_store_id": store_id, "query": question, "max_num_results": 1}
                }
            },
            "assert": {
                "condition": f"${{length(data.openai_vector_store_search.{question}.passages) > 0}}",
                "error_message": f"Nothing is known of {question}.",
            },
        }
        for question in ("opens", "giraffes")
    }
    said = terraform.write(configuration).apply()
    found = terraform.outputs()

    assert [each["filename"] for each in found["openai_files"]["files"]] == ["2023.md", "2024.md"]
    assert [each["name"] for each in found["openai_vector_stores"]["vector_stores"]] == ["kb"]
    listed = found["openai_vector_store_files"]["files"]
    assert [each["file_id"] for each in listed] == files[::-1]
    assert listed[0]["attributes"] == '{"year":2025}'
    passages = found["openai_vector_store_search"]["passages"]
    assert {each["filename"] for each in passages} == {"2024.md", "2025.md"}
    assert {each["text"] for each in passages} == {"Opens at nine"}
    assert all(0 < each["score"] <= 1 for each in passages)
    assert [each.detail for each in said.warnings] == ["Nothing is known of giraffes."]
