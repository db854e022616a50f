"""What mypy tells a user: the editor knows the schema before synth does."""

import subprocess
import sys
from pathlib import Path

from tests.support.environment import ROOT, in_framework

HEAD = """
from cdktf import App, TerraformOutput, TerraformStack, TerraformVariable, Token
from cdktf_openai_thread import OpenaiProvider, Thread, ThreadMessages

stack = TerraformStack(App(), "stack")
thread = Thread(stack, "thread")
"""
RIGHT = """
key = TerraformVariable(stack, "key", type="string", sensitive=True)
OpenaiProvider(stack, "openai", api_key=key.string_value, api="threads", timeout=5, headers={"a": "b"})
message: ThreadMessages = {"role": "user", "content": "hello"}
one = Thread(stack, "a", metadata={"a": "b"}, tools=["file_search"], lifecycle={"prevent_destroy": True},
             messages=[message, {"role": "assistant", "content": "x", "attachments": [{"file_id": "f"}]}],
             tool_resources={"file_search": {"vector_store_ids": ["vs_1"]}}, depends_on=[thread])
Thread(stack, "b", metadata={"of": one.id}, messages=Token.as_any([]), retain_on_destroy=Token.as_any(True))
TerraformOutput(stack, "ids", value=one.message_ids)
ids: list[str] = one.message_ids
created: float = one.created_at
one.metadata = {"x": "y"}
one.put_messages([message])
"""
WRONG = {
    'Thread(stack, "a", messages=[{"role": "sys", "content": "x"}])': "has type \"Literal['sys']\"",
    'Thread(stack, "b", metadata={"a": 1})': '"str": "int"; expected "str": "str"',
    'Thread(stack, "c", mesages=[])': 'argument "mesages" for "Thread"; did you mean "messages"?',
    'Thread(stack, "d", messages=[{"role": "user", "contnet": "x"}])': 'Extra key "contnet"',
    'Thread(stack, "e", messages=[{"role": "user"}])': 'Missing key "content"',
    'Thread(stack, "f", tools=["search"])': "incompatible type \"Literal['search']\"",
    'OpenaiProvider(stack, "g", api="thread")': "incompatible type \"Literal['thread']\"",
    'thread.metdata = {"x": "y"}': 'has no attribute "metdata"; maybe "metadata"?',
    'thread.metadata = {"x": 5}': 'expected "str": "str"',
    'thread.id = "conv_1"': 'expression has type "str"',
    "total: int = thread.message_ids": 'expression has type "list[str]"',
}


def mypy(folder: Path, program: str) -> list[str]:
    (folder / "program.py").write_text(in_framework(HEAD + program))
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--hide-error-context"]
    done = subprocess.run(
        [*command, "--config-file=", f"--cache-dir={folder.parent / 'cache'}", folder / "program.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert not done.stderr
    return [line for line in done.stdout.splitlines() if ": error: " in line]


def test_right_programs_pass(tmp_path: Path) -> None:
    assert mypy(tmp_path, RIGHT) == []


def test_each_mistake_is_shown_in_its_line(tmp_path: Path) -> None:
    start = len(HEAD.splitlines()) + 1

    told = dict.fromkeys(range(start, start + len(WRONG)), "")
    for line in mypy(tmp_path, "\n".join(WRONG)):
        told[int(line.split(":")[1])] += line
    missing = [text for text, said in zip(WRONG.values(), told.values(), strict=True) if text not in said]
    assert missing == [], told
