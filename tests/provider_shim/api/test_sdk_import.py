"""The SDK is loaded without its models, and has them all the same."""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from provider_shim.api.sdk_import import WAITING

WHOLE = "import sys\nimport openai\n"
OURS = "import sys\nbefore = list(sys.meta_path)\nfrom provider_shim.api.sdk_import import load\nload()\n"
CLASSES = """
import importlib, json
def classes(package):
    module = importlib.import_module(package)
    hasattr(module, "anything")
    return {name: repr(each) for name, each in vars(module).items() if isinstance(each, type)}
print(json.dumps({package: classes(package) for package in sys.argv[1:]}))
"""
CALL = """
import httpx2
answer = {"id": "conv_1", "object": "conversation", "created_at": 1, "metadata": {}}
transport = httpx2.MockTransport(lambda request: httpx2.Response(200, json=answer))
client = openai.OpenAI(api_key="none", http_client=httpx2.Client(transport=transport))
print(client.conversations.create())
"""


def run(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def models(program: str, packages: Sequence[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(run(program + CLASSES, *packages))
    return found


def test_most_of_the_models_wait_and_no_finder_stays() -> None:
    count = "print(sum(each.startswith('openai.types.') for each in sys.modules))"
    ours, whole = (int(run(program + count)) for program in (OURS, WHOLE))

    assert ours < whole / 3
    assert run(OURS + "print(sys.meta_path == before)") == "True\n"


@pytest.mark.parametrize("packages", [sorted(WAITING), sorted(WAITING, reverse=True)])
def test_whoever_asks_gets_every_model(packages: list[str]) -> None:
    ours, whole = models(OURS, packages), models(WHOLE, packages)

    assert ours == whole
    assert min(map(len, whole.values())) > 1


def test_a_typed_call_answers_with_the_sdks_model() -> None:
    assert run(f"{OURS}import openai\n{CALL}") == run(WHOLE + CALL)
