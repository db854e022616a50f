"""What `make constructs` writes: the bindings of the present contract, and of one with more in it."""

import importlib.util
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import cdktf
import pytest

import cdktf_openai_thread
from cdktf_openai_thread import bindings
from cdktf_openai_thread.synth import records
from provider_shim.contract.attributes import PROSE, contract
from provider_shim.contract.thread import ThreadComputed, ThreadConfig, ThreadMessages
from scripts.constructs.__main__ import BINDINGS, PUBLIC, STATES, written
from scripts.constructs.module import META, module
from scripts.constructs.subjects import subject, subjects
from scripts.constructs.text import formatted


def test_the_bindings_are_what_make_constructs_writes() -> None:
    files = written()
    differing = [path.name for path, text in files.items() if not path.exists() or path.read_text() != text]

    assert differing == [], "run make constructs"
    assert {*BINDINGS.glob("*.py"), STATES, PUBLIC} == {*files}


def test_everything_of_the_contract_is_public() -> None:
    constructs = {each.name for each in subjects()}

    assert {*bindings.__all__, *constructs} - {*cdktf_openai_thread.__all__} == set()


def test_terraforms_own_arguments_are_the_same_everywhere() -> None:
    assert records.META_ARGUMENTS == META


# --- a contract with more in it -----------------------------------------------------------


class Window(TypedDict):
    """When."""

    start: Annotated[float, "First hour."]
    kind: NotRequired[Annotated[Literal["soft", "hard"], "What happens at its end."]]


class Message(ThreadMessages):
    """A message with more in it."""

    phase: NotRequired[Annotated[Literal["commentary", "final_answer"], "Which part of an answer it is."]]


class MoreConfig(ThreadConfig, total=False):
    """A thread with more in it."""

    messages: Annotated[Sequence[Message], "Messages."]  # type: ignore[misc]  # as a later contract has it
    nickname: Annotated[str, "What people call it.", PROSE]
    windows: Annotated[Mapping[str, Window], "Hours by day."]
    limits: Annotated[Sequence[float], "Numbers."]
    urgent: Annotated[bool, "Answer it first."]


class MoreComputed(ThreadComputed):
    """What the API gives it."""

    tokens: Annotated[float, "How many there are."]


MORE = contract("openai_thread", "A thread with more.", MoreConfig, MoreComputed)


@pytest.fixture(scope="module")
def more(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """Write the module of a contract, and import it."""
    holder = ModuleType("more_contract")
    vars(holder)["MORE"] = MORE
    sys.modules["more_contract"] = holder
    path = tmp_path_factory.mktemp("bindings") / "more_bindings.py"
    path.write_text(formatted(path, module([subject("Resource", MORE, ("more_contract", "MORE"))])))
    spec = importlib.util.spec_from_file_location("more_bindings", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def synthesized(stack: cdktf.TerraformStack) -> Any:
    return json.loads(cdktf.Testing.synth(stack))["resource"]["openai_thread"]


def test_an_attribute_added_to_the_contract_is_there(more: ModuleType) -> None:
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "more")
    cdktf_openai_thread.OpenaiProvider(stack, "openai")
    expected = {
        "nickname": "costs $${x}",
        "limits": [1, 2],
        "windows": {"monday": {"start": 8, "kind": "soft"}},
        "messages": [{"role": "user", "content": "Hi", "phase": "final_answer"}],
        "metadata": {
            "tokens": "${openai_thread.thread.tokens}",
            "start": '${openai_thread.thread.windows["monday"].start}',
        },
    }

    thread = more.ThreadBase(stack, "thread", nickname="costs ${x}", limits=[1, 2], urgent=True)
    thread.windows = {"monday": more.ThreadWindows(start=8)}
    thread.windows.get("monday").kind = "soft"
    thread.messages = [more.ThreadMessages(role="user", content="Hi")]
    thread.messages[0].phase = "final_answer"
    thread.metadata = {
        "tokens": cdktf.Token.as_string(thread.tokens),
        "start": cdktf.Token.as_string(thread.windows["monday"].start),
    }
    thread.reset_urgent()

    assert synthesized(stack)["thread"] == expected
    assert thread.windows_input == expected["windows"]
    with pytest.raises(cdktf_openai_thread.ConfigurationError, match=r'messages\[0\]\.phase is "middle"'):
        thread.put_messages([{"role": "user", "content": "Hi", "phase": "middle"}])


def test_what_the_contract_says_of_an_attribute_is_shown_by_the_editor(more: ModuleType) -> None:
    assert more.ThreadBase.nickname.__doc__ == "What people call it."
    assert "`nickname`: What people call it." in more.ThreadBase.__init__.__doc__


def test_each_contract_gives_a_class_for_every_nested_object() -> None:
    made = {name for path in BINDINGS.glob("*.py") for name in _classes(path)}

    assert {"ThreadMessagesAttachmentsList", "VectorStoreChunkingStrategyStaticOutputReference"} <= made
    assert "DataOpenaiThreadMessagesMessagesOutputReference" in made


def _classes(path: Path) -> list[str]:
    return [
        line.split()[1].partition("(")[0]
        for line in path.read_text().splitlines()
        if line.startswith("class ")
    ]


def test_what_a_subclass_overrides_of_the_framework_is_seen_by_it() -> None:
    class Noted(cdktf_openai_thread.Thread):
        def _synthesize_attributes(self) -> dict[str, Any]:
            return {**super()._synthesize_attributes(), "metadata": {"of": "a subclass"}}

    stack = cdktf.TerraformStack(cdktf.Testing.app(), "more")
    cdktf_openai_thread.OpenaiProvider(stack, "openai")
    Noted(stack, "noted")
    cdktf_openai_thread.Thread(stack, "plain", metadata={"a": "b"})

    assert synthesized(stack) == {
        "noted": {"metadata": {"of": "a subclass"}},
        "plain": {"metadata": {"a": "b"}},
    }
