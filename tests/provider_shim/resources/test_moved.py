"""States of other providers: whatever they hold, what comes out fits, and what is ours stays."""

from typing import Any

import pytest

from provider_shim.contract.attributes import Contract
from provider_shim.resources.moved import adapted
from provider_shim.resources.provider import OpenaiProvider
from provider_shim.terraform.handler import Source
from provider_shim.terraform.states import fits

RESOURCES: Any = OpenaiProvider({}).resources
CONTRACTS = [each.contract for name, each in RESOURCES.items() if name != "openai_thread_set"]
"""Nobody else has the set."""
STRANGE: list[Any] = [
    *([], {}, [{}], [[]], [None], "", "x", "7", "true", 0, 7, 1.5, True, False, None),
    *(
        {"a": 1},
        {"type": "file_search"},
        [{"type": "file_search"}],
        [{"text": "x"}, {"text": [{"value": "y"}]}],
    ),
    *([{"a": [{}]}, {"a": [{}]}], {"static": [{"max_chunk_size_tokens": "100"}]}, [["x"]], [1, "x"]),
]


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda each: each.type_name)
@pytest.mark.parametrize("value", STRANGE, ids=repr)
def test_whatever_another_provider_holds_comes_out_in_our_shape(contract: Contract, value: Any) -> None:
    handler = RESOURCES[contract.type_name]
    state = dict.fromkeys(contract.attributes, value)

    assert fits(contract, handler.upgrade(0, state))
    assert fits(contract, handler.move(Source("p", contract.type_name, 0, state)))


def test_blocks_tools_and_parts_become_what_we_have() -> None:
    thread, store = (RESOURCES[name].contract for name in ("openai_thread", "openai_vector_store"))

    blocks = adapted(
        thread,
        {
            "tools": [{"type": "file_search", "function": []}, {"type": "function"}],
            "tool_resources": [{"file_search": [{"vector_store_ids": ["vs_1"]}], "code_interpreter": []}],
            "messages": [{"role": "user", "content": [{"type": "text", "text": [{"value": "Hi"}]}]}],
            "metadata": {},
        },
    )
    assert blocks["tools"] == ["file_search"]
    assert blocks["tool_resources"] == {
        "file_search": {"vector_store_ids": ["vs_1"]},
        "code_interpreter": None,
    }
    assert blocks["messages"][0]["content"] == "Hi"
    assert blocks["metadata"] is None
    made = adapted(store, {"expires_after": [{"days": "7"}], "chunking_strategy": []})
    assert made["expires_after"] == {"days": 7, "anchor": "last_active_at"}
    assert (made["chunking_strategy"], made["wait_for_indexing"], made["timeout"]) == (None, True, 600)
