"""What a conversation may hold: from an item as it is sent to the item as it is answered."""

from collections.abc import Callable, Collection
from typing import Any, Final

from provider_shim.local.errors import invalid, not_served
from provider_shim.local.hosted import CALLER, HOSTED_KINDS
from provider_shim.local.shapes import (
    Check,
    anything,
    array,
    at,
    boolean,
    choice,
    either,
    integer,
    named,
    nullable,
    number,
    record,
    string,
    tagged,
    url,
)

INCLUDABLE: Final = (
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
)
"""What a caller may ask to have answered beyond the usual."""

MESSAGE_ROLES: Final = ("user", "assistant", "system", "developer")

_text = string()
_status = choice("in_progress", "completed", "incomplete")
_breakpoint = record({"mode": choice("explicit")})
_shape = {"type": _text}

_input_part = tagged(
    {
        "input_text": record({"text": _text}, {**_shape, "prompt_cache_breakpoint": _breakpoint}),
        "input_image": record(
            {},
            {
                **_shape,
                "image_url": nullable(url),
                "file_id": nullable(_text),
                "detail": nullable(choice("low", "high", "auto", "original")),
                "prompt_cache_breakpoint": _breakpoint,
            },
        ),
        "input_file": record(
            {},
            {
                **_shape,
                "file_id": nullable(_text),
                "filename": _text,
                "file_data": _text,
                "file_url": url,
                "detail": choice("auto", "low", "high"),
                "prompt_cache_breakpoint": _breakpoint,
            },
        ),
    }
)
_whole = integer()
_annotation = tagged(
    {
        "file_citation": record({"file_id": _text, "index": _whole, "filename": _text}, _shape),
        "url_citation": record(
            {"url": url, "start_index": _whole, "end_index": _whole, "title": _text}, _shape
        ),
        "container_file_citation": record(
            {
                "container_id": _text,
                "file_id": _text,
                "start_index": _whole,
                "end_index": _whole,
                "filename": _text,
            },
            _shape,
        ),
        "file_path": record({"file_id": _text, "index": _whole}, _shape),
    }
)
_probability = {"token": _text, "logprob": number(), "bytes": array(_whole)}
_log_probability = record({**_probability, "top_logprobs": array(record(_probability))})

_output_part = tagged(
    {
        "output_text": record(
            {"text": _text},
            {**_shape, "annotations": array(_annotation), "logprobs": array(_log_probability)},
        ),
        "refusal": record({"refusal": _text}, _shape),
    }
)
_summary = tagged({"summary_text": record({"text": _text}, _shape)})
_reasoning_text = tagged({"reasoning_text": record({"text": _text}, _shape)})


def _written_part(value: object, where: str) -> dict[str, Any]:
    """A part of what a user, a developer or the system wrote."""
    part: dict[str, Any] = _input_part(value, where)
    if part["type"] == "input_image":
        return {"image_url": None, "file_id": None, **part, "detail": part.get("detail") or "auto"}
    return part


def _spoken_part(value: object, where: str) -> dict[str, Any]:
    """A part of what the assistant said. An ``input_text`` is refused here, as at OpenAI."""
    part: dict[str, Any] = _output_part(value, where)
    if part["type"] == "output_text":
        return {"annotations": [], "logprobs": [], **part}
    return part


_written = either(
    text=lambda text, _where: [{"type": "input_text", "text": text}], parts=array(_written_part)
)
_spoken = either(
    text=lambda text, _where: [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}],
    parts=array(_spoken_part),
)

_message = record(
    {"role": choice(*MESSAGE_ROLES), "content": anything},
    {
        "type": choice("message"),
        "id": _text,
        "status": _status,
        "phase": nullable(choice("commentary", "final_answer")),
    },
)


def _as_message(value: object, where: str) -> dict[str, Any]:
    checked: dict[str, Any] = _message(value, where)
    content = _spoken if checked["role"] == "assistant" else _written
    return {
        "type": "message",
        "status": "completed",
        **checked,
        "content": content(checked["content"], at(where, "content")),
    }


def _completed(check: Check) -> Check:
    def checked(value: object, where: str) -> dict[str, Any]:
        kept: dict[str, Any] = check(value, where)
        present = {name: one for name, one in kept.items() if one is not None}
        return {**present, "status": kept.get("status") or "completed"}

    return checked


_tool_output = either(text=_text, parts=array(_written_part))
_called = {"type": _text, "id": nullable(_text), "namespace": nullable(_text)}

KINDS: Final[dict[str, tuple[str, Check]]] = {
    "message": ("msg_", _as_message),
    "function_call": (
        "fc_",
        _completed(
            record(
                {"call_id": _text, "name": _text, "arguments": _text},
                {**_called, "caller": CALLER, "async": boolean, "status": nullable(_status)},
            )
        ),
    ),
    "function_call_output": (
        "fco_",
        _completed(
            record(
                {"call_id": string(least=1, most=64), "output": _tool_output},
                {**_called, "caller": CALLER, "name": nullable(_text), "status": nullable(_status)},
            )
        ),
    ),
    "custom_tool_call": (
        "ctc_",
        record(
            {"call_id": _text, "name": _text, "input": _text},
            {**_called, "caller": CALLER, "async": boolean},
        ),
    ),
    "custom_tool_call_output": (
        "ctco_",
        _completed(record({"call_id": _text, "output": _tool_output}, {**_called, "caller": CALLER})),
    ),
    **HOSTED_KINDS,
    "reasoning": (
        "rs_",
        record(
            {"summary": array(_summary)},
            {
                "type": _text,
                "id": _text,
                "encrypted_content": nullable(_text),
                "content": array(_reasoning_text),
                "status": _status,
            },
        ),
    ),
}

CONTROL_ITEMS: Final = frozenset({"compaction_trigger", "configuration_update"})
"""Items that ask a model to do something and are kept by no conversation."""

_reference = record({"id": _text}, {"type": nullable(_text)})


def item_of(
    value: object, where: str, stored: Callable[[str], dict[str, Any] | None]
) -> tuple[str, dict[str, Any]]:
    """The prefix of the item's id, and the item without one.

    `stored` looks up the item that an ``item_reference`` names.
    """
    if not isinstance(value, dict):
        raise invalid(
            f"Invalid type for '{where}': expected an object, but got {named(value)} instead.",
            where,
            "invalid_type",
        )
    kind = value.get("type")
    if kind is None and "role" in value:
        kind = "message"
    if kind == "item_reference" or (kind is None and "id" in value):
        referred = _reference(value, where)["id"]
        item = stored(referred)
        if item is None:
            raise invalid(f"Item with id '{referred}' not found.", at(where, "id"), "invalid_value")
        return item["id"].rpartition("_")[0] + "_", item
    if isinstance(kind, str) and kind in CONTROL_ITEMS:
        raise not_served(f"The item type '{kind}' ({where})")
    path = at(where, "type")
    prefix, check = KINDS[choice(*KINDS, "item_reference")(kind, path)]
    return prefix, {**check(value, where), "type": kind}


def shown_item(item: dict[str, Any], include: Collection[str]) -> dict[str, Any]:
    """Return an item as it is answered: what a search has found only where that was asked for."""
    if item["type"] == "file_search_call" and "file_search_call.results" not in include:
        return {**item, "results": None}
    return item
