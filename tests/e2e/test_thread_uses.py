"""What a deployed thread is for: responses on it, and other servers' URL shapes."""

import json
from typing import Any

import pytest
from openai import InternalServerError, OpenAI

from tests.support.openapi import validate_request
from tests.support.served import ServedApi
from tests.support.terraform import TerraformProject
from tests.support.threads import ADDRESS, ONE, TWO, message, thread


def test_response_tools_and_the_id_are_what_responses_create_takes(
    terraform: TerraformProject, api: ServedApi
) -> None:
    resources = {
        "code_interpreter": {"file_ids": ["file-1", "file-2"]},
        "file_search": {"vector_store_ids": ["vs_1"]},
    }
    tools = ["code_interpreter", "file_search"]
    terraform.write(thread(api, tools=tools, tool_resources=resources, messages=[ONE])).apply()
    state = terraform.state()[ADDRESS]

    with OpenAI(api_key="none", base_url=api.base_url, max_retries=0) as client:
        tools_of_the_thread = json.loads(state["response_tools"])
        with pytest.raises(InternalServerError, match="not served by the embedded API"):  # it runs no model
            client.responses.create(
                model="gpt-5", input="Go on", conversation=state["id"], tools=tools_of_the_thread
            )
    request: dict[str, Any] = json.loads(api.seen[-1].body)

    assert request["conversation"] == state["id"]
    assert request["tools"] == [
        {"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["file-1", "file-2"]}},
        {"type": "file_search", "vector_store_ids": ["vs_1"]},
    ]
    validate_request("POST", "/responses", request)


def test_a_thread_lives_at_azure_ai_foundrys_urls(terraform: TerraformProject, api: ServedApi) -> None:
    api.prefix = "/api/projects/p1"
    provider = {
        "base_url": api.base_url.replace("/v1", api.prefix),
        "api": "threads",
        "query": {"api-version": "v1"},
        "headers": {"Authorization": "Bearer an-entra-token"},
    }
    configuration = thread(api, metadata={"a": "1"}, messages=[message("one", metadata={"topic": "x"}), TWO])
    configuration["provider"]["openai"] = provider

    terraform.write(configuration).apply()
    again = terraform.plan()
    terraform.destroy()

    assert again.actions == {}
    assert all(each.path.startswith("/api/projects/p1/threads") for each in api.seen)
    assert all("api-version=v1" in each.path for each in api.seen)
    assert {each.headers["authorization"] for each in api.seen} == {"Bearer an-entra-token"}


def test_a_thread_keeps_what_the_threads_api_can_keep(terraform: TerraformProject, api: ServedApi) -> None:
    config: dict[str, Any] = {
        "metadata": {"a": "1"},
        "tool_resources": {"code_interpreter": {"file_ids": ["file-1"]}},
        "messages": [
            message("one", metadata={"topic": "x"}),
            message("two", attachments=[{"file_id": "file-1", "tools": ["file_search"]}]),
            message("three", file_ids=["file-2"]),
        ],
    }

    terraform.write(thread(api, "threads", **config)).apply()
    created = terraform.state()[ADDRESS]
    terraform.run("state", "rm", ADDRESS)
    terraform.run("import", ADDRESS, created["id"])
    imported = terraform.state()[ADDRESS]

    assert imported["tool_resources"]["code_interpreter"] == {"file_ids": ["file-1"]}
    assert imported["messages"][0]["metadata"] == {"topic": "x"}
    assert [each["file_id"] for each in imported["messages"][1]["attachments"]] == ["file-1"]
    assert [each["file_id"] for each in imported["messages"][2]["attachments"]] == ["file-2"]
    assert terraform.plan().actions in ({}, {ADDRESS: "update"})
