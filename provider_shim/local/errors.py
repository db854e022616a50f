"""What can go wrong, in the words and the shape of the OpenAI API."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

INVALID_REQUEST: Final = "invalid_request_error"
SERVER_ERROR: Final = "server_error"


class ApiError(Exception):
    """An answer other than 200: ``{"error": {"message", "type", "param", "code"}}``."""

    def __init__(  # noqa: PLR0913 - the members of the API's error object
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        kind: str = INVALID_REQUEST,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        self.code = code
        self.kind = kind
        self.headers = dict(headers or {})

    def body(self) -> dict[str, dict[str, str | None]]:
        """The JSON body, as the SDK reads it."""
        return {
            "error": {
                "message": self.message,
                "type": self.kind,
                "param": self.param,
                "code": self.code,
            }
        }


class DatabaseError(Exception):
    """The database file can't be used.

    ``path`` is the file, ``reason`` what is wrong with it, ``advice`` what to do. The text of the
    exception holds all three.
    """

    def __init__(self, path: str, reason: str, advice: str) -> None:
        super().__init__(f"The embedded API can't use the database {path}: {reason}. {advice}")
        self.path = path
        self.reason = reason
        self.advice = advice


def invalid(message: str, param: str | None, code: str | None = None) -> ApiError:
    """Refuse a value: `param` is its path in the request."""
    return ApiError(HTTPStatus.BAD_REQUEST, message, param=param, code=code)


def not_found(message: str, param: str | None = None) -> ApiError:
    """Say that the object of this id does not exist."""
    return ApiError(HTTPStatus.NOT_FOUND, message, param=param)


def not_served(what: str) -> ApiError:
    """Something that OpenAI serves and the embedded API does not."""
    return ApiError(
        HTTPStatus.NOT_IMPLEMENTED,
        f"{what} is not served by the embedded API. It keeps conversations, threads, files and"
        " vector stores and runs no model; use https://api.openai.com/v1 for everything else.",
        code="not_served",
        kind=SERVER_ERROR,
    )


def not_below(prefix: str, what: str) -> ApiError:
    """Something that is not below the path of the API; most likely the base URL lacks it."""
    return ApiError(
        HTTPStatus.NOT_IMPLEMENTED,
        f"{what} is not served. The embedded API is below {prefix}: let the client's base URL end with it.",
        code="not_served",
        kind=SERVER_ERROR,
    )


def busy() -> ApiError:
    """Another process has kept the write lock for longer than we are willing to wait."""
    return ApiError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The database is being written by another process. Retry in a few seconds.",
        code="database_busy",
        kind=SERVER_ERROR,
        headers={"retry-after": "1"},
    )
