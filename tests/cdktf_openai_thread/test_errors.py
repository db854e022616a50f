"""A mistake that nobody catches prints its message and the line, and no traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import BIN, FRAMEWORK, in_framework

PROGRAM = """
from cdktf import App, TerraformStack
from cdktf_openai_thread import Thread

class Mine(TerraformStack):
    def __init__(self, scope, name):
        super().__init__(scope, name)
        Thread(self, "it", messages=[{"role": "user", "contnet": "x"}], metadata={"a": "x" * 513})

Mine(App(), "stack")
"""


def run(folder: Path, *command: str | Path) -> tuple[int, str]:
    (folder / "main.py").write_text(in_framework(PROGRAM))
    settings = {"language": "python", "app": f'"{sys.executable}" main.py', "sendCrashReports": "false"}
    (folder / "cdktf.json").write_text(json.dumps({**settings, "projectId": "test"}))
    environment = {
        **os.environ,
        "CI": "1",
        "CHECKPOINT_DISABLE": "1",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "18,20,22",
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    return done.returncode, done.stderr


def expected(folder: Path) -> list[str]:
    return [
        f'Error: Thread "stack/it" ({folder / "main.py"}:8)',
        'metadata["a"] has 513 characters. Allowed: at most 512. Shorten it by 1.',
        (
            "messages[0].contnet is not known. Allowed: role, content, parts, content_wo, "
            "content_wo_version, phase, metadata, attachments, file_ids. "
            'Did you mean "content"?'
        ),
    ]


def test_python_prints_the_messages_alone(tmp_path: Path) -> None:
    code, said = run(tmp_path, sys.executable, "main.py")

    assert code == 1
    assert [line.strip() for line in said.splitlines() if not line.startswith("b'!!")] == expected(tmp_path)


@pytest.mark.cdktf
def test_cdktf_synth_shows_the_messages_and_no_traceback(tmp_path: Path) -> None:
    code, said = run(tmp_path, BIN / FRAMEWORK, "synth")

    assert code == 1
    assert "Traceback" not in said
    lines = [line.strip() for line in said.splitlines()]
    assert [line for line in lines if line in expected(tmp_path)] == expected(tmp_path)
