"""The items that OpenAI's own tools leave in a conversation, as they are sent and as they are kept.

They are kept here without the tool that makes them: an application that moves a conversation brings
them along, and a script may answer with them.
"""

from collections.abc import Mapping
from typing import Any, Final

from provider_shim.local.shapes import (
    Check,
    anything,
    array,
    attributes,
    boolean,
    choice,
    integer,
    mapping,
    nullable,
    number,
    record,
    string,
    tagged,
    url,
)
from provider_shim.local.tools import CONTAINER_REFERENCE, LOCAL_ENVIRONMENT, tools

_text = string()
_short = string(least=1, most=64)
_whole = integer()
_shape = {"type": _text}
_status = choice("in_progress", "completed", "incomplete")
_keys = {"keys": nullable(array(_text))}
CALLER: Final = nullable(
    tagged({"direct": record({}, _shape), "program": record({"caller_id": _short}, _shape)}),
)
_point = {"x": _whole, "y": _whole}

_computer_action = tagged(
    {
        "click": record(
            {"button": choice("left", "right", "wheel", "back", "forward"), **_point}, {**_shape, **_keys}
        ),
        "double_click": record({**_point, **_keys}, _shape),
        "drag": record({"path": array(record(_point))}, {**_shape, **_keys}),
        "keypress": record({"keys": array(_text)}, _shape),
        "move": record(_point, {**_shape, **_keys}),
        "screenshot": record({}, _shape),
        "scroll": record({"scroll_x": _whole, "scroll_y": _whole, **_point}, {**_shape, **_keys}),
        "type": record({"text": _text}, _shape),
        "wait": record({}, _shape),
    }
)
_safety_check = record({"id": _text}, {"code": nullable(_text), "message": nullable(_text)})
_web_action = tagged(
    {
        "search": record(
            {},
            {
                **_shape,
                "query": _text,
                "queries": array(_text),
                "sources": array(record({"type": choice("url"), "url": url})),
            },
        ),
        "open_page": record({}, {**_shape, "url": nullable(url)}),
        "find_in_page": record({"pattern": _text, "url": url}, _shape),
    }
)
_found = record(
    {},
    {
        "file_id": _text,
        "filename": _text,
        "text": _text,
        "score": number(),
        "attributes": attributes,
    },
)
_mcp_error = tagged(
    {
        "mcp_protocol_error": record({"code": _whole, "message": _text}, _shape),
        "mcp_tool_execution_error": record({"content": anything}, _shape),
        "http_error": record({"code": _whole, "message": _text}, _shape),
    }
)
_mcp_tool = record(
    {"name": _text, "input_schema": mapping()},
    {"description": nullable(_text), "annotations": nullable(mapping())},
)
_operation = tagged(
    {
        "create_file": record({"path": string(least=1), "diff": _text}, _shape),
        "delete_file": record({"path": string(least=1)}, _shape),
        "update_file": record({"path": string(least=1), "diff": _text}, _shape),
    }
)
_shell_output = record(
    {
        "stdout": _text,
        "stderr": _text,
        "outcome": tagged(
            {"timeout": record({}, _shape), "exit": record({"exit_code": _whole}, _shape)},
        ),
    }
)
_image_error = record(
    {"message": _text, "type": _text},
    {
        "code": nullable(_text),
        "param": nullable(_text),
        "moderation_details": nullable(mapping()),
    },
)
_shell_action = record(
    {"commands": array(_text)},
    {"max_output_length": nullable(_whole), "timeout_ms": nullable(_whole)},
)


def _local_action(value: object, where: str) -> dict[str, Any]:
    checked: dict[str, Any] = record(
        {"type": choice("exec"), "command": array(_text), "env": mapping(_text)},
        {"timeout_ms": nullable(_whole), "user": nullable(_text), "working_directory": nullable(_text)},
    )(value, where)
    return checked


def _commands(value: object, where: str) -> dict[str, Any]:
    return {"max_output_length": None, "timeout_ms": None, **_shell_action(value, where)}


def _item(
    required: Mapping[str, Check],
    optional: Mapping[str, Check] | None = None,
    filled: Mapping[str, object] | None = None,
) -> Check:
    """Check an item; what is null and not among `filled`, the members always answered, is left out."""
    check = record(required, {"type": _text, "id": nullable(_text), **(optional or {})})
    always = dict(filled or {})

    def checked(value: object, where: str) -> dict[str, Any]:
        kept: dict[str, Any] = check(value, where)
        present = {name: one for name, one in kept.items() if one is not None or name in required}
        return {**always, **present}

    return checked


def _computer_output(value: object, where: str) -> dict[str, Any]:
    kept: dict[str, Any] = _item(
        {
            "call_id": _short,
            "output": record({"type": choice("computer_screenshot")}, {"file_id": _text, "image_url": url}),
        },
        {"acknowledged_safety_checks": nullable(array(_safety_check)), "status": nullable(_status)},
        {"status": "completed"},
    )(value, where)
    # Sent it may be in progress; kept it is not.
    return {**kept, "status": "incomplete" if kept["status"] == "in_progress" else kept["status"]}


_COMPLETED: Final = {"status": "completed"}
_SEARCHED: Final = {"call_id": None, "execution": "server", **_COMPLETED}
_searched = {
    "call_id": nullable(_short),
    "execution": choice("server", "client"),
    "status": nullable(_status),
}

HOSTED_KINDS: Final[dict[str, tuple[str, Check]]] = {
    "file_search_call": (
        "fs_",
        _item(
            {
                "queries": array(_text),
                "status": choice("in_progress", "searching", "completed", "incomplete", "failed"),
            },
            {"results": nullable(array(_found))},
            {"results": None},
        ),
    ),
    "web_search_call": (
        "ws_",
        _item(
            {
                "action": _web_action,
                "status": choice("in_progress", "searching", "completed", "failed", "incomplete"),
            }
        ),
    ),
    "image_generation_call": (
        "ig_",
        _item(
            {
                "result": nullable(_text),
                "status": choice("in_progress", "completed", "generating", "failed"),
            },
            {
                "action": nullable(choice("generate", "edit", "auto")),
                "background": nullable(_text),
                "error": nullable(_image_error),
                "output_format": nullable(_text),
                "quality": nullable(_text),
                "revised_prompt": nullable(_text),
                "size": nullable(_text),
                "svg_usage": nullable(mapping()),
            },
        ),
    ),
    "code_interpreter_call": (
        "ci_",
        _item(
            {
                "container_id": _text,
                "code": nullable(_text),
                "outputs": nullable(
                    array(
                        tagged(
                            {"logs": record({"logs": _text}, _shape), "image": record({"url": url}, _shape)}
                        )
                    )
                ),
                "status": choice("in_progress", "completed", "incomplete", "interpreting", "failed"),
            }
        ),
    ),
    "computer_call": (
        "cu_",
        _item(
            {"call_id": _text, "pending_safety_checks": array(_safety_check), "status": _status},
            {"action": _computer_action, "actions": array(_computer_action)},
        ),
    ),
    "computer_call_output": ("cuo_", _computer_output),
    "local_shell_call": (
        "lsh_",
        _item({"call_id": _text, "action": _local_action, "status": _status}),
    ),
    "local_shell_call_output": (
        "lsho_",
        _item({"output": _text}, {"status": nullable(_status)}),
    ),
    "shell_call": (
        "sh_",
        _item(
            {"call_id": _short, "action": _commands},
            {
                "caller": CALLER,
                "environment": nullable(
                    tagged({"local": LOCAL_ENVIRONMENT, "container_reference": CONTAINER_REFERENCE})
                ),
                "status": nullable(_status),
            },
            {"environment": None, **_COMPLETED},
        ),
    ),
    "shell_call_output": (
        "sho_",
        _item(
            {"call_id": _short, "output": array(_shell_output)},
            {"caller": CALLER, "max_output_length": nullable(_whole), "status": nullable(_status)},
            {"max_output_length": None, **_COMPLETED},
        ),
    ),
    "apply_patch_call": (
        "apc_",
        _item(
            {"call_id": _short, "operation": _operation, "status": choice("in_progress", "completed")},
            {"caller": CALLER},
        ),
    ),
    "apply_patch_call_output": (
        "apco_",
        _item(
            {"call_id": _short, "status": choice("completed", "failed")},
            {"caller": CALLER, "output": nullable(_text)},
        ),
    ),
    "mcp_list_tools": (
        "mcpl_",
        _item({"server_label": _text, "tools": array(_mcp_tool)}, {"error": nullable(_text)}),
    ),
    "mcp_approval_request": (
        "mcpr_",
        _item({"server_label": _text, "name": _text, "arguments": _text}),
    ),
    "mcp_approval_response": (
        "mcpa_",
        _item({"approval_request_id": _text, "approve": boolean}, {"reason": nullable(_text)}),
    ),
    "mcp_call": (
        "mcp_",
        _item(
            {"server_label": _text, "name": _text, "arguments": _text},
            {
                "output": nullable(_text),
                "error": nullable(_mcp_error),
                "approval_request_id": nullable(_text),
                "status": choice("in_progress", "completed", "incomplete", "calling", "failed"),
            },
        ),
    ),
    "tool_search_call": ("tsc_", _item({"arguments": mapping()}, _searched, _SEARCHED)),
    "tool_search_output": ("tso_", _item({"tools": tools}, _searched, _SEARCHED)),
    "additional_tools": ("at_", _item({"role": choice("developer"), "tools": tools})),
    "compaction": ("cmp_", _item({"encrypted_content": _text})),
    "program": ("prog_", _item({"call_id": _text, "code": _text, "fingerprint": _text})),
    "program_output": (
        "progo_",
        _item({"call_id": _text, "result": _text, "status": choice("completed", "incomplete")}),
    ),
}
"""By type: the prefix of the item's id, and what makes the item as it is kept from the one sent."""
