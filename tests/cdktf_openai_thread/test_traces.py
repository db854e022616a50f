"""No trace of Node's: what is wrong comes out as one error, with the user's line and what to write."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import ROOT, clean, in_framework

HEAD = """\
import jsii
from cdktf import App, Aspects, IAspect, TerraformStack, Testing
from cdktf_openai_thread import ConfigurationError, OpenaiProvider, Thread

app = App()
stack = TerraformStack(app, "support")
"""
PROGRAMS = {
    "a forgotten provider": (
        'Thread(stack, "it")\napp.synth()',
        'Error: TerraformStack "support" (main.py:8)',
        "the stack has resources of cdktf_openai_thread and no OpenaiProvider.",
    ),
    "an error in an aspect": (
        """
@jsii.implements(IAspect)
class Longer:
    def visit(self, node):
        if isinstance(node, Thread):
            node.metadata = {"a": "x" * 513}


OpenaiProvider(stack, "openai")
Thread(stack, "it")
Aspects.of(stack).add(Longer())
app.synth()
""",
        'Error: Thread "support/it" (main.py:12)',
        'metadata["a"] has 513 characters.',
    ),
    "an error in an aspect of a test": (
        """
@jsii.implements(IAspect)
class Longer:
    def visit(self, node):
        if isinstance(node, Thread):
            node.metadata = {"a": "x" * 513}


Thread(stack, "it")
Aspects.of(stack).add(Longer())
Testing.synth(stack)
""",
        'Error: Thread "support/it" (main.py:12)',
        'metadata["a"] has 513 characters.',
    ),
    "a forgotten provider in a test": (
        'Thread(stack, "it")\nTesting.synth(stack, True)',
        'Error: TerraformStack "support" (main.py:8)',
        "the stack has resources of cdktf_openai_thread and no OpenaiProvider.",
    ),
    "more problems than one wants to read": (
        'Thread(stack, "it", messages=[{"role": "robot", "content": "x"}] * 25)',
        'Error: Thread "support/it" (main.py:7)',
        "and 15 more of 25",
    ),
    "an element of a list token": (
        'Thread(stack, "it", metadata={"a": Thread(stack, "other").message_ids[0]})',
        'Error: Thread "support/it" (main.py:7)',
        "Fn.element(names, 0)",
    ),
    "a longer list of a list token": (
        'Thread(stack, "it", tools=[*Thread(stack, "other").message_ids, "file_search"])',
        'Error: Thread "support/it" (main.py:7)',
        "Fn.concat([names, […]])",
    ),
    "a larger map of a map token": (
        'Thread(stack, "it", metadata={**Thread(stack, "other").metadata, "a": "b"})',
        'Error: Thread "support/it" (main.py:7)',
        "Fn.merge([labels, {…}])",
    ),
}


@pytest.mark.parametrize(("program", "title", "text"), PROGRAMS.values(), ids=PROGRAMS)
def test_one_error_with_the_line_and_what_to_write(
    program: str, title: str, text: str, tmp_path: Path
) -> None:
    (tmp_path / "main.py").write_text(in_framework(HEAD + program))
    done = subprocess.run(
        [sys.executable, "main.py"],
        cwd=tmp_path,
        env={
            **clean({"PYTHONPATH": str(ROOT)}),
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "18,20,22",
            "HOME": os.environ.get("HOME", "/"),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    said = done.stderr.replace(f"{tmp_path}/", "")
    assert done.returncode == 1
    assert said.startswith(title), said
    assert text in said
    assert "Traceback" not in said
    assert len(said.splitlines()) <= 12
