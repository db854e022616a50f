"""examples/quickstart: a first plan that says nothing but what it does."""

from pathlib import Path

from tests.support.cdktf_project import CdktfProject
from tests.support.environment import ROOT
from tests.support.example import copied


def test_the_first_plan_shows_no_warning(tmp_path: Path) -> None:
    stack = CdktfProject(copied("quickstart", tmp_path)).synth().stack("quickstart")
    stack.run("init", "-input=false")
    said = stack.run("plan", "-no-color")

    assert "2 to add" in said
    assert "Warning" not in said
    assert "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION" in (ROOT / "scripts/demo.sh").read_text()
