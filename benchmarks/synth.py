"""What the synth side costs: its import beside cdktf's, and each thread of an app."""

from pathlib import Path

from benchmarks.measure import Cost, cost, medians
from tests.e2e.environment import BIN, clean

IMPORT_RUNS = 9
SYNTH_RUNS = 3
THREADS = 1000

PROGRAM = """
import sys
from cdktf import App, TerraformStack
from cdktf_openai_thread import OpenaiProvider, Thread

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


def measure_thread(folder: Path) -> Cost:
    """Return what one more thread costs in an app with many, Node included."""
    program = folder / "main.py"
    program.write_text(PROGRAM)
    many, one = medians(
        SYNTH_RUNS,
        lambda: cost([BIN / "python", program, str(THREADS + 1)], folder, clean({})),
        lambda: cost([BIN / "python", program, "1"], folder, clean({})),
    )
    return Cost((many.cpu - one.cpu) / THREADS, (many.wall - one.wall) / THREADS)
