"""Measure what the package costs beside what else there is, and write docs/benchmarks.md and its plot.

python -m benchmarks          half an hour, on a machine that does nothing else
BENCH=quick python -m benchmarks    a minute, written to .bench/quick instead
"""

import os
import tempfile
import time
from pathlib import Path

from benchmarks import deploys, environment, go_peer, handshake, report, sets, synth
from benchmarks.measure import say
from benchmarks.scale import FULL, QUICK, Scale
from tests.support.environment import ROOT


def run(scale: Scale, folder: Path, peers: environment.Peers) -> report.Measured:
    """Measure everything, in a folder to work in."""
    before = os.getloadavg()[0]
    say("starts and imports")
    starts = handshake.measure(folder, scale.starts)
    imports = synth.measure_import(folder, scale.starts)
    with deploys.slow_api() as base_url:
        field = deploys.Field(folder / "deploys", base_url, peers.tf)
        deployed = field.measure(scale)
        say("where the time goes, and memory")
        explained = field.explain(scale.explained)
        provider_memory = field.memory(scale.explained)
        go = go_peer.built()
        sizes = go_peer.QUICK if scale is QUICK else go_peer.SIZES
        beside_go = go_peer.measure(folder / "go", base_url, go, sizes) if go else {}
        growth = sets.Growth(folder / "sets", base_url)
        of_sets = growth.measure(scale.sets, scale.most_single)
    say("synth")
    (folder / "apps").mkdir()
    apps = synth.Apps(folder / "apps", peers)
    measured = apps.measure(scale.synthesized)
    app_memory = apps.memory(min(max(scale.synthesized), 1000))
    return report.Measured(
        scale=scale,
        starts=starts,
        imports=imports,
        deploys=deployed,
        explained=explained,
        apps=measured,
        sets=of_sets,
        state=growth.state,
        provider_memory=provider_memory,
        app_memory=app_memory,
        load=(before, os.getloadavg()[0]),
        go=beside_go,
    )


def main() -> None:
    """Measure, write, and say where."""
    quick = os.environ.get("BENCH") == "quick"
    out = environment.FOLDER / "quick" if quick else ROOT / "docs"
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        measured = run(QUICK if quick else FULL, Path(folder), environment.peers())
    report.write(out, measured)
    print((out / "benchmarks.md").read_text())
    say(f"{out.relative_to(ROOT)}/benchmarks.md and benchmarks.svg, in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
