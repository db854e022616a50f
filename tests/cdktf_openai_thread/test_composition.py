"""Threads, files and vector stores put together: ids flow as references."""

import json
from pathlib import Path
from typing import Any, cast

import cdktf
import pytest

from cdktf_openai_thread import (
    ConfigurationError,
    DataOpenaiFile,
    DataOpenaiThread,
    DataOpenaiThreadMessages,
    File,
    Message,
    OpenaiProvider,
    Thread,
    VectorStore,
    VectorStoreChunkingStrategy,
    VectorStoreChunkingStrategyStatic,
    VectorStoreExpiresAfter,
)


@pytest.fixture
def stack() -> cdktf.TerraformStack:
    return cdktf.TerraformStack(cdktf.Testing.app(), "stack")


def synthesized(stack: cdktf.TerraformStack) -> dict[str, Any]:
    written: dict[str, Any] = json.loads(cdktf.Testing.synth(stack))
    return written


def text(stack: cdktf.TerraformStack, name: str, content: str = "text") -> File:
    return File(stack, name, content=content, filename=f"{name}.md")


def test_a_thread_may_use_the_files_and_the_store_that_it_is_given(stack: cdktf.TerraformStack) -> None:
    one, two = text(stack, "one"), text(stack, "two")
    store = VectorStore(stack, "store", file_ids=["file-1"], files=[two])
    thread = Thread(stack, "thread")

    given_back = thread.attach(one).attach("file-1").attach(one).search(store)
    resources = synthesized(stack)["resource"]

    assert given_back is thread
    assert resources["openai_vector_store"]["store"]["file_ids"] == ["file-1", "${openai_file.two.id}"]
    assert resources["openai_thread"]["thread"] == {
        "tools": ["code_interpreter", "file_search"],
        "tool_resources": {
            "code_interpreter": {"file_ids": ["${openai_file.one.id}", "file-1"]},
            "file_search": {"vector_store_ids": ["${openai_vector_store.store.id}"]},
        },
    }


def test_a_file_of_a_store_is_made_anew_before_the_old_one_goes_unless_its_lifecycle_says_otherwise(
    stack: cdktf.TerraformStack,
) -> None:
    def file(name: str, lifecycle: Any) -> File:
        return File(stack, name, content="text", filename="text.md", lifecycle=lifecycle)

    protected = cdktf.TerraformResourceLifecycle(prevent_destroy=True, ignore_changes=["purpose"])
    files: list[File | DataOpenaiFile] = [
        text(stack, "bare"),
        file("protected", protected),
        file("old_first", {"create_before_destroy": False}),
        DataOpenaiFile(stack, "facts", id="file-1"),
    ]
    text(stack, "of_no_store")

    VectorStore(stack, "store", files=files)
    written = synthesized(stack)["resource"]["openai_file"]

    assert {name: each.get("lifecycle") for name, each in written.items()} == {
        "bare": {"create_before_destroy": True},
        "protected": {
            "create_before_destroy": True,
            "prevent_destroy": True,
            "ignore_changes": ["purpose"],
        },
        "old_first": {"create_before_destroy": False},
        "of_no_store": None,
    }


def test_what_a_thread_has_already_is_kept(stack: cdktf.TerraformStack) -> None:
    thread = Thread(stack, "thread", tool_resources={"file_search": {"vector_store_ids": ["vs_1"]}})

    thread.attach("file-1")

    assert thread.tools_input == ["file_search", "code_interpreter"]
    assert thread.tool_resources_input == {
        "file_search": {"vector_store_ids": ["vs_1"]},
        "code_interpreter": {"file_ids": ["file-1"]},
    }


def test_a_second_store_is_one_too_many_and_changes_nothing(stack: cdktf.TerraformStack) -> None:
    thread = Thread(stack, "thread").search("vs_1")

    with pytest.raises(ConfigurationError) as raised:
        thread.search("vs_2")

    [problem] = raised.value.problems
    assert problem.detail == (
        "tool_resources.file_search.vector_store_ids has 2 elements. Allowed: at most 1. Remove 1."
    )
    assert thread.tool_resources_input == {"file_search": {"vector_store_ids": ["vs_1"]}}


def test_nothing_can_be_added_to_a_token(stack: cdktf.TerraformStack) -> None:
    ids = cdktf.Token.as_list("${local.ids}")
    thread = Thread(stack, "thread", tool_resources={"code_interpreter": {"file_ids": ids}})

    with pytest.raises(ConfigurationError) as of_thread:
        thread.attach("file-1")
    with pytest.raises(ConfigurationError) as of_store:
        VectorStore(stack, "store", file_ids=ids, files=[text(stack, "one")])

    assert of_thread.value.problems[0].detail == (
        "tool_resources.code_interpreter.file_ids is a token, whose value is known only at deploy: nothing "
        "can be added to it. Allowed: a literal. Put the id into the value that the token stands for."
    )
    assert of_store.value.problems[0].path == ("file_ids",)


def test_data_sources_refer_and_are_referred_to(stack: cdktf.TerraformStack) -> None:
    thread = DataOpenaiThread(stack, "shared", id="conv_1")
    messages = DataOpenaiThreadMessages(stack, "said", thread_id=thread.id, limit=3)
    Thread(stack, "thread").attach(DataOpenaiFile(stack, "facts", id="file-1"))
    Message(stack, "reminder", thread_id=thread.id, role="user", content=messages.messages.get(0).text)
    written = synthesized(stack)

    assert written["data"] == {
        "openai_thread": {"shared": {"id": "conv_1"}},
        "openai_thread_messages": {"said": {"thread_id": "${data.openai_thread.shared.id}", "limit": 3}},
        "openai_file": {"facts": {"id": "file-1"}},
    }
    assert written["resource"]["openai_thread"]["thread"]["tool_resources"] == {
        "code_interpreter": {"file_ids": ["${data.openai_file.facts.id}"]}
    }
    assert written["resource"]["openai_message"]["reminder"] == {
        "thread_id": "${data.openai_thread.shared.id}",
        "role": "user",
        "content": "${data.openai_thread_messages.said.messages[0].text}",
    }


def test_a_path_makes_an_asset(stack: cdktf.TerraformStack, tmp_path: Path) -> None:
    handbook = tmp_path / "handbook.md"
    handbook.write_text("text")

    File(stack, "handbook", path=handbook, purpose="user_data")
    written = synthesized(stack)["resource"]["openai_file"]["handbook"]

    assert written["purpose"] == "user_data"
    assert written["file"].startswith("assets/")
    assert written["file"].endswith("/handbook.md")


@pytest.mark.parametrize("name", ["path", "file"])
def test_a_literal_path_is_checked_at_synth(stack: cdktf.TerraformStack, tmp_path: Path, name: str) -> None:
    empty, large = tmp_path / "empty", tmp_path / "large"
    empty.touch()
    with large.open("wb") as file:
        file.truncate(512 * 1024 * 1024 + 1)
    paths = [tmp_path / "missing", tmp_path, empty, large]

    said = []
    for number, path in enumerate(paths):
        config: dict[str, Any] = {name: str(path)}
        with pytest.raises(ConfigurationError) as raised:
            File(stack, f"file{number}", **config)
        said.append(raised.value.problems[0].detail)

    assert said == [
        (
            f'{name} is "{paths[0]}", which can\'t be read: No such file or directory. Allowed: a file that '
            "exists and that this user may read. Correct the path."
        ),
        f'{name} is "{paths[1]}", which is a folder. Allowed: the path of a file. Give one.',
        f'{name} is "{empty}", which is empty. Allowed: 1 byte to 512 MB. Give a file with content.',
        (
            f'{name} is "{large}", which has 536,870,913 bytes. Allowed: at most 536,870,912 (512 MB). Split '
            "it into smaller files."
        ),
    ]


def test_a_path_that_terraform_sees_is_not_checked_at_synth(stack: cdktf.TerraformStack) -> None:
    File(stack, "relative", file="assets/later.md")
    File(stack, "expression", file="${path.module}/later.md")
    File(stack, "token", file=cdktf.Token.as_string("${local.path}"))

    assert set(synthesized(stack)["resource"]["openai_file"]) == {"relative", "expression", "token"}


CONFIGURATIONS: list[tuple[dict[str, Any], str]] = [
    (
        {},
        (
            "file and content are missing. Allowed: file = the path of a file, or content = a text with "
            "filename = its name, or content_wo = a text that no state holds. Give one of them."
        ),
    ),
    (
        {"content": "text", "filename": "a.md", "file": "a.md"},
        "file and content are given. Allowed: one of them. Remove the other.",
    ),
    ({"content": "text"}, 'filename is missing, and content needs it: for example filename = "handbook.md".'),
    (
        {"content": "text", "filename": "docs/a.md"},
        ('filename is "docs/a.md". Allowed: a name without a folder. Remove what is before the last slash.'),
    ),
    (
        {"content": "text", "filename": "a.md", "expires_after": {"seconds": 60}},
        "expires_after.seconds is 60. Allowed: a whole number from 3600 to 2592000.",
    ),
]


@pytest.mark.parametrize(("config", "detail"), CONFIGURATIONS)
def test_a_file_has_one_source_and_a_name(
    stack: cdktf.TerraformStack, config: dict[str, Any], detail: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        File(stack, "file", **config)

    assert [each.detail for each in raised.value.problems] == [detail]


def test_one_attribute_changes_without_the_others(stack: cdktf.TerraformStack) -> None:
    file = text(stack, "one", "${literally}")

    file.purpose = "user_data"
    file.put_expires_after(seconds=3600)
    written = synthesized(stack)["resource"]["openai_file"]["one"]

    assert written == {
        "content": "$${literally}",
        "filename": "one.md",
        "purpose": "user_data",
        "expires_after": {"seconds": 3600},
    }


def test_nested_types_bear_the_names_of_generated_bindings(stack: cdktf.TerraformStack) -> None:
    static = VectorStoreChunkingStrategyStatic(max_chunk_size_tokens=200, chunk_overlap_tokens=100)
    strategy = VectorStoreChunkingStrategy(type="static", static=static)
    store = VectorStore(
        stack, "store", expires_after=VectorStoreExpiresAfter(days=7), chunking_strategy=strategy
    )
    cdktf.TerraformOutput(stack, "indexed", value=store.file_counts.completed)
    cdktf.TerraformOutput(stack, "size", value=store.chunking_strategy.static.max_chunk_size_tokens)
    written = synthesized(stack)

    assert written["resource"]["openai_vector_store"]["store"] == {
        "expires_after": {"days": 7},
        "chunking_strategy": {
            "type": "static",
            "static": {"max_chunk_size_tokens": 200, "chunk_overlap_tokens": 100},
        },
    }
    assert {name: each["value"] for name, each in written["output"].items()} == {
        "indexed": "${openai_vector_store.store.file_counts.completed}",
        "size": "${openai_vector_store.store.chunking_strategy.static.max_chunk_size_tokens}",
    }


def test_a_message_takes_images_and_files_as_constructs_ids_and_urls(stack: cdktf.TerraformStack) -> None:
    one, found = text(stack, "one"), DataOpenaiFile(stack, "found", id="file-2")
    low: Any = {"type": "image", "image_url": "https://a/c.png", "detail": "low"}
    thread = Thread(stack, "thread", messages=[{"role": "user", "content": "Before"}])

    thread.say("user", "Look", images=[one, "file-1", "https://a/b.png", "data:image/png;base64,AA==", low])
    thread.say("user", files=[found, "https://a/b.pdf", "data:text/plain;base64,AA=="])
    thread.say("assistant", "I see", phase="final_answer")
    messages = synthesized(stack)["resource"]["openai_thread"]["thread"]["messages"]

    assert messages[1:] == [
        {
            "role": "user",
            "parts": [
                {"type": "text", "text": "Look"},
                {"type": "image", "file_id": "${openai_file.one.id}"},
                {"type": "image", "file_id": "file-1"},
                {"type": "image", "image_url": "https://a/b.png"},
                {"type": "image", "image_url": "data:image/png;base64,AA=="},
                low,
            ],
        },
        {
            "role": "user",
            "parts": [
                {"type": "file", "file_id": "${data.openai_file.found.id}"},
                {"type": "file", "file_url": "https://a/b.pdf"},
                {"type": "file", "file_data": "data:text/plain;base64,AA=="},
            ],
        },
        {"role": "assistant", "content": "I see", "phase": "final_answer"},
    ]


@pytest.mark.parametrize(
    ("image", "text"),
    [
        ("pictures/a.png", 'messages[0].parts[1].file_id is "pictures/a.png", which is a path'),
        (Path("a.png"), "messages[0].parts[1].file_id is 'a.png', which is a path"),
        ("vs_1", "which begins as the id of a vector store does"),
        (7, "messages[0].parts[1].file_id is a int"),
        ({"type": "image", "image": "a"}, "messages[0].parts[1].image is not known"),
    ],
)
def test_what_is_no_image_is_refused_with_its_place(
    stack: cdktf.TerraformStack, image: Any, text: str
) -> None:
    thread = Thread(stack, "thread")

    with pytest.raises(ConfigurationError) as refused:
        thread.say("user", "Look", images=[image])

    assert text in str(refused.value)


def test_a_literal_that_is_to_stay_out_of_the_state_is_refused_and_not_repeated(
    stack: cdktf.TerraformStack,
) -> None:
    unseen = cdktf.TerraformVariable(stack, "text", type="string", sensitive=True)
    unseen.add_override("ephemeral", True)  # noqa: FBT003 - cdktf's own
    literal, token = (
        {"content_wo": each, "content_wo_version": 1} for each in ("very secret", unseen.string_value)
    )
    makers: list[Any] = [
        lambda name, wo: Thread(stack, name, messages=cast("Any", [{"role": "user", **wo}])),
        lambda name, wo: Message(stack, name, thread_id="conv_1", role="user", **wo),
        lambda name, wo: File(stack, name, filename="a.md", **wo),
    ]

    for number, make in enumerate(makers):
        with pytest.raises(ConfigurationError) as refused:
            make(f"literal{number}", literal)
        assert "content_wo is a literal (not repeated here)" in str(refused.value)
        assert "very secret" not in str(refused.value)
        make(f"token{number}", token)
    written = synthesized(stack)["resource"]

    assert written["openai_file"]["token2"]["content_wo"] == "${var.text}"
    assert written["openai_thread"]["token0"]["messages"][0]["content_wo"] == "${var.text}"


@pytest.mark.skipif(not hasattr(cdktf, "ProviderFeature"), reason="only cdktn knows target versions")
@pytest.mark.parametrize("is_changed", [False, True])
def test_what_a_target_version_can_not_do_is_refused(is_changed: bool, tmp_path: Path) -> None:
    def app_for(versions: str) -> cdktf.App:
        app = cdktf.App(outdir=str(tmp_path), context={"targetVersions": {"terraform": versions}})
        stack = cdktf.TerraformStack(app, "support")
        OpenaiProvider(stack, "openai")
        unseen = cdktf.TerraformVariable(stack, "text", type="string", sensitive=True).string_value
        wo: Any = {"role": "user", "content_wo": unseen, "content_wo_version": 1}
        thread = Thread(stack, "it", messages=[] if is_changed else [wo])
        if is_changed:
            thread.put_messages([wo])
        return app

    app_for(">=1.11.0").synth()
    with pytest.raises(ConfigurationError, match=r"content_wo is .* needs terraform >=1\.11\.0"):
        app_for(">=1.8.4").synth()
