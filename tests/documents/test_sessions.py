"""Pages that a reader follows step by step are run step by step."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.documents.sessions import Session
from tests.support.blocks import documents, framework, is_session
from tests.support.environment import FRAMEWORK, ROOT

PAGES = [each for each in documents() if is_session(each) and framework(each) == FRAMEWORK]


@pytest.mark.cdktf
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_step_of_the_page_does_what_it_shows(page: Path, tmp_path: Path) -> None:
    with ExitStack() as cleanup:
        Session(tmp_path / "support-desk", cleanup).read(page)
