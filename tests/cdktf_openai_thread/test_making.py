"""What the framework itself has against a construct is told like the rest: where, what, what instead."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cdktf
import pytest

from cdktf_openai_thread import (
    ConfigurationError,
    DataOpenaiThread,
    File,
    OpenaiProvider,
    Thread,
    ThreadSet,
    VectorStore,
)
from tests.support.environment import in_framework


@pytest.fixture
def stack() -> cdktf.TerraformStack:
    return cdktf.TerraformStack(cdktf.Testing.app(), "team")


def make(kind: Any, scope: Any, id_: Any) -> object:
    given: dict[Any, tuple[Any, dict[str, Any]]] = {
        ThreadSet: (({},), {}),
        Thread.from_thread_id: (("conv_1",), {}),
        DataOpenaiThread: ((), {"id": "conv_1"}),
        File: ((), {"content": "a", "filename": "a.md"}),
    }
    values, named = given.get(kind, ((), {}))
    return kind(scope, id_, *values, **named)


KINDS = [Thread, ThreadSet, Thread.from_thread_id, DataOpenaiThread, File, VectorStore, OpenaiProvider]


@pytest.mark.parametrize("kind", KINDS)
def test_an_id_in_use_is_told_with_what_uses_it(stack: cdktf.TerraformStack, kind: Any) -> None:
    expected = (
        'id is "it", and "team" holds a TerraformVariable of that id already. Allowed: an id that is used '
        "once in its scope. Give another, or put one of the two into a Construct of its own."
    )

    cdktf.TerraformVariable(stack, "it")
    with pytest.raises(ConfigurationError, match=re.escape(f'"team/it" ({__file__}:')) as raised:
        make(kind, stack, "it")

    assert [each.detail for each in raised.value.problems] == [expected]


A_SCOPE = (
    "Allowed: a TerraformStack, or a Construct within one. In a class of your own that is one of them: self."
)


@pytest.mark.parametrize("kind", KINDS)
def test_what_holds_no_construct_is_refused(kind: Any) -> None:
    with pytest.raises(ConfigurationError) as raised:
        make(kind, None, "it")
    with pytest.raises(ConfigurationError) as in_app:
        make(kind, cdktf.Testing.app(), "it")

    assert [each.detail for each in raised.value.problems] == [f"scope is None (NoneType). {A_SCOPE}"]
    assert [each.detail for each in in_app.value.problems] == [
        f"scope is the App, which deploys stacks only. {A_SCOPE}"
    ]


@pytest.mark.parametrize(("id_", "shown"), [("", "'' (str)"), (5, "5 (int)"), (None, "None (NoneType)")])
def test_an_id_is_a_text(stack: cdktf.TerraformStack, id_: Any, shown: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(f"id is {shown}. Allowed: a string")):
        Thread(stack, id_)


ARGUMENTS: list[tuple[dict[str, Any], str]] = [
    (
        {"provider": "openai"},
        "provider is 'openai' (str). Allowed: a provider, as OpenaiProvider(…) gives it.",
    ),
    (
        {"depends_on": ["x"]},
        "depends_on is ['x'] (list). Allowed: a list of resources, data sources or modules.",
    ),
    ({"count": "3"}, "count is '3' (str). Allowed: a number or a TerraformCount."),
    (
        {"for_each": {"a": "b"}},
        (
            "for_each is {'a': 'b'} (dict). Allowed: a TerraformIterator: "
            'TerraformIterator.from_list(["a", "b"]). ThreadSet takes a mapping.'
        ),
    ),
    (
        {"lifecycle": {"prevent_destory": True}},
        (
            "prevent_destory is not known. Allowed: create_before_destroy, ignore_changes, postcondition, "
            'precondition, prevent_destroy, replace_triggered_by. Did you mean "prevent_destroy"?'
        ),
    ),
    (
        {"count": 2, "for_each": cdktf.TerraformIterator.from_list(["a"])},
        "count is given, and for_each, too. Allowed: one of them. Remove the other.",
    ),
]


@pytest.mark.parametrize(("given", "expected"), ARGUMENTS)
def test_an_argument_of_terraforms_own_is_named(
    stack: cdktf.TerraformStack, given: dict[str, Any], expected: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        Thread(stack, "it", **given)

    assert [each.detail for each in raised.value.problems] == [expected]


CONSTRUCTS: list[tuple[str, Callable[[Thread, Any], object]]] = [
    ('metadata["a"] is a construct (Thread).', lambda thread, _: setattr(thread, "metadata", {"a": thread})),
    ("messages[0] is a construct (Thread).", lambda thread, _: setattr(thread, "messages", [thread])),
    ("tools[0] is a construct (TerraformVariable).", lambda thread, of: setattr(thread, "tools", [of])),
    (
        "file is a TerraformVariable. Allowed: a File, or the id of one.",
        lambda thread, of: thread.attach(of),
    ),
    (
        "vector_store is a NoneType. Allowed: a VectorStore, or the id of one.",
        lambda thread, _: thread.search(None),  # type: ignore[arg-type]
    ),
]


@pytest.mark.parametrize(("expected", "change"), CONSTRUCTS, ids=[text for text, _ in CONSTRUCTS])
def test_a_construct_in_the_place_of_a_value_is_refused(
    stack: cdktf.TerraformStack, expected: str, change: Callable[[Thread, Any], object]
) -> None:
    variable = cdktf.TerraformVariable(stack, "variable")
    thread = Thread(stack, "it")

    with pytest.raises(ConfigurationError, match=re.escape(expected)):
        change(thread, variable)


PROGRAM = """
from cdktf import App, TerraformStack
from cdktf_openai_thread import Thread

stack = TerraformStack(App(), "team")
Thread(stack, "it")
Thread(stack, "it")
"""


def test_uncaught_it_is_the_line_and_the_reason_without_a_trace(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(in_framework(PROGRAM))
    done = subprocess.run(
        [sys.executable, "main.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 1
    said = [line for line in done.stderr.splitlines() if not line.startswith("b'!!")]
    assert said[0] == f'Error: Thread "team/it" ({tmp_path / "main.py"}:7)'
    assert said[1].startswith('  id is "it", and "team" holds a Thread of that id already.')
    assert len(said) == 2
