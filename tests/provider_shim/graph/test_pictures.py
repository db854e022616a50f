"""The pictures that are kept in the repository."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from provider_shim.cli import main
from tests.support.cdktf_project import CdktfProject
from tests.support.dot import labels, parsed
from tests.support.environment import ROOT
from tests.support.example import copied

SVG = "{http://www.w3.org/2000/svg}"


def test_the_picture_in_the_docs_shows_what_graph_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = copied("data_analysis", tmp_path)
    CdktfProject(example).synth()
    assert main(["graph", str(example / "cdktf.out"), "--format", "dot"]) == 0
    graph = parsed(capsys.readouterr().out)
    drawn = ET.parse(ROOT / "docs/images/stack.svg").getroot()  # noqa: S314 - our own
    titles = {title.text for title in drawn.iter(f"{SVG}title")}

    assert sorted(text.text or "" for text in drawn.iter(f"{SVG}text")) == sorted(
        line for label in labels(graph) for line in label.splitlines()
    )
    assert {f"{edge.get_source()}->{edge.get_destination()}" for edge in graph.get_edges()} <= titles
