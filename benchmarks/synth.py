"""What the synth side costs: its import beside cdktf's, and apps of many threads beside others."""

import importlib
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from benchmarks.environment import Peers
from benchmarks.measure import Cost, Figures, cost, interleaved, peaks
from tests.support.environment import BIN, ROOT, clean

IMPORTS = ("import cdktf", "import cdktf_openai_thread")

OURS, SET, GENERATED, RANDOM, JSON = (
    "Thread",
    "ThreadSet",
    "generated bindings",
    "random_password",
    "json.dumps",
)

_APP = """
import sys
from cdktf import App, TerraformStack
{imports}

app = App()
stack = TerraformStack(app, "stack")
{provider}
{resources}
app.synth()
"""
_PROVIDER = 'OpenaiProvider(stack, "openai", base_url="sqlite:threads.db")'
_THREAD = """for number in range(int(sys.argv[1])):
    Thread(
        stack,
        f"thread_{number}",
        metadata={"user_id": str(number)},
        messages=[{"role": "user", "content": "Hello"}],
    )"""

PROGRAMS: Mapping[str, str] = {
    OURS: _APP.format(
        imports="from cdktf_openai_thread import OpenaiProvider, Thread",
        provider=_PROVIDER,
        resources=_THREAD,
    ),
    SET: _APP.format(
        imports="from cdktf_openai_thread import OpenaiProvider, ThreadSet",
        provider=_PROVIDER,
        resources="""ThreadSet(
    stack,
    "threads",
    {
        f"thread_{number}": {
            "metadata": {"user_id": str(number)},
            "messages": [{"role": "user", "content": "Hello"}],
        }
        for number in range(int(sys.argv[1]))
    },
)""",
    ),
    GENERATED: _APP.format(
        imports="from imports.openai.provider import OpenaiProvider\n"
        "from imports.openai.thread import Thread",
        provider=_PROVIDER,
        resources=_THREAD,
    ),
    RANDOM: _APP.format(
        imports="from cdktf_cdktf_provider_random.password import Password\n"
        "from cdktf_cdktf_provider_random.provider import RandomProvider",
        provider='RandomProvider(stack, "random")',
        resources="for number in range(int(sys.argv[1])):\n"
        '    Password(stack, f"password_{number}", length=16, keepers={"user_id": str(number)})',
    ),
    JSON: """
import json, sys
threads = {
    f"thread_{number}": {
        "metadata": {"user_id": str(number)},
        "messages": [{"role": "user", "content": "Hello"}],
    }
    for number in range(int(sys.argv[1]))
}
with open("cdk.tf.json", "w") as file:
    file.write(json.dumps({"resource": {"openai_thread": threads}}, indent=2))
""",
}


def measure_import(folder: Path, runs: int) -> dict[str, Figures]:
    """Return what `import cdktf` and what `import cdktf_openai_thread` cost."""
    python = BIN / "python"
    return interleaved(
        runs, {each: partial(cost, [python, "-c", each], folder, clean({})) for each in IMPORTS}
    )


class Apps:
    """A program of each kind, ready to be run."""

    def __init__(self, folder: Path, peers: Peers) -> None:
        """Generate the bindings from our own schema, which takes Terraform and cdktf some seconds."""
        self._folder = folder
        sys.path.insert(0, str(ROOT / "scripts"))
        importlib.import_module("corpus").generate(folder)
        self._environment = {"PYTHONPATH": f"{folder}:{peers.random}"}
        for name, program in PROGRAMS.items():
            self._program(name).write_text(program)

    def measure(self, sizes: Mapping[int, int]) -> dict[tuple[str, int], Figures]:
        """Return what apps of all kinds and sizes cost, Node included."""
        found: dict[tuple[str, int], Figures] = {}
        for size, runs in sizes.items():
            found |= interleaved(runs, {(name, size): partial(self.run, name, size) for name in PROGRAMS})
        return found

    def memory(self, size: int) -> dict[str, dict[str, float]]:
        """Return the most memory of each kind of app, by process: python and node."""
        return {name: peaks(partial(self.run, name, size)) for name in PROGRAMS}

    def run(self, name: str, size: int) -> Cost:
        """Synthesize once."""
        command: list[str | Path] = [BIN / "python", self._program(name), str(size)]
        return cost(command, self._folder, clean(self._environment))

    def _program(self, name: str) -> Path:
        return self._folder / f"{name.replace(' ', '_').replace('.', '_')}.py"
