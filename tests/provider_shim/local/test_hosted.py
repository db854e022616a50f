"""Items that OpenAI's own tools leave: each kind is kept by a conversation as the document has it."""

from typing import Any

import openai
import pytest

from provider_shim.local.hosted import HOSTED_KINDS

SENT: list[dict[str, Any]] = [
    {
        "type": "file_search_call",
        "id": "fs_1",
        "status": "completed",
        "queries": ["a"],
        "results": [{"file_id": "f", "text": "t", "score": 0.5, "filename": "n", "attributes": {"a": 1}}],
    },
    {
        "type": "web_search_call",
        "id": "ws_1",
        "status": "completed",
        "action": {
            "type": "search",
            "query": "a",
            "sources": [{"type": "url", "url": "https://example.com"}],
        },
    },
    {
        "type": "web_search_call",
        "id": "ws_2",
        "status": "completed",
        "action": {"type": "open_page", "url": "https://example.com"},
    },
    {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": "aGk="},
    {
        "type": "code_interpreter_call",
        "id": "ci_1",
        "status": "completed",
        "container_id": "c",
        "code": None,
        "outputs": [{"type": "logs", "logs": "1"}],
    },
    {
        "type": "computer_call",
        "id": "cu_1",
        "status": "completed",
        "call_id": "c",
        "pending_safety_checks": [],
        "action": {"type": "click", "button": "left", "x": 1, "y": 2},
    },
    {
        "type": "computer_call_output",
        "call_id": "c",
        "output": {"type": "computer_screenshot", "file_id": "f"},
        "status": "in_progress",
    },
    {
        "type": "local_shell_call",
        "id": "l",
        "call_id": "c",
        "status": "completed",
        "action": {"type": "exec", "command": ["ls"], "env": {}},
    },
    {"type": "local_shell_call_output", "id": "l", "output": "a", "status": None},
    {"type": "shell_call", "call_id": "c", "action": {"commands": ["ls"]}},
    {
        "type": "shell_call_output",
        "call_id": "c",
        "output": [{"stdout": "a", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}],
    },
    {
        "type": "apply_patch_call",
        "call_id": "c",
        "status": "completed",
        "operation": {"type": "delete_file", "path": "a"},
    },
    {"type": "apply_patch_call_output", "call_id": "c", "status": "failed", "output": "no"},
    {
        "type": "mcp_list_tools",
        "id": "m",
        "server_label": "s",
        "tools": [{"name": "t", "input_schema": {"type": "object"}}],
    },
    {"type": "mcp_approval_request", "id": "m", "server_label": "s", "name": "t", "arguments": "{}"},
    {"type": "mcp_approval_response", "approval_request_id": "m", "approve": True},
    {
        "type": "mcp_call",
        "id": "m",
        "server_label": "s",
        "name": "t",
        "arguments": "{}",
        "output": "a",
        "error": {"type": "http_error", "code": 500, "message": "no"},
    },
    {"type": "tool_search_call", "arguments": {"q": "a"}},
    {
        "type": "tool_search_output",
        "tools": [{"type": "function", "name": "f", "parameters": None, "strict": None}],
        "execution": "client",
        "call_id": "c",
    },
    {"type": "additional_tools", "role": "developer", "tools": []},
    {"type": "compaction", "encrypted_content": "x"},
    {"type": "program", "id": "p", "call_id": "c", "code": "1", "fingerprint": "f"},
    {"type": "program_output", "id": "p", "call_id": "c", "result": "1", "status": "completed"},
]


def test_there_is_a_sample_of_each_kind() -> None:
    assert {item["type"] for item in SENT} == set(HOSTED_KINDS)


def test_each_kind_is_kept_and_read_back(client: openai.OpenAI) -> None:
    items: Any = SENT
    made = client.conversations.create(items=items[:20])
    client.conversations.items.create(made.id, items=items[20:])

    kept = [item.to_dict() for item in client.conversations.items.list(made.id, order="asc", limit=100)]

    assert [item["type"] for item in kept] == [item["type"] for item in SENT]
    for item, sent in zip(kept, SENT, strict=True):
        for name in set(sent) - {"id", "status", "results"}:
            assert item[name] == sent[name] or isinstance(sent[name], dict | list), name


def test_what_a_search_found_is_answered_where_it_is_asked_for(client: openai.OpenAI) -> None:
    search: Any = SENT[0]
    made = client.conversations.create(items=[search])

    (plain,) = client.conversations.items.list(made.id)
    (included,) = client.conversations.items.list(made.id, include=["file_search_call.results"])

    assert plain.to_dict()["results"] is None
    assert included.to_dict()["results"] == search["results"]


@pytest.mark.parametrize(
    ("item", "param"),
    [
        ({**SENT[1], "action": {"type": "fly"}}, "items[0].action.type"),
        ({**SENT[3], "status": "lost"}, "items[0].status"),
        ({**SENT[11], "operation": {"type": "delete_file"}}, "items[0].operation.path"),
        ({"type": "mcp_call", "name": "t"}, "items[0].server_label"),
        ({**SENT[18], "tools": [{"type": "hammer"}]}, "items[0].tools[0].type"),
    ],
)
def test_a_wrong_member_is_refused_with_its_path(
    client: openai.OpenAI, item: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.post("/conversations", cast_to=object, body={"items": [item]})

    assert refused.value.param == param
