"""examples/quickstart: a first plan that says nothing but what it does."""

from pathlib import Path

from tests.support.environment import ROOT
from tests.support.example import Example


def test_no_plan_and_no_destroy_shows_a_warning(tmp_path: Path) -> None:
    project = Example("quickstart", tmp_path)
    project.synth()
    stack = project.stack("quickstart")
    stack.run("init", "-input=false")
    said = stack.run("plan", "-no-color")

    made = stack.apply()
    unchanged = stack.is_unchanged()
    stack.destroy_untouched()

    assert (made.warnings, unchanged) == ([], True)
    assert "2 to add" in said
    assert "Warning" not in said
    assert "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION" in (ROOT / "scripts/demo.sh").read_text()
