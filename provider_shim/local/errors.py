"""What can go wrong, in the words and the shape of the OpenAI API."""

import errno
import sqlite3
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

INVALID_REQUEST: Final = "invalid_request_error"
SERVER_ERROR: Final = "server_error"
NO_RETRY: Final[Mapping[str, str]] = {"x-should-retry": "false"}
"""Tells the SDK that the same request would get the same answer."""

_PRIMARY_CODE: Final = 0xFF
_FULL: Final = {errno.ENOSPC, errno.EDQUOT}


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
        f"{what} is not served by the embedded API. It serves conversations, responses, threads, files and"
        " vector stores; use https://api.openai.com/v1 for everything else.",
        code="not_served",
        kind=SERVER_ERROR,
        headers=NO_RETRY,
    )


def not_below(prefix: str, what: str) -> ApiError:
    """Something that is not below the path of the API; most likely the base URL lacks it."""
    return ApiError(
        HTTPStatus.NOT_IMPLEMENTED,
        f"{what} is not served. The embedded API is below {prefix}: let the client's base URL end with it.",
        code="not_served",
        kind=SERVER_ERROR,
        headers=NO_RETRY,
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


def database_gone(path: str) -> ApiError:
    """Say that the file was removed, or replaced by another one, while it was open."""
    return _machine(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        f"The database {path} was removed or replaced while it was in use. What was in it is not served any "
        "more: put it back and start again.",
        "database_gone",
    )


def machine_fault(error: Exception) -> ApiError | None:
    """Say what is wrong with the machine where that, and no bug, is why a call failed; None otherwise."""
    if isinstance(error, sqlite3.Error):
        return _sqlite_fault(error)
    if isinstance(error, OSError) and error.errno is not None:
        if error.errno in _FULL:
            return _disk_full()
        return _machine(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            f"The folder of files beside the database can't be used: {error.strerror}. Check the folder and "
            "its permissions.",
            "files_unusable",
        )
    return None


def _sqlite_fault(error: sqlite3.Error) -> ApiError | None:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
    if code == sqlite3.SQLITE_FULL:
        return _disk_full()
    said = {
        sqlite3.SQLITE_READONLY: ("can't be written", "Check its permissions, and those of its folder."),
        sqlite3.SQLITE_CANTOPEN: ("can't be opened", "Check its permissions, and those of its folder."),
        sqlite3.SQLITE_PERM: ("can't be opened", "Check its permissions, and those of its folder."),
        sqlite3.SQLITE_IOERR: ("can't be read or written", "Check the disk that it is on."),
        sqlite3.SQLITE_CORRUPT: ("is damaged", "Restore a copy."),
        sqlite3.SQLITE_NOTADB: ("is damaged", "Restore a copy."),
    }.get(code)
    if said is None:
        return None
    return _machine(
        HTTPStatus.INTERNAL_SERVER_ERROR, f"The database {said[0]} ({error}). {said[1]}", "database_unusable"
    )


def _disk_full() -> ApiError:
    return _machine(
        HTTPStatus.INSUFFICIENT_STORAGE,
        "The disk of the database is full. Nothing was changed. Free some space, then try again.",
        "disk_full",
    )


def _machine(status: int, message: str, code: str) -> ApiError:
    return ApiError(status, message, code=code, kind=SERVER_ERROR, headers=NO_RETRY)
