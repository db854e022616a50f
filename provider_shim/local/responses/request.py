"""The body of ``POST /responses``: what it may hold, and what OpenAI answers where it says nothing."""

from typing import Any, Final

from starlette.requests import Request

from provider_shim.local.errors import invalid, not_served
from provider_shim.local.items import INCLUDABLE
from provider_shim.local.requests import json_body
from provider_shim.local.shapes import (
    anything,
    array,
    boolean,
    choice,
    either,
    integer,
    mapping,
    metadata,
    nullable,
    number,
    one_of,
    record,
    string,
    tagged,
)
from provider_shim.local.tools import tool_choice, tools

INPUT_ITEMS: Final = 2_000
"""Items in one input, at most."""

_text = string()
_depth = choice("auto", "concise", "detailed")
_named = tagged(
    {
        "text": record({}, {"type": _text}),
        "json_object": record({}, {"type": _text}),
        "json_schema": record(
            {"name": _text, "schema": mapping()},
            {"type": _text, "description": nullable(_text), "strict": nullable(boolean)},
        ),
    }
)
_prompt = record({"id": _text}, {"variables": nullable(mapping()), "version": nullable(_text)})
_moderation_mode = nullable(record({"mode": choice("score", "block")}))
_bounded = {"mode": choice("implicit", "explicit"), "ttl": choice("30m", "12h")}

_create = record(
    {},
    {
        "access_programs": nullable(record({}, {"cyber": _text})),
        "background": nullable(boolean),
        "background_options": nullable(
            record({}, {"completion_window": choice("soonest", "2h", "8h"), "continuation_id": _text})
        ),
        "context_management": nullable(
            array(record({"type": _text}, {"compact_threshold": nullable(integer(1000))}))
        ),
        "conversation": nullable(
            one_of("a string or an object", (str, _text), (dict, record({"id": _text})))
        ),
        "image": mapping(),
        "include": nullable(array(choice(*INCLUDABLE))),
        "input": either(text=_text, parts=array(anything, most=INPUT_ITEMS)),
        "instructions": nullable(_text),
        "max_output_tokens": nullable(integer(16)),
        "max_tool_calls": nullable(integer(0)),
        "metadata": metadata,
        "model": string(least=1),
        "moderation": nullable(
            record(
                {"model": _text},
                {"policy": nullable(record({}, {"input": _moderation_mode, "output": _moderation_mode}))},
            )
        ),
        "parallel_tool_calls": nullable(boolean),
        "previous_response_id": nullable(_text),
        "prompt": nullable(_prompt),
        "prompt_cache_key": nullable(_text),
        "prompt_cache_options": record({}, {**_bounded, "comparison_response_id": _text}),
        "prompt_cache_retention": nullable(choice("in_memory", "24h")),
        "reasoning": nullable(
            record(
                {},
                {
                    "context": nullable(choice("auto", "current_turn", "all_turns")),
                    "effort": nullable(choice("none", "minimal", "low", "medium", "high", "xhigh", "max")),
                    "generate_summary": nullable(_depth),
                    "mode": nullable(_text),
                    "summary": nullable(_depth),
                },
            )
        ),
        "safety_identifier": nullable(string(most=64)),
        "service_tier": nullable(choice("auto", "default", "flex", "scale", "priority", "fast", "ultrafast")),
        "store": nullable(boolean),
        "stream": nullable(boolean),
        "stream_options": nullable(record({}, {"include_obfuscation": boolean})),
        "temperature": nullable(number(0, 2)),
        "text": nullable(
            record({}, {"format": _named, "verbosity": nullable(choice("low", "medium", "high"))})
        ),
        "tool_choice": tool_choice,
        "tools": tools,
        "top_logprobs": nullable(integer(0, 20)),
        "top_p": nullable(number(0, 1)),
        "truncation": nullable(choice("auto", "disabled")),
        "user": _text,
    },
)


async def create_body(request: Request, default_model: str) -> dict[str, Any]:
    """Return the checked body, with a model and a conversation that is an id or None."""
    body = await json_body(request, _create)
    if body.get("prompt") is not None:
        raise not_served("A stored prompt (prompt)")
    conversation = body.get("conversation")
    if isinstance(conversation, dict):
        body["conversation"] = conversation["id"]
    if body.get("conversation") is not None and body.get("previous_response_id") is not None:
        raise invalid(
            "Mutually exclusive parameters: 'previous_response_id' and 'conversation'. Give one of them.",
            "previous_response_id",
            "mutually_exclusive_parameters",
        )
    if body.get("background") and body.get("store") is False:
        raise invalid(
            "Invalid 'background': a background response has to be stored, and 'store' is false.",
            "background",
            "invalid_value",
        )
    if "input" not in body and body.get("conversation") is None and body.get("previous_response_id") is None:
        raise invalid(
            "One of 'input', 'previous_response_id' or 'conversation' must be provided.",
            "input",
            "missing_required_parameter",
        )
    body.setdefault("model", default_model)
    return body


def shown(response_id: str, created_at: int, body: dict[str, Any]) -> dict[str, Any]:
    """Return the response object as it stands before anything is answered."""
    text = body.get("text") or {}
    conversation = body.get("conversation")
    return {
        "id": response_id,
        "object": "response",
        "created_at": created_at,
        "status": "in_progress",
        "background": bool(body.get("background")),
        "completed_at": None,
        "conversation": None if conversation is None else {"id": conversation},
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "max_tool_calls": body.get("max_tool_calls"),
        "model": body["model"],
        "output": [],
        "parallel_tool_calls": body.get("parallel_tool_calls") is not False,
        "previous_response_id": body.get("previous_response_id"),
        "prompt_cache_key": body.get("prompt_cache_key"),
        "reasoning": body.get("reasoning") or {"effort": None, "summary": None},
        "safety_identifier": body.get("safety_identifier"),
        "service_tier": "default",
        "store": body.get("store") is not False,
        "temperature": 1 if body.get("temperature") is None else body["temperature"],
        "text": {**text, "format": text.get("format") or {"type": "text"}},
        "tool_choice": body.get("tool_choice", "auto"),
        "tools": body.get("tools") or [],
        "top_logprobs": body.get("top_logprobs") or 0,
        "top_p": 1 if body.get("top_p") is None else body["top_p"],
        "truncation": body.get("truncation") or "disabled",
        "metadata": body.get("metadata") or {},
    }
