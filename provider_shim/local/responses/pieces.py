"""What a model answers, piece by piece, in the order in which it comes."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from provider_shim.local.errors import SERVER_ERROR, ApiError


@dataclass(frozen=True, slots=True)
class Begun:
    """The model has taken the request: from here on a failure belongs to the response."""


@dataclass(frozen=True, slots=True)
class Text:
    """The next part of what it says."""

    delta: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The next part of why it refuses."""

    delta: str


@dataclass(frozen=True, slots=True)
class Cited:
    """An annotation of the text so far, as the API has it."""

    annotation: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """The next part of a function call's arguments; another `call_id` begins another call."""

    call_id: str
    name: str
    delta: str
    custom: bool = False
    """Whether the tool is a custom one, whose input is any text."""


@dataclass(frozen=True, slots=True)
class Item:
    """A whole item, as a hosted tool leaves it; without an id."""

    kind: str
    body: dict[str, Any] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Used:
    """How many tokens it took, where the model counts them."""

    input: int
    output: int


@dataclass(frozen=True, slots=True)
class CutOff:
    """The model stopped early: ``max_output_tokens`` or ``content_filter``."""

    reason: str


Piece = Begun | Text | Refusal | Cited | FunctionCall | Item | Used | CutOff


def failed(text: str) -> ApiError:
    """Return what a request is answered with when its engine does not do its part."""
    return ApiError(HTTPStatus.BAD_GATEWAY, text, code="engine_failed", kind=SERVER_ERROR)
