"""What would be deployed otherwise than it is written is refused, with its path and what to write."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cdktf
import pytest
from constructs import Construct

from cdktf_openai_thread import (
    ConfigurationError,
    DataOpenaiThread,
    File,
    Message,
    OpenaiProvider,
    Thread,
    ThreadSet,
    VectorStore,
)

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"


@pytest.fixture
def stack() -> cdktf.TerraformStack:
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "team")
    OpenaiProvider(stack, "openai")
    return stack


def synthesized(stack: cdktf.TerraformStack) -> Any:
    return json.loads(cdktf.Testing.synth(stack))["resource"]


# --- ids of constructs --------------------------------------------------------------------


def test_two_constructs_that_cdktf_would_merge_are_refused(stack: cdktf.TerraformStack) -> None:
    Thread(stack, "Kunde Ä")

    with pytest.raises(
        ConfigurationError, match='cdktf makes "Kunde", the name that "Kunde Ä" has'
    ) as raised:
        Thread(stack, "Kunde Ö")
    with pytest.raises(ConfigurationError, match='the name that "Kunde Ä" has'):
        Thread(stack, "Kunde")

    assert 'Thread "team/Kunde Ö"' in str(raised.value)
    File(stack, "Kunde", content="x", filename="x.md")
    DataOpenaiThread(stack, "Kunde.", id="conv_1")


def test_an_id_of_which_nothing_is_left_is_refused(stack: cdktf.TerraformStack) -> None:
    with pytest.raises(ConfigurationError, match="of which cdktf leaves nothing"):
        Thread(stack, "Ä")


def test_a_construct_that_bears_the_name_of_its_scope_is_not_merged_either(
    stack: cdktf.TerraformStack,
) -> None:
    Thread(Construct(stack, "desk ä"), "Default")

    with pytest.raises(ConfigurationError, match='the name that "desk ä/Default" has'):
        Thread(stack, "desk")


def test_the_same_ids_in_scopes_of_their_own_are_fine(stack: cdktf.TerraformStack) -> None:
    for customer in ("Kunde Ä", "Kunde Ö"):
        Thread(Construct(stack, customer), "thread")

    assert len(synthesized(stack)["openai_thread"]) == 2


@pytest.mark.parametrize("key", [1, None, ("a",), b"a"])
def test_a_key_of_a_set_that_is_no_string_is_refused(stack: cdktf.TerraformStack, key: Any) -> None:
    with pytest.raises(ConfigurationError, match="Allowed: keys that are strings"):
        ThreadSet(stack, "set", {key: {}})
    with pytest.raises(ConfigurationError, match="Allowed: keys that are strings"):
        ThreadSet(stack, "other", {}).add(key)


def test_keys_that_terraform_takes_for_one_are_refused(stack: cdktf.TerraformStack) -> None:
    threads = ThreadSet(stack, "set", {COMPOSED: {}})

    with pytest.raises(ConfigurationError, match="which Terraform takes for one"):
        threads.add(DECOMPOSED)
    with pytest.raises(
        ConfigurationError, match=r'metadata\["cafe.*which Terraform takes for one|takes for one'
    ):
        Thread(stack, "thread", metadata={COMPOSED: "a", DECOMPOSED: "b"})


# --- tokens in texts ----------------------------------------------------------------------


def values(stack: cdktf.TerraformStack) -> dict[str, Any]:
    variable = cdktf.TerraformVariable(stack, "text", type="string")
    names = cdktf.TerraformVariable(stack, "names", type="list(string)")
    labels = cdktf.TerraformVariable(stack, "labels", type="map(string)")
    pairs = cdktf.TerraformIterator.from_map({"a": {"b": 1}})
    thread = Thread(stack, "one", messages=[{"role": "user", "content": "Hi"}])
    number = cdktf.TerraformVariable(stack, "number", type="number").number_value
    return {
        "expression": cdktf.TerraformLocal(stack, "local", "x").expression,
        "iterator value": pairs.value,
        "iterator any": pairs.get_any("b"),
        "variable": variable,
        "value of a variable": variable.value,
        "list token": names.list_value,
        "element of a list token": names.list_value[0],
        "map token": cdktf.Token.as_string_map(labels.value),
        "construct": thread,
        "list reference": thread.messages,
        "object reference": thread.tool_resources,
        "bool reference": thread.retain_on_destroy,
        "method": thread.outputs,
        "one of a set": ThreadSet(stack, "set", {"a": {}})["a"],
        "class of the app": Greeting(stack, "greeting"),
        "formatted number": f"{number:.2f}",
        "rounded number": f"{number:.3e}",
        "number with commas": f"{number:,.0f}",
    }


class Greeting(Construct):
    """A construct of the app's own."""


def test_no_token_or_construct_gets_into_a_text_as_python_shows_it(stack: cdktf.TerraformStack) -> None:
    for name, value in values(stack).items():
        with pytest.raises(ConfigurationError, match=r"messages\[0\]\.content has in its text") as raised:
            Thread(
                stack, name.replace(" ", "_"), messages=[{"role": "user", "content": f"You are in {value}"}]
            )

        assert "Give" in str(raised.value) or "Fn." in str(raised.value), name


@pytest.mark.parametrize(
    "make",
    [
        lambda stack, text: Thread(stack, "it", metadata={"a": text}),
        lambda stack, text: Thread(stack, "it", metadata={text: "a"}),
        lambda stack, text: Thread(stack, "it").say("user", text),
        lambda stack, text: ThreadSet(stack, "it", {"a": {"metadata": {"a": text}}}),
        lambda stack, text: ThreadSet(stack, "it", {text: {}}),
        lambda stack, text: File(stack, "it", content=text, filename="a.md"),
        lambda stack, text: VectorStore(stack, "it", name=text),
        lambda stack, text: OpenaiProvider(stack, "it", alias="b", base_url=text),
    ],
)
def test_wherever_the_text_is(
    stack: cdktf.TerraformStack, make: Callable[[cdktf.TerraformStack, str], object]
) -> None:
    with pytest.raises(ConfigurationError, match="has in its text a Thread"):
        make(stack, f"of {Thread(stack, 'one')}")


def test_a_number_token_in_a_text_is_what_it_stands_for(stack: cdktf.TerraformStack) -> None:
    one = Thread(stack, "one")
    number = cdktf.TerraformVariable(stack, "number", type="number").number_value

    Thread(stack, "two", metadata={"since": f"since {one.created_at}"}).say("user", f"{number} of {number}")

    assert synthesized(stack)["openai_thread"]["two"] == {
        "metadata": {"since": "since ${openai_thread.one.created_at}"},
        "messages": [{"role": "user", "content": "${var.number} of ${var.number}"}],
    }


def test_what_only_looks_like_an_object_is_a_text(stack: cdktf.TerraformStack) -> None:
    text = "The log says <shop.Order object at 0x7f4aa38b6190>, and 3e+299."

    Thread(stack, "it").say("user", text)

    assert synthesized(stack)["openai_thread"]["it"]["messages"][0]["content"] == text


# --- something of another kind ------------------------------------------------------------


def test_a_construct_of_another_kind_is_refused(stack: cdktf.TerraformStack) -> None:
    file = File(stack, "file", content="x", filename="x.md")
    store = VectorStore(stack, "store")
    thread = Thread(stack, "thread")
    any_: Any = thread
    wrong: dict[str, Callable[[], object]] = {
        "vector_store is a File.": lambda: any_.search(file),
        "tool_resources.file_search.vector_store_ids[0] is the id of a file.": lambda: thread.search(file.id),
        "file is a Thread.": lambda: any_.attach(thread),
        "is the id of a thread.": lambda: thread.attach(thread.id),
        "files[0] is a VectorStore.": lambda: VectorStore(stack, "a", files=[store]),  # type: ignore[list-item]
        "files is 'file-1' (str).": lambda: VectorStore(stack, "b", files="file-1"),  # type: ignore[arg-type]
        "file is 'docs/x.md', which is a path": lambda: any_.attach(Path("docs/x.md")),
        '"docs/x.md", which is a path': lambda: thread.attach("docs/x.md"),
        '"x.md", which is a path': lambda: VectorStore(stack, "e", file_ids=["x.md"]),
        '"vs_1", which begins as the id of a vector store does': lambda: thread.attach("vs_1"),
        '"file-1", which begins as the id of a file does': lambda: thread.search("file-1"),
        'thread_id is "msg_1", which begins as the id of a message does': lambda: Message(
            stack, "f", thread_id="msg_1", role="user", content="x"
        ),
        "thread_id is the id of a vector store.": lambda: Message(
            stack, "g", thread_id=store.id, role="user", content="x"
        ),
        'id is "file-1", which begins': lambda: DataOpenaiThread(stack, "h", id="file-1"),
        "messages[0].attachments[0].file_id is the id of a thread.": lambda: thread.say(
            "user", "x", attachments=[{"file_id": thread.id}]
        ),
    }

    for text, make in wrong.items():
        with pytest.raises(ConfigurationError) as raised:
            make()
        assert text in str(raised.value), (text, str(raised.value))
    assert thread.attach(file).attach("assistant-4x").search(store).messages_input is None


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("sqlite://threads.db", 'Write "sqlite:threads.db"'),
        ("sqlite:///threads.db", 'Write "sqlite:threads.db"'),
        ("sqlite:////var/threads.db", 'Write "sqlite:/var/threads.db"'),
        ("sqlite://", "Name a file"),
        ("sqlite::memory:", "Name a file"),
        ("sqlite:file:threads.db", "Name a file"),
        ("sqlite:threads.db?mode=ro", "Name a file"),
        ("sqlite:~/threads.db", "Write the path in full"),
        ("sqlite: ", "without a path"),
    ],
)
def test_a_base_url_that_means_something_else_to_its_writer_is_refused(
    stack: cdktf.TerraformStack, url: str, meant: str
) -> None:
    with pytest.raises(ConfigurationError, match="base_url is") as raised:
        OpenaiProvider(stack, "other", alias="b", base_url=url)

    assert meant in str(raised.value)


# --- names of files -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["${x}.md", "%{if}.md", "$${x}.md", f"{DECOMPOSED}.md", f"{COMPOSED}.md"])
def test_a_file_of_any_name_is_found(stack: cdktf.TerraformStack, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("x")

    File(stack, "file", path=tmp_path / name)

    written = synthesized(stack)["openai_file"]["file"]["file"]
    assert os.path.basename(written) == name.replace("${", "$${").replace("%{", "%%{")  # noqa: PTH119 - of a text


# --- what was configured, to be read ------------------------------------------------------


def test_what_an_input_returns_is_not_changed_in_place(stack: cdktf.TerraformStack) -> None:
    thread = Thread(
        stack, "it", metadata={"a": "b"}, messages=[{"role": "user", "content": "Hi", "metadata": {}}]
    )
    metadata: Any = thread.metadata_input
    messages: Any = thread.messages_input
    changes: list[Callable[[], object]] = [
        lambda: metadata.update(c="d"),
        lambda: metadata.pop("a"),
        lambda: messages.append({}),
        lambda: messages[0].update(role="x"),
        lambda: messages[0]["metadata"].setdefault("a", "b"),
        lambda: thread.messages[0].internal_value.update(content="x"),
        lambda: ThreadSet(stack, "set", {"a": {}}).threads_input["a"].update({"metadata": {}}),  # type: ignore[index]
    ]

    for change in changes:
        with pytest.raises(ConfigurationError, match=r"Assign a new value: \w+ = "):
            change()
    own = json.loads(json.dumps(metadata))
    own["c"] = "d"
    thread.metadata = {**metadata, "c": "d"}
    assert thread.metadata_input == own


def test_none_is_an_absent_attribute_and_no_value(stack: cdktf.TerraformStack) -> None:
    thread = Thread(stack, "it", metadata=None)  # type: ignore[arg-type]
    wrong: list[Callable[[], object]] = [
        lambda: Thread(stack, "a", metadata={"team": None}),  # type: ignore[dict-item]
        lambda: Thread(stack, "b", tools=[None]),  # type: ignore[arg-type]
        lambda: thread.say("user", None),
        lambda: thread.attach(None),  # type: ignore[arg-type]
        lambda: thread.put_messages(None),  # type: ignore[arg-type]
        lambda: thread.put_tool_resources(None),  # type: ignore[call-overload]
        lambda: Thread.from_thread_id(stack, "c", None),  # type: ignore[arg-type]
        lambda: Message(stack, "d", thread_id=None, role="user", content="x"),  # type: ignore[arg-type]
    ]

    for make in wrong:
        with pytest.raises(ConfigurationError):
            make()
    assert thread.metadata_input is None


@pytest.mark.parametrize("id_", ["constructor", "toString", "__proto__"])
def test_an_id_that_every_object_of_javascript_has_is_refused(stack: cdktf.TerraformStack, id_: str) -> None:
    with pytest.raises(ConfigurationError, match="no member of every object of JavaScript"):
        Thread(stack, id_)

    Thread(stack, f"the_{id_}")


def test_a_key_that_jsii_can_not_carry_is_refused(stack: cdktf.TerraformStack) -> None:
    with pytest.raises(ConfigurationError, match="metadata has the key __proto__"):
        Thread(stack, "thread", metadata={"__proto__": "a", "constructor": "b"})


def test_a_token_of_another_run_is_refused_at_synth(stack: cdktf.TerraformStack) -> None:
    Thread(stack, "thread", messages=[{"role": "user", "content": "See ${TfToken[TOKEN.99999]}"}])

    with pytest.raises(ConfigurationError, match=r"messages has the token TOKEN\.99999") as raised:
        cdktf.Testing.synth(stack)

    assert str(raised.value).startswith('Thread "team/thread"')
