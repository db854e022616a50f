"""What the installed SDK can send beyond OpenAI's document: no member and no kind of it is unknown here."""

import typing
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Union

import pytest
from openai.types.responses import response_create_params, response_input_item_param, tool_param
from typing_extensions import get_type_hints, is_typeddict

from provider_shim.local.errors import ApiError
from provider_shim.local.items import CONTROL_ITEMS, KINDS
from provider_shim.local.responses.request import _create
from provider_shim.local.shapes import Check
from provider_shim.local.tools import _KINDS

ITEMS = {kind: check for kind, (_, check) in KINDS.items()}
REFERENCE = {"item_reference"}


def members(union: Any) -> Iterator[Any]:
    """Yield the typed dictionaries of a union."""
    if typing.get_origin(union) is Union:
        for one in typing.get_args(union):
            yield from members(one)
    elif typing.get_origin(union) is Annotated:
        yield from members(typing.get_args(union)[0])
    elif is_typeddict(union):
        yield union


def literals(hint: Any) -> Iterator[str]:
    if typing.get_origin(hint) is Literal:
        yield from typing.get_args(hint)
    else:
        for one in typing.get_args(hint):
            yield from literals(one)


def is_unknown(check: Check, name: str) -> bool:
    try:
        check({name: None}, "")
    except ApiError as error:
        return (error.code, error.param) == ("unknown_parameter", name)
    return False


@pytest.mark.parametrize(
    ("union", "known", "elsewhere"),
    [
        (tool_param.ToolParam, _KINDS, set()),
        (response_input_item_param.ResponseInputItemParam, ITEMS, CONTROL_ITEMS | REFERENCE),
    ],
    ids=["tools", "items"],
)
def test_every_kind_and_member_is_known(union: Any, known: Mapping[str, Check], elsewhere: set[str]) -> None:
    sent = {
        (kind, name)
        for one in members(union)
        for kind in literals(get_type_hints(one).get("type"))
        for name in get_type_hints(one)
    }

    assert len(sent) > 50
    assert {kind for kind, _ in sent} - set(known) - elsewhere == set()
    assert {(kind, name) for kind, name in sent if kind in known and is_unknown(known[kind], name)} == set()


def test_every_argument_of_a_response_is_known() -> None:
    names = get_type_hints(response_create_params.ResponseCreateParamsBase)

    assert [name for name in names if is_unknown(_create, name)] == []
