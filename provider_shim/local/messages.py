"""What a thread may hold: a message and tool resources, from as they are sent to as they are kept."""

from typing import Any, Final

from provider_shim.contract.limits import CODE_INTERPRETER_FILES, FILE_SEARCH_STORES
from provider_shim.local.chunking import chunking_strategy
from provider_shim.local.errors import invalid
from provider_shim.local.shapes import (
    Check,
    array,
    at,
    choice,
    either,
    metadata,
    nullable,
    record,
    string,
    tagged,
    url,
)

_text = string()
_shape = {"type": _text}
_detail = choice("auto", "low", "high")

_content_part = tagged(
    {
        "text": record({"text": _text}, _shape),
        "image_file": record({"image_file": record({"file_id": _text}, {"detail": _detail})}, _shape),
        "image_url": record({"image_url": record({"url": url}, {"detail": _detail})}, _shape),
    }
)


def _kept_text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": {"value": text, "annotations": []}}


def _kept_part(value: object, where: str) -> dict[str, Any]:
    part: dict[str, Any] = _content_part(value, where)
    kind = part["type"]
    if kind == "text":
        return _kept_text(part["text"])
    return {"type": kind, kind: {"detail": "auto", **part[kind]}}


_tool = tagged({"code_interpreter": record({}, _shape), "file_search": record({}, _shape)})

message: Final[Check] = record(
    {
        "role": choice("user", "assistant"),
        "content": either(text=lambda text, _where: [_kept_text(text)], parts=array(_kept_part, least=1)),
    },
    {
        "attachments": nullable(array(record({"file_id": _text, "tools": array(_tool)}))),
        "metadata": metadata,
    },
)

_code_interpreter = record({}, {"file_ids": array(_text, most=CODE_INTERPRETER_FILES)})
_vector_store_ids = array(_text, most=FILE_SEARCH_STORES)

modified_tool_resources: Final[Check] = nullable(
    record(
        {},
        {
            "code_interpreter": _code_interpreter,
            "file_search": record({}, {"vector_store_ids": _vector_store_ids}),
        },
    )
)

_new_store = record(
    {},
    {"file_ids": array(_text), "chunking_strategy": chunking_strategy, "metadata": metadata},
)
_file_search = record(
    {},
    {
        "vector_store_ids": _vector_store_ids,
        "vector_stores": array(_new_store, most=FILE_SEARCH_STORES),
    },
)


def _new_file_search(value: object, where: str) -> dict[str, Any]:
    checked: dict[str, Any] = _file_search(value, where)
    if len(checked) != 1:
        raise invalid(
            f"Invalid '{where}': expected either 'vector_store_ids' or 'vector_stores', got"
            f" {'both' if checked else 'neither'}.",
            at(where, "vector_store_ids"),
            "invalid_value",
        )
    return checked


new_tool_resources: Final[Check] = nullable(
    record({}, {"code_interpreter": _code_interpreter, "file_search": _new_file_search})
)
