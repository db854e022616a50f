"""Requests and answers checked against OpenAI's OpenAPI document.

The document names no answers other than 200 and 429, so every refusal is checked against its
``ErrorResponse``. Multipart requests are checked as the object that their fields make.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.support.openapi.beyond import PATHS

STRUCTURE = Path(__file__).with_name("structure.json")
METHODS = ("get", "post", "delete", "put", "patch")
_HERE = "urn:openai"


@cache
def document() -> dict[str, Any]:
    """Return the document; callers must not change it."""
    loaded: dict[str, Any] = json.loads(STRUCTURE.read_text())
    # A message with a list of parts fits two of its alternatives; the document says one.
    schemas = loaded["components"]["schemas"]
    for name in ("InputItem", "Item"):
        schemas[name]["anyOf"] = schemas[name].pop("oneOf")
    # The copy lost what a response says of its conversation; the SDK has it.
    members = schemas["Response"]["allOf"][2]["properties"]
    members["conversation"] = {
        "anyOf": [{"$ref": "#/components/schemas/ConversationParam-2"}, {"type": "null"}]
    }
    # Three schemas require a member that they do not have.
    for name in ("MCPApprovalResponse", "MCPApprovalResponseResource", "LocalShellToolCallOutput"):
        schemas[name]["required"] = [
            each for each in schemas[name]["required"] if each in schemas[name]["properties"]
        ]
    for path, more in PATHS.items():
        loaded["paths"].setdefault(path, {}).update(more)
    _mend_nullable(loaded)
    return loaded


def _mend_nullable(schema: object) -> None:
    """Write ``nullable``, which OpenAPI 3.1 does not know any more, as JSON Schema does."""
    for each in schema if isinstance(schema, list) else ():
        _mend_nullable(each)
    if not isinstance(schema, dict):
        return
    for each in schema.values():
        _mend_nullable(each)
    if schema.pop("nullable", False) and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    alternatives = schema.get("allOf")
    if isinstance(alternatives, list) and {} in alternatives:  # what is left of {"nullable": true}
        del schema["allOf"]
        schema["anyOf"] = [{"allOf": [each for each in alternatives if each]}, {"type": "null"}]


def operations() -> Iterator[tuple[str, str]]:
    """Yield every (method, path template) of the document."""
    for path, item in document()["paths"].items():
        yield from ((method.upper(), path) for method in METHODS if method in item)


def validate_request(method: str, path: str, body: object) -> None:
    """Check a request's JSON body, None where there is none; `path` is as sent, with or without /v1.

    Raises AssertionError that names the operation, the place in the body and what is wrong there.
    """
    template = template_of(path)
    operation = _operation(method, template)
    content = operation.get("requestBody", {}).get("content", {})
    where = f"request {method.upper()} {template}"
    if not content:
        assert body is None, f"{where}: the document knows no body, got {body!r}"
        return
    if body is None:
        assert not operation["requestBody"].get("required"), f"{where}: the document requires a body"
        return
    kind = next(iter(content))
    pointer = ("paths", template, method.lower(), "requestBody", "content", kind, "schema")
    _validate(where, pointer, body)


def validate_response(method: str, path: str, status: int, body: object) -> None:
    """Check an answer's JSON body; `path` is as sent, with or without /v1.

    Raises AssertionError that names the operation, the place in the body and what is wrong there.
    """
    template = template_of(path)
    operation = _operation(method, template)
    where = f"answer {status} to {method.upper()} {template}"
    if status != 200:
        assert 400 <= status < 600, f"{where}: not a status of the API"
        _validate(where, ("components", "schemas", "ErrorResponse"), body)
        return
    kind = next(iter(operation["responses"]["200"]["content"]))
    pointer = ("paths", template, method.lower(), "responses", "200", "content", kind, "schema")
    _validate(where, pointer, body)


def validate_event(event: object) -> None:
    """Check one event of a response's stream; raises AssertionError as `validate_response`."""
    assert isinstance(event, dict)
    _validate(f"event {event.get('type')}", ("components", "schemas", "ResponseStreamEvent"), event)


def template_of(path: str) -> str:
    """Return the document's template of a path: ``/conversations/{conversation_id}``."""
    bare = path.partition("?")[0].removeprefix("/v1")
    for template, pattern in _templates():
        if pattern.fullmatch(bare):
            return template
    message = f"no such path in OpenAI's document: {path}"
    raise AssertionError(message)


@cache
def _templates() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((path, re.compile(re.sub(r"\{\w+\}", "[^/]+", path))) for path in document()["paths"])


def _operation(method: str, template: str) -> dict[str, Any]:
    found: dict[str, Any] | None = document()["paths"][template].get(method.lower())
    assert found is not None, f"no {method.upper()} on {template} in OpenAI's document"
    return found


@cache
def _registry() -> Registry[Any]:
    resource = Resource.from_contents(document(), default_specification=DRAFT202012)
    registry: Registry[Any] = Registry()
    full: Registry[Any] = registry.with_resource(_HERE, resource)
    return full


@cache
def _validator(pointer: tuple[str, ...]) -> Draft202012Validator:
    escaped = "/".join(step.replace("~", "~0").replace("/", "~1") for step in pointer)
    return Draft202012Validator({"$ref": f"{_HERE}#/{escaped}"}, registry=_registry())


def _validate(where: str, pointer: tuple[str, ...], body: object) -> None:
    error = best_match(_validator(pointer).iter_errors(body))
    if error is not None:
        message = f"{where}: {error.json_path}: {error.message}"
        raise AssertionError(message)
