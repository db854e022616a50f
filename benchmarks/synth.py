"""What the synth side costs: its import beside cdktf's, and each thread of an app."""

from pathlib import Path

from benchmarks.measure import Cost, cost, medians
from scripts.corpus import generate
from tests.e2e.environment import BIN, clean

IMPORT_RUNS = 9
SYNTH_RUNS = 3
THREADS = 1000

OURS = "from cdktf_openai_thread import OpenaiProvider, Thread"
GENERATED = """
from imports.openai.provider import OpenaiProvider
from imports.openai.thread import Thread
"""
PROGRAM = """
import sys
from cdktf import App, TerraformStack
IMPORTS

app = App()
stack = TerraformStack(app, "stack")
OpenaiProvider(stack, "openai", base_url="sqlite:threads.db")
for number in range(int(sys.argv[1])):
    Thread(
        stack,
        f"thread_{number}",
        metadata={"user_id": str(number)},
        messages=[{"role": "user", "content": "Hello"}],
    )
app.synth()
"""


def measure_import(folder: Path) -> tuple[Cost, Cost]:
    """Return what `import cdktf_openai_thread` and what `import cdktf` cost."""
    ours, theirs = medians(
        IMPORT_RUNS,
        lambda: cost([BIN / "python", "-c", "import cdktf_openai_thread"], folder, clean({})),
        lambda: cost([BIN / "python", "-c", "import cdktf"], folder, clean({})),
    )
    return ours, theirs


def measure_thread(folder: Path) -> tuple[Cost, Cost]:
    """Return what one more thread costs in an app with many, Node included: ours, and generated bindings'."""
    generate(folder)
    ours, theirs = folder / "ours.py", folder / "generated.py"
    ours.write_text(PROGRAM.replace("IMPORTS", OURS))
    theirs.write_text(PROGRAM.replace("IMPORTS", GENERATED))

    def taken(program: Path, threads: int) -> Cost:
        return cost([BIN / "python", program, str(threads)], folder, clean({}))

    many, one, many_generated, one_generated = medians(
        SYNTH_RUNS,
        lambda: taken(ours, THREADS + 1),
        lambda: taken(ours, 1),
        lambda: taken(theirs, THREADS + 1),
        lambda: taken(theirs, 1),
    )
    return _each(many, one), _each(many_generated, one_generated)


def _each(many: Cost, one: Cost) -> Cost:
    return Cost((many.cpu - one.cpu) / THREADS, (many.wall - one.wall) / THREADS)
