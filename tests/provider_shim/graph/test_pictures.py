"""The pictures that are kept in the repository."""

from pathlib import Path

import pytest

from provider_shim.cli import main
from tests.e2e.cdktf_project import CdktfProject
from tests.e2e.environment import ROOT
from tests.e2e.example import copied


def test_the_picture_in_the_docs_is_what_make_pictures_draws(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = copied("data_analysis", tmp_path)
    CdktfProject(example).synth()
    assert main(["graph", str(example / "cdktf.out"), "--format", "svg"]) == 0

    assert capsys.readouterr().out == (ROOT / "docs/images/stack.svg").read_text()
