"""A thread from a file that openai-thread export wrote."""

import json
from pathlib import Path
from typing import Any

import cdktf
import pytest

from cdktf_openai_thread import ConfigurationError, OpenaiProvider, Thread
from cdktf_openai_thread.testing import threads_of

HEAD = {"type": "thread", "id": "conv_1", "api": "conversations", "created_at": 1, "metadata": {"a": "b"}}
CALL = {"type": "item", "item": {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}}


def said(number: int) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": f"Message {number} ${{not.hcl}}"}


def written(folder: Path, *lines: dict[str, Any]) -> Path:
    path = folder / "desk.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def made(path: Path, **config: Any) -> dict[str, Any]:
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "desk")
    Thread.from_transcript(stack, "support", path, **config)
    return threads_of(stack)["support"]


def test_metadata_and_messages_come_from_the_file_in_their_order(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD, *(said(number) for number in range(45)), CALL)

    thread = made(path)

    assert thread["metadata"] == {"a": "b"}
    assert [each["content"] for each in thread["messages"]] == [
        f"Message {number} $${{not.hcl}}" for number in range(45)
    ]


def test_what_is_given_besides_wins(tmp_path: Path) -> None:
    assert made(written(tmp_path, HEAD, said(1)), metadata={"c": "d"})["metadata"] == {"c": "d"}


def test_items_that_are_no_messages_are_warned_of(tmp_path: Path) -> None:
    app = cdktf.App(outdir=str(tmp_path / "out"))
    stack = cdktf.TerraformStack(app, "desk")
    OpenaiProvider(stack, "openai", base_url="sqlite:threads.db")
    Thread.from_transcript(stack, "support", written(tmp_path, HEAD, said(1), CALL))
    app.synth()

    assert "besides messages (1) is left out" in (tmp_path / "out/manifest.json").read_text()


@pytest.mark.parametrize(
    ("lines", "config", "text"),
    [
        (
            [HEAD, said(1), {**HEAD, "id": "conv_2"}],
            {},
            "holds several threads. Name one of them with thread=: conv_1, conv_2",
        ),
        ([HEAD], {"thread": "conv_3"}, "holds no thread conv_3"),
        ([said(1)], {}, "line 1 is a message before any thread"),
        ([HEAD, {**said(1), "role": "boss"}], {}, 'messages[0].role is "boss"'),
    ],
)
def test_what_is_wrong_with_the_file_is_said_at_synth(
    tmp_path: Path, lines: list[dict[str, Any]], config: dict[str, Any], text: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        made(written(tmp_path, *lines), **config)

    assert text in str(refused.value)


def item(*parts: dict[str, Any], role: str = "assistant") -> dict[str, Any]:
    return {"type": "item", "item": {"type": "message", "role": role, "content": list(parts)}}


def test_parts_come_from_the_file_and_what_no_thread_can_start_with_is_counted(tmp_path: Path) -> None:
    image = {"type": "image", "file_id": "file-1", "detail": "low"}
    cited = {"type": "output_text", "text": "See", "annotations": [{"type": "file_citation"}]}
    lines = [
        {"type": "message", "role": "user", "parts": [{"type": "text", "text": "Look"}, image]},
        {"type": "message", "role": "assistant", "parts": [{"type": "text", "text": t} for t in "ab"]},
        item(cited),
        item({"type": "input_image", "image_url": "https://a/b.png"}, role="user"),
        item(cited, {"type": "refusal", "refusal": "No"}),
        item({"type": "computer_screenshot", "file_id": "file-2"}, role="user"),
    ]

    thread = made(written(tmp_path, HEAD, *lines))

    assert thread["messages"] == [
        {"role": "user", "parts": [{"type": "text", "text": "Look"}, image]},
        {"role": "assistant", "content": "a\nb"},
        {"role": "assistant", "content": "See"},
        {"role": "user", "parts": [{"type": "image", "image_url": "https://a/b.png"}]},
    ]


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.jsonl can't be read: No such file"):
        made(tmp_path / "none.jsonl")
