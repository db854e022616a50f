"""The file of a thread: what is wrong with one is said with its line."""

from pathlib import Path

import pytest

from provider_shim.contract.transcript import Transcript, TranscriptError, lines, parsed, read

THREAD = '{"type": "thread", "metadata": {"a": "b"}}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no thread"),
        ("{", "line 1 is no JSON"),
        ("[" * 100_000, "line 1 is no JSON"),
        ('{"type": "other"}', "line 1 is no line of a transcript"),
        ('{"type": "message", "role": "user", "content": "a"}', "line 1 is a message before any thread"),
        (f'{THREAD}\n\n{{"type": "message", "content": "a"}}', "line 3: role is missing"),
        (f'{THREAD}\n{{"type": "message", "role": "user"}}', "either content or parts"),
        (f'{THREAD}\n{{"type": "message", "role": "user", "content": 3}}', "content is no text"),
        (f'{THREAD}\n{{"type": "message", "role": "user", "parts": [1]}}', "parts is no list of objects"),
        (
            f'{THREAD}\n{{"type": "message", "role": "user", "contents": "a"}}',
            "line 2: contents is not known",
        ),
        (f'{THREAD}\n{{"type": "item", "item": []}}', "item is no object with a type"),
        ('{"type": "thread", "metadata": {"a": 1}}', "metadata is no object of texts"),
        ('{"type": "thread", "api": "runs"}', 'Allowed: "conversations" or "threads"'),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(TranscriptError, match=r"desk\.jsonl") as refused:
        parsed(text.splitlines(), "desk.jsonl")

    assert said in str(refused.value)


def test_a_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    path = tmp_path / "desk.jsonl"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(TranscriptError, match="not UTF-8"):
        read(path)


def test_messages_are_what_a_thread_can_start_with() -> None:
    message = {"type": "message", "role": "user", "content": "Hi"}
    call = {"type": "item", "item": {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}}
    cited = {
        "type": "item",
        "item": {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "Hello", "annotations": [{}]}],
        },
    }
    written = Transcript(metadata={"a": "b"}, entries=[message, call, cited], id="conv_1")

    (read_back,) = parsed(lines(written), "desk.jsonl")

    assert read_back == written
    assert read_back.messages() == [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
    ]
