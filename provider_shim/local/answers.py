"""Writing an answer."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response

from provider_shim.local.errors import ApiError

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def dump(value: object) -> str:
    """Compact JSON, for an answer as for a column."""
    return _encode(value)


def answer(body: object, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(_encode(body), status_code=status, media_type="application/json", headers=headers)


def refusal(error: ApiError) -> Response:
    """The answer that an error is."""
    return answer(error.body(), error.status, error.headers)
