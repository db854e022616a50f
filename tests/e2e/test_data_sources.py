"""The data sources: what is managed elsewhere, read by the real Terraform."""

from typing import Any

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
