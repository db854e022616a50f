"""Measure what the package costs, each figure against a like one in the same run.

    python -m benchmarks

Prints medians and ratios; the last column is what the figure has to stay below.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from benchmarks import handshake, plan, synth
from benchmarks.measure import Cost

Result = TypeVar("Result")


def in_a_folder(measured: Callable[[Path], Result]) -> Result:
    """Measure in a temporary folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return measured(Path(folder))


def row(what: str, figure: Cost | str, verdict: str = "") -> None:
    """Print one line of the table."""
    took = figure if isinstance(figure, str) else f"{figure.cpu:8.1f} ms CPU  {figure.wall:8.1f} ms wall"
    print(f"{what:42} {took:38} {verdict}".rstrip(), flush=True)


def main() -> None:
    """Measure and print everything."""
    line, nothing = in_a_folder(handshake.measure)
    row("python -c pass", nothing)
    row("launcher to handshake line", line)
    row("  ratio", f"{line.cpu / nothing.cpu:8.1f} CPU     {line.wall / nothing.wall:8.1f} wall", "at most 7")

    of_thread, of_data = in_a_folder(plan.measure)
    row("plan of one terraform_data", of_data)
    row("plan of one new thread", of_thread)
    row("  ratio", f"{of_thread.cpu / of_data.cpu:8.1f} CPU", "at most 8")

    ours, theirs = in_a_folder(synth.measure_import)
    row("import cdktf", theirs)
    row("import cdktf_openai_thread", ours)
    row("  difference", f"{ours.cpu - theirs.cpu:8.1f} ms CPU", "at most 50")

    ours, theirs = in_a_folder(synth.measure_thread)
    row("synth, each of 1,000 threads", ours, "at most 2.5 CPU")
    row("  the same with generated bindings", theirs)
    row("  ratio", f"{ours.cpu / theirs.cpu:8.2f} CPU     {ours.wall / theirs.wall:8.2f} wall")


if __name__ == "__main__":
    main()
