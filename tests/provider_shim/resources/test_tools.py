"""``response_tools`` is what the Responses API takes."""

import json
from typing import Any

import pytest

from provider_shim.resources.tools import response_tools
from provider_shim.terraform.values import UNKNOWN
from tests.support.openapi import validate_request

CODE = {"type": "code_interpreter", "container": {"type": "auto"}}
CODE_WITH_FILE = {"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["file-1"]}}
SEARCH = {"type": "file_search", "vector_store_ids": ["vs_1"]}
RESOURCES = {
    "code_interpreter": {"file_ids": ["file-1"]},
    "file_search": {"vector_store_ids": ["vs_1"]},
}


@pytest.mark.parametrize(
    ("tools", "resources", "expected"),
    [
        (None, None, []),
        ([], RESOURCES, []),
        (None, RESOURCES, [CODE_WITH_FILE, SEARCH]),
        (["code_interpreter"], None, [CODE]),
        (["file_search", "code_interpreter"], RESOURCES, [SEARCH, CODE_WITH_FILE]),
        (["code_interpreter", "code_interpreter"], None, [CODE]),
        (["file_search"], None, []),
        (["file_search"], {"file_search": {"vector_store_ids": []}}, []),
        (["code_interpreter"], {"code_interpreter": {"file_ids": None}, "file_search": None}, [CODE]),
    ],
)
def test_the_responses_api_takes_it(tools: Any, resources: Any, expected: list[dict[str, Any]]) -> None:
    made = json.loads(response_tools(tools, resources))

    assert made == expected
    validate_request(
        "POST", "/responses", {"model": "gpt-5", "input": "hi", "conversation": "conv_1", "tools": made}
    )


@pytest.mark.parametrize(
    ("tools", "resources"),
    [
        (UNKNOWN, None),
        ([UNKNOWN], None),
        (None, UNKNOWN),
        (None, {"code_interpreter": UNKNOWN, "file_search": None}),
        (None, {"code_interpreter": None, "file_search": {"vector_store_ids": [UNKNOWN]}}),
    ],
)
def test_it_is_unknown_where_anything_of_it_is(tools: Any, resources: Any) -> None:
    assert response_tools(tools, resources) is UNKNOWN
