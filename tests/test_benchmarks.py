"""The benchmarks still run. What they find on a machine that runs tests is nobody's figure."""

from pathlib import Path
from xml.etree import ElementTree as ET

from benchmarks import deploys, go_peer, handshake, report, sets, synth
from benchmarks.measure import Cost, Figures
from benchmarks.scale import Scale

SMALLEST = Scale(
    threads={1: 1},
    parallelism=(10,),
    refreshed={1: 1},
    synthesized={1: 1, 100: 1},
    explained=1,
    sets=(1,),
    most_single=0,
    starts=1,
)


def test_a_run_of_the_smallest_size_writes_a_page_and_a_plot(tmp_path: Path) -> None:
    with deploys.slow_api() as base_url:
        field = deploys.Field(tmp_path / "deploys", base_url, None)
        deployed = field.measure(SMALLEST)
        explained = field.explain(1)
        growth = sets.Growth(tmp_path / "sets", base_url)
        of_sets = growth.measure(SMALLEST.sets, SMALLEST.most_single)
    some = Figures((Cost(2.0, 3.0), Cost(4.0, 5.0)))
    measured = report.Measured(
        scale=SMALLEST,
        starts=handshake.measure(tmp_path, 1),
        imports=dict.fromkeys(synth.IMPORTS, some),
        deploys=deployed,
        explained=explained,
        apps={
            (name, size): Figures((Cost(size, size),))
            for name in synth.PROGRAMS
            for size in SMALLEST.synthesized
        },
        sets=of_sets,
        state=growth.state,
        provider_memory={deploys.OURS: 60.0},
        app_memory={synth.OURS: {"python": 30.0, "node": 70.0}},
        load=(0.5, 0.6),
        go={
            (deploys.APPLY, 50, 10, name): Figures((Cost(cpu, 1.0),))
            for name, cpu in ((deploys.OURS, 900.0), (go_peer.GO, 1200.0), (go_peer.QUIET, 600.0))
        },
    )
    report.write(tmp_path / "docs", measured)
    page, plot, growth_plot = (
        (tmp_path / "docs" / f"benchmarks{end}").read_text() for end in (".md", ".svg", "-growth.svg")
    )

    # A thread takes two calls; Terraform starts the provider for its schema, validation, plan and apply.
    assert (explained["calls count"], explained["process count"]) == (2, 4)
    assert explained["process cpu"] < explained["whole cpu"]
    assert "| apply of 1, 10 at a time |" in page
    assert "| destroy of 1, 10 at a time |" in page
    assert "| apply of 50 | 0.90 | 1.20 | 0.60 | 0.75 | 1.50 |" in page
    assert "| apply of 1: ThreadSet |" in page
    assert of_sets[sets.SET, 1, sets.APPLY].calls == 2
    assert list(ET.fromstring(plot).iter("{http://www.w3.org/2000/svg}rect"))  # noqa: S314 - our own
    drawn = ET.fromstring(growth_plot).iter("{http://www.w3.org/2000/svg}polyline")  # noqa: S314 - as above
    assert len(list(drawn)) == 3 * 3 * 2  # three panels and series, each with its sample in the legend
    assert str(Path.home()) not in page
    assert str(tmp_path) not in page
