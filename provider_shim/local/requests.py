"""Reading a request: its JSON body, its query, who sent it."""

import json
import re
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request

from provider_shim.local.errors import ApiError, invalid
from provider_shim.local.shapes import Check

BODY_BYTES: Final = 32 * 1024 * 1024
"""A JSON body, at most. Uploaded files have a limit of their own."""

TERRAFORM: Final = "terraform"
_CLIENT_HEADER: Final = "x-openai-thread-client"
_ESCAPED_SURROGATE: Final = re.compile(rb"\\u[dD][89abAB]|\\u[dD][c-fC-F]")


async def json_body(request: Request, check: Check, *, optional: bool = False) -> dict[str, Any]:
    """The request's JSON object, checked. Where `optional`, no body at all is an empty object."""
    raw = await _bytes(request)
    if not raw and optional:
        return {}
    checked: dict[str, Any] = check(_parsed(raw), "")
    return checked


def origin(request: Request) -> str | None:
    """``terraform`` where our provider made the call, else nothing."""
    return TERRAFORM if request.headers.get(_CLIENT_HEADER) == TERRAFORM else None


async def _bytes(request: Request) -> bytes:
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > BODY_BYTES:
                raise ApiError(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                    f"The request body is larger than {BODY_BYTES} bytes.",
                    code="request_too_large",
                )
            chunks.append(chunk)
    except ClientDisconnect as error:
        raise invalid("The client went away before it had sent the request.", None) from error
    return b"".join(chunks)


def _parsed(raw: bytes) -> object:
    try:
        value = json.loads(raw.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise invalid(
            "We could not parse the JSON body of your request. The API expects a JSON payload"
            f" in UTF-8 ({type(error).__name__}).",
            None,
            "invalid_json",
        ) from error
    if _ESCAPED_SURROGATE.search(raw):
        _refuse_lone_surrogates(value)
    return value


def _refuse_constant(name: str) -> None:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _refuse_lone_surrogates(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise invalid(
            "The request holds a lone surrogate (an escape from \\ud800 to \\udfff without its"
            " other half), which is not Unicode text.",
            None,
            "invalid_json",
        ) from error
