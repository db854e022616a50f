"""Writing an answer."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from provider_shim.local.errors import ApiError

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def dump(value: Any) -> str:
    """Compact JSON, for an answer as for a column."""
    return _encode(value)


def answer(
    body: Any, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(
        _encode(body), status_code=status, media_type="application/json", headers=headers
    )


def refusal(error: ApiError) -> Response:
    return answer(error.body(), error.status, error.headers)
