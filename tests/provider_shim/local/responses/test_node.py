"""The OpenAI SDK for Node, as npm has it, on the embedded API."""

import json
import subprocess
from pathlib import Path

from provider_shim.local.server import Server
from tests.support.environment import ROOT, clean

PROGRAM = Path(__file__).with_name("application.mjs")
MODULES = ROOT / "tools" / "openai"


def test_an_application_in_node_talks_streams_and_calls(tmp_path: Path) -> None:
    with Server(tmp_path / "threads.db") as server:
        done = subprocess.run(
            ["node", PROGRAM, server.base_url, MODULES],
            env=clean({}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "answer": "You said: Hello",
        "said": "You said: Hello again",
        "first": "response.created",
        "last": "response.completed",
        "call": "function_call",
        "items": ["message"] * 4,
        "found": "You said: Hello",
        "models": ["echo"],
        "refused": "501 not_served",
    }
