"""The page that a run writes, and its plot."""

import datetime as dt
import json
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from benchmarks import go_peer, handshake, sets, synth
from benchmarks.deploys import APPLY, FLOOR, OURS, PEER, PLAN, REFRESH, SCRIPT, Key
from benchmarks.environment import RANDOM, TF
from benchmarks.measure import Figures
from benchmarks.plot import bars, lines, short
from benchmarks.scale import Scale
from benchmarks.slow_api import DELAY
from tests.support.environment import clean, engine

_OF_THE_PROVIDER = "of it the provider"
BAR = 1.3
"""What an apply may take, as a multiple of the plain script and Terraform's own floor together."""


@dataclass(frozen=True)
class Measured:
    """All that a run has found."""

    scale: Scale
    starts: dict[str, Figures]
    imports: dict[str, Figures]
    deploys: dict[Key, Figures]
    explained: dict[str, float]
    apps: dict[tuple[str, int], Figures]
    sets: dict[sets.Key, sets.Measured]
    state: dict[tuple[str, int], float]
    """Bytes of the state for each thread, by whose and how many."""
    provider_memory: dict[str, float]
    app_memory: dict[str, dict[str, float]]
    load: tuple[float, float]
    """Of the machine, when the run began and when it ended: processes that wanted a core."""
    go: dict[Key, Figures] = field(default_factory=dict)
    """Ours beside the Go provider; empty where there is no Go."""


def write(folder: Path, measured: Measured) -> None:
    """Write benchmarks.md and its drawings."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "benchmarks.svg").write_text(_plot(measured))
    (folder / "benchmarks-growth.svg").write_text(_growth(measured.sets))
    parts = (_head, _deploys, _refreshes, _go, _sets, _explained, _starts, _apps, _memory)
    (folder / "benchmarks.md").write_text("\n".join(part(measured) for part in parts))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table; all columns but the first are figures."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _go(measured: Measured) -> str:
    rows = []
    for what, count in dict.fromkeys((what, count) for what, count, _, _ in measured.go):
        names = (OURS, go_peer.GO, go_peer.QUIET)
        taken = [measured.go[what, count, go_peer.PARALLELISM, name].cpu / 1000 for name in names]
        ratios = [taken[0] / each for each in taken[1:]]
        rows.append([f"{what} of {count:,}", *(f"{each:.2f}" for each in (*taken, *ratios))])
    if not rows:
        return ""
    return f"""
## Beside an ordinary Go provider

The same resource on terraform-plugin-framework and net/http, in `benchmarks/peers/go`: CPU seconds of the
whole run, Terraform's included, at parallelism {go_peer.PARALLELISM}. Its framework writes trace lines to
Terraform also where nobody asks for a log; "off" is with `{" ".join(f"{name}=off" for name in go_peer.OFF)}`.

{table(["", OURS, "Go", "Go, off", "÷ Go", "÷ off"], rows)}"""


def _head(measured: Measured) -> str:
    shown = subprocess.run(
        [engine(), "version", "-json"], env=clean({}), capture_output=True, text=True, check=True
    )
    terraform = json.loads(shown.stdout)["terraform_version"]
    runs = ", ".join(f"{count:,}: {runs}" for count, runs in measured.scale.threads.items())
    return f"""# Benchmarks

`make bench` writes this page. All figures are of one run in which everything takes turns, so that what is
compared has met the same machine: compare figures of this page with each other, and with no others.

Measured on {dt.datetime.now(dt.UTC):%Y-%m-%d} with Terraform {terraform}, Python {platform.python_version()},
openai {version("openai")}, cdktf {version("cdktf")}, on {os.cpu_count()} cores, with a load of
{measured.load[0]:.1f} before and {measured.load[1]:.1f} after. Figures are medians, with the least in
brackets (runs by number of threads: {runs}). Wall is what one waits, CPU is what all processes together used.
{_busy(measured.load)}
![Bars: apply, refresh and synth beside the alternatives, as in the tables below](benchmarks.svg)
"""


def _busy(load: tuple[float, float]) -> str:
    """Say what a machine with other work does to the figures."""
    if max(load) <= (os.cpu_count() or 1):
        return ""
    return """
The machine had other work: wall times, and ratios of them, are of a busy machine. CPU times hardly change.
"""


def _deploys(measured: Measured) -> str:
    deploys = measured.deploys
    names = [OURS, FLOOR, SCRIPT, PEER]
    wall, cpu = [], []
    for what, count, parallelism in dict.fromkeys(key[:3] for key in deploys):
        if what == REFRESH:
            continue
        found = {name: deploys.get((what, count, parallelism, name)) for name in names}
        ratio = ""
        if what == APPLY:
            ours, floor, plain = (found[name] for name in (OURS, FLOOR, SCRIPT))
            assert ours and floor and plain  # noqa: PT018 - all were measured, or none
            ratio = f"{ours.wall / (floor.wall + plain.wall):.2f}"
        label = f"{what} of {count:,}, {parallelism} at a time"
        wall.append([label, *(_seconds(each) for each in found.values()), ratio])
        cpu.append([label, *(_cpu_seconds(each) for each in found.values())])
    return f"""
## Plan, apply and destroy

Each thread has metadata and one message. The API is a server on this machine that takes
{DELAY * 1000:.0f} ms for each answer. The others:

- **{FLOOR}** holds the same content and makes nothing: what Terraform itself takes.
- **{SCRIPT}** is `asyncio` and `AsyncOpenAI`, what one would write instead: one call for each thread, the
  ids in a file. It keeps no ids of messages, knows no plan, and a second run makes everything again.
- **{PEER}** is the same resource written on the provider framework `{TF}`.

A new thread takes two calls of ours and of {PEER}, because only the second one's answer has the ids of the
messages. The last column is {OURS} as a multiple of {FLOOR} and {SCRIPT} together; the aim is at
most {BAR}. From some hundred resources on, Terraform's own time grows with their square.

Wall time in seconds:

{table(["", *names, "ratio"], wall)}
CPU time in seconds:

{table(["", *names], cpu)}"""


def _refreshes(measured: Measured) -> str:
    rows = [
        [f"{count:,} threads, {parallelism} at a time", name, _seconds(figures), _cpu_seconds(figures)]
        for (what, count, parallelism, name), figures in measured.deploys.items()
        if what == REFRESH
    ]
    return f"""
## Refresh

`terraform plan -refresh-only` of what was applied: each thread and its messages are compared with the API.

{table(["", "", "wall, s", "CPU, s"], rows)}"""


def _sets(measured: Measured) -> str:
    rows = [
        [
            f"{what} of {count:,}: {name}",
            f"{each.whole.cpu / 1000:.2f}",
            f"{each.provider / 1000:.2f}" if each.provider else "",
            f"{each.whole.wall / 1000:.2f}",
            f"{each.calls:,}",
            f"{each.memory:.0f}" if each.memory else "",
        ]
        for (name, count, what), each in measured.sets.items()
    ]
    state = [[f"{count:,}: {name}", f"{size:,.0f}"] for (name, count), size in measured.state.items()]
    return f"""
## Any number of threads

`ThreadSet` is one resource for all; it and the script make {sets.AT_ONCE} at a time, Terraform 10 of the
others. Each thread has two pairs of metadata and a message of 200 characters. Terraform's own CPU is the
first column less the second. For each attribute of a set it compares the types of all its threads with each
other, so its time grows with the square of their number:
[what that means](explanation/deploy.md#what-many-threads-cost).

![Lines: CPU of plan, apply and refresh by number of threads, as in the table below](benchmarks-growth.svg)

{table(["", "CPU, s", "of the provider", "wall, s", "calls", "provider, MiB"], rows)}
{_ratios(measured.sets)}
Bytes of the state for each thread:

{table(["threads", "bytes"], state)}"""


def _ratios(found: Mapping[sets.Key, sets.Measured]) -> str:
    """Return what is promised of a set, as ratios of one run, where the sizes for it were measured."""

    def ratio(label: str, one: sets.Key, other: sets.Key, what: str, aim: str) -> list[list[str]]:
        if one not in found or other not in found:
            return []
        values = [
            {"cpu": each.whole.cpu, "wall": each.whole.wall, "provider": each.provider}[what]
            for each in (found[one], found[other])
        ]
        return [[label, f"{values[0] / values[1]:.2f}", aim]] if values[1] else []

    thousand, ten = 1000, 10_000
    of_set, single = (sets.SET, thousand), (sets.SINGLE, thousand)
    rows = [
        *ratio("plan of 1,000, CPU: set / single", (*of_set, sets.PLAN), (*single, sets.PLAN), "cpu", "0.5"),
        *ratio(
            "apply of 1,000, wall: set / script",
            (*of_set, sets.APPLY),
            (sets.SCRIPT, thousand, sets.APPLY),
            "wall",
            "2",
        ),
        *ratio(
            "apply of 1,000, wall: set / single", (*of_set, sets.APPLY), (*single, sets.APPLY), "wall", "0.4"
        ),
    ]
    for what in (sets.PLAN, sets.APPLY, sets.REFRESH):
        label = f"{what}, the provider's CPU: 10,000 / 1,000"
        rows += ratio(label, (sets.SET, ten, what), (*of_set, what), "provider", "13")
    change, full = (sets.SET, ten, sets.CHANGE), (sets.SET, ten, sets.REFRESH)
    rows += ratio("one changed of 10,000, CPU: without refresh / with", change, full, "cpu", "0.5")
    for name, most in ((sets.SET, "2"), (sets.EMPTY, "1")):
        if asked := found.get((name, thousand, sets.REFRESH)):
            rows.append([f"refresh, calls a thread: {name}", f"{asked.calls / thousand:.2f}", most])
    return table(["", "ratio", "at most"], rows) if rows else ""


def _explained(measured: Measured) -> str:
    sums = measured.explained
    own = sum(sums.get(f"{part} cpu", 0.0) for part in ("start", "imports", "sdk", "calling", "fsync"))
    terraform = sums["whole cpu"] - sums["process cpu"]
    times = f"{sums['calls count']:.0f} times {DELAY * 1000:.0f} ms"
    waited = f"waiting for the API: {times}, {sums['calls at_once']:.1f} at once"
    parts = [
        ("Terraform, as with terraform_data", sums["floor cpu"], ""),
        ("Terraform's side of a provider", terraform - sums["floor cpu"], ""),
        (f"{sums['process count']:.0f} starts of Python", sums["start cpu"], ""),
        ("imports of the provider", sums["imports cpu"], ""),
        ("import of the OpenAI SDK", sums["sdk cpu"], f"{sums['sdk wall']:.2f}"),
        (f"serving Terraform: {sums['rpc count']:.0f} RPCs over TLS", sums["process cpu"] - own, ""),
        (f"calling the API: {sums['calls count']:.0f} calls", sums["calling cpu"], ""),
        (f"the journal: {sums['fsync count']:.0f} fsyncs", sums["fsync cpu"], f"{sums['fsync wall']:.2f}"),
        (waited, 0.0, f"{sums['calls seconds']:.2f}"),
        ("**all**", sums["whole cpu"], f"{sums['whole wall']:.2f}"),
    ]
    rows = [[label, f"{cpu:.2f}", wall] for label, cpu, wall in parts]
    return f"""
## Where the time goes

One apply of {measured.scale.explained} threads, 10 at a time, taken apart. CPU seconds add up. Wall seconds
stand where something is waited for, and overlap: while one thread of the stack waits for the disk or the API,
others go on.

{table(["", "CPU, s", "wall, s"], rows)}"""


def _starts(measured: Measured) -> str:
    starts, imports, deploys = measured.starts, measured.imports, measured.deploys
    parallelism = measured.scale.parallelism[0]
    pairs = [
        (starts[handshake.LINE], starts[handshake.NOTHING], handshake.LINE, handshake.NOTHING, "at most 2.4"),
        (
            deploys[PLAN, 1, parallelism, OURS],
            deploys[PLAN, 1, parallelism, FLOOR],
            "plan of one new thread",
            f"plan of one {FLOOR}",
            "at most 6",
        ),
    ]
    rows = [
        [f"{what} / {beside}", _millis(ours), _millis(other), f"{ours.cpu / other.cpu:.1f}", aim]
        for ours, other, what, beside, aim in pairs
    ]
    plain, ours = (imports[name] for name in synth.IMPORTS)
    rows.append(
        [
            " / ".join(reversed(synth.IMPORTS)),
            _millis(ours),
            _millis(plain),
            f"+{ours.cpu - plain.cpu:.0f} ms",
            "at most +50 ms",
        ]
    )
    return f"""
## Starts

CPU time in milliseconds.

{table(["", "ours", "beside", "ratio", "aim"], rows)}"""


def _apps(measured: Measured) -> str:
    names = list(synth.PROGRAMS)
    sizes = list(measured.scale.synthesized)
    rows = [
        [
            f"{size:,}",
            *(_cpu_seconds(measured.apps[name, size]) for name in names),
            _seconds(measured.apps[synth.OURS, size]),
        ]
        for size in sizes
    ]
    slopes = [f"**{each:.2f} ms**" for each in _slopes(measured).values()]
    rows.append(["**each further one**", *slopes, ""])
    return f"""
## Synth

Python and Node together, CPU seconds of a whole app. `ThreadSet` makes all threads one resource. The
generated bindings are those that `cdktf get` makes of our own schema, with the same threads;
`random_password` is the prebuilt `{RANDOM}`; `json.dumps` writes the threads
without any framework.

{table(["threads", *names, "wall of ours"], rows)}"""


def _memory(measured: Measured) -> str:
    rows = [
        [f"apply of {measured.scale.explained} threads, the provider: {name}", f"{size:.0f}", ""]
        for name, size in measured.provider_memory.items()
    ]
    rows += [
        [
            f"synth of {_synthesized(measured):,}: {name}",
            *(_process(sizes, each) for each in ("python", "node")),
        ]
        for name, sizes in measured.app_memory.items()
    ]
    return f"""
## Memory

The most resident memory of a process, in MiB.

{table(["", "Python", "Node"], rows)}"""


def _plot(measured: Measured) -> str:
    deploys, scale = measured.deploys, measured.scale
    panels: dict[str, dict[str, float]] = {}
    for what, count, parallelism in dict.fromkeys(key[:3] for key in deploys):
        if what == PLAN or count == 1 or parallelism != scale.parallelism[0]:
            continue
        panels[f"{what} of {count:,} threads, {parallelism} at a time: seconds"] = {
            name: deploys[what, count, parallelism, name].wall / 1000
            for name in (OURS, FLOOR, SCRIPT, PEER)
            if (what, count, parallelism, name) in deploys
        }
    panels["synth, each further thread: milliseconds of CPU"] = {
        name: max(slope, 0.0) for name, slope in _slopes(measured).items()
    }
    return bars(panels, {OURS, synth.OURS, synth.SET}, "Apply, refresh and synth beside the alternatives")


def _growth(found: Mapping[sets.Key, sets.Measured]) -> str:
    panels: dict[str, dict[str, dict[int, float]]] = {}
    for what in (sets.PLAN, sets.APPLY, sets.REFRESH):
        panel = panels[f"{what}: seconds of CPU, by threads"] = {}
        for (name, count, done), each in found.items():
            if done != what or name == sets.EMPTY:
                continue
            panel.setdefault(name, {})[count] = each.whole.cpu / 1000
            if name == sets.SET:
                panel.setdefault(_OF_THE_PROVIDER, {})[count] = each.provider / 1000
    return lines(
        panels, {sets.SET, _OF_THE_PROVIDER}, "CPU of plan, apply and refresh by the number of threads"
    )


def _slopes(measured: Measured) -> dict[str, float]:
    """Return the milliseconds of CPU that one more thread costs, up to the size that was run most often."""
    one, *_, many = sorted(size for size in measured.scale.synthesized if size <= _synthesized(measured))
    return {
        name: (measured.apps[name, many].cpu - measured.apps[name, one].cpu) / (many - one)
        for name in synth.PROGRAMS
    }


def _synthesized(measured: Measured) -> int:
    return min(max(measured.scale.synthesized), 1000)


def _seconds(figures: Figures | None) -> str:
    return "" if figures is None else f"{short(figures.wall / 1000)} ({short(figures.least_wall / 1000)})"


def _cpu_seconds(figures: Figures | None) -> str:
    return "" if figures is None else f"{short(figures.cpu / 1000)} ({short(figures.least_cpu / 1000)})"


def _millis(figures: Figures) -> str:
    return f"{figures.cpu:.0f} ({figures.least_cpu:.0f})"


def _process(sizes: Mapping[str, float], kind: str) -> str:
    found = [size for name, size in sizes.items() if name.startswith(kind)]
    return f"{max(found):.0f}" if found else ""
