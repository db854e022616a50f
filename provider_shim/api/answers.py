"""Answers of the API, judged by what their call may answer.

Nothing that comes back is believed. What a call may answer follows from its method and its path, so
it is decided here for all calls, and a new call has it without a word. Pure.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from provider_shim.api.bodies import LARGEST_REFUSAL, Body
from provider_shim.api.retry import QUOTA
from provider_shim.contract.identifiers import id_problem, objects_in

SUCCESS: Final = range(200, 300)
"""Statuses that say that it was done."""
_LISTS: Final = ("items", "search")
"""What is answered with a list although it is posted."""
_LARGEST: Final = 2**53
"""Numbers from here on are no times, and JSON readers differ about them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. ``body`` is the parsed JSON, or None where it is no JSON."""

    status: int
    body: Any = None
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    wrong: str = ""
    """What is wrong with the body of a success, as the rest of a sentence that begins "The answer"."""
    too_large: bool = False
    """Whether that is its size: a shorter list may do."""

    @property
    def error(self) -> Mapping[str, Any]:
        """The members of the API's error object; empty where the answer has another shape."""
        body = self.body if isinstance(self.body, dict) else {}
        for name in ("error", "detail"):
            if isinstance(body.get(name), dict):
                return dict(body[name])
            if isinstance(body.get(name), str):
                return {"message": body[name]}
        return {"message": body["message"]} if isinstance(body.get("message"), str) else {}

    @property
    def code(self) -> object:
        """The API's code for what is wrong; None if it gives none."""
        error_object = self.error
        code = error_object.get("code")
        return code if code in QUOTA or error_object.get("type") not in QUOTA else error_object["type"]

    @property
    def param(self) -> str:
        """The part of the request that the API complains about; empty if it names none."""
        param = self.error.get("param")
        return param if isinstance(param, str) else ""

    @property
    def request_id(self) -> str:
        """What the API's support asks for."""
        return self.headers.get("x-request-id") or self.headers.get("apim-request-id") or ""

    @property
    def success(self) -> bool:
        """Whether the status says that it was done."""
        return self.status in SUCCESS


def answer_of(method: str, path: str, status: int, headers: Mapping[str, str], body: Body) -> Answer:
    """Judge an answer.

    Args:
        method: Of the call.
        path: Of the call.
        status: Of the answer.
        headers: Of the answer, with lower-case names.
        body: As it was read.
    """
    value, wrong = body.value, body.wrong
    if status in SUCCESS and value is not None:
        wrong = unlike(method, path, value)
    if body.size > LARGEST_REFUSAL and (wrong or status not in SUCCESS):
        # What is kept of it is kept for as long as the error is.
        value, wrong = None, wrong or f"has {body.size:,} bytes, more than any error of an API"
    text = "" if value is not None else body.beginning.decode("utf-8", "replace")
    return Answer(status, value, text, headers, wrong, body.too_large)


def unlike(method: str, path: str, body: object) -> str:
    """Say what an answer has that the call can't have been answered with; "" if nothing."""
    objects, steps = objects_in(path), path.strip("/").split("/")
    of_collection = len(steps) % 2 == 1
    if not isinstance(body, dict):
        return f"is {_kind(body)} instead of an object"
    if body.get("error") and (method != "GET" or of_collection or not isinstance(body.get("id"), str)):
        return "holds an error"
    if method == "DELETE":
        return _unlike_deleted(objects, body)
    if of_collection and (method == "GET" or steps[-1] in _LISTS):
        return _unlike_list(body, found=steps[-1] == "search")
    if of_collection:
        return _wrong_id(body, None) or _wrong_members(body)
    return _wrong_id(body, objects[-1][1]) or _wrong_members(body)


def _unlike_deleted(objects: list[tuple[str, str]], body: Mapping[str, object]) -> str:
    """A conversation answers the deletion of an item with itself."""
    if body.get("deleted") is False:
        return "says that it is not deleted"
    collection, identifier = objects[-1]
    if "deleted" not in body and collection == "items":
        return _wrong_id(body, objects[-2][1])
    if body.get("deleted") is not True:
        return "does not say that it is deleted"
    there = body.get("id", identifier)
    return "" if there == identifier else _other_id(there, identifier)


def _unlike_list(body: Mapping[str, object], *, found: bool) -> str:
    """What a search has found has no id of its own."""
    data = body.get("data")
    if not isinstance(data, list):
        return f"has {_kind(data)} as data instead of a list" if "data" in body else "has no data"
    for index, each in enumerate(data):
        wrong = (
            ((_wrong_file(each) if found else _wrong_id(each, None)) or _wrong_members(each))
            if isinstance(each, dict)
            else f"is {_kind(each)} instead of an object"
        )
        if wrong:
            return f"is a list whose data[{index}] {wrong}"
    return _wrong_members({name: body[name] for name in ("has_more", "last_id") if name in body})


def _wrong_file(found: Mapping[str, object]) -> str:
    return "" if isinstance(found.get("file_id"), str) else "has no file_id that is a text"


def _wrong_id(body: Mapping[str, object], wanted: str | None) -> str:
    there = body.get("id")
    if not isinstance(there, str):
        return f"has {_kind(there)} as id instead of a text" if "id" in body else "has no id"
    if wanted is not None:
        return "" if there == wanted else _other_id(there, wanted)
    return "has an id that can't be one" if id_problem(there) else ""


def _other_id(there: object, wanted: str) -> str:
    return f'has the id {str(there)[:80]!r} instead of "{wanted[:80]}"'


def _wrong_members(body: Mapping[str, object]) -> str:
    for name, right in _MEMBERS.items():
        if name in body and body[name] is not None and not right[1](body[name]):
            return f"has {_kind(body[name])} as {name} instead of {right[0]}"
    return ""


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _LARGEST


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _are_numbers(value: object) -> bool:
    return isinstance(value, dict) and all(each is None or _is_time(each) for each in value.values())


_TEXT = ("a text", _is_text)
_NUMBER = ("a number", _is_time)
_OBJECT = ("an object", _is_object)
_MEMBERS: Final[Mapping[str, tuple[str, Callable[[object], bool]]]] = {
    "created_at": _NUMBER,
    "expires_at": _NUMBER,
    "last_active_at": _NUMBER,
    "bytes": _NUMBER,
    "usage_bytes": _NUMBER,
    "metadata": _OBJECT,
    "metadata_": _OBJECT,
    "attributes": _OBJECT,
    "chunking_strategy": _OBJECT,
    "score": ("a number", lambda value: isinstance(value, int | float) and not isinstance(value, bool)),
    "status": _TEXT,
    "filename": _TEXT,
    "purpose": _TEXT,
    "name": _TEXT,
    "description": _TEXT,
    "role": _TEXT,
    "last_id": _TEXT,
    "file_counts": ("numbers", _are_numbers),
    "expires_after": _OBJECT,
    "last_error": _OBJECT,
    "tool_resources": _OBJECT,
    "has_more": ("true or false", lambda value: isinstance(value, bool)),
    "attachments": ("a list", lambda value: isinstance(value, list)),
    "content": ("a text or a list", lambda value: isinstance(value, str | list)),
}
"""Members that are read, and what they may be where they are not null."""


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    names = {dict: "an object", list: "a list", str: "a text", int: "a number", float: "a number"}
    return names[type(value)] + (" out of range" if isinstance(value, int | float) else "")


def seconds(value: object) -> int:
    """Return Unix seconds; some servers answer them with a fraction."""
    return int(value) if isinstance(value, int | float) else 0


def pairs(value: object) -> dict[str, str]:
    """Return metadata as text to text; a server that merges shows removed keys as null."""
    if not isinstance(value, dict):
        return {}
    return {
        str(key): each if isinstance(each, str) else json.dumps(each)
        for key, each in value.items()
        if each is not None
    }
