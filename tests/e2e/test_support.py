"""Each cell of README's support table: an app of either framework, deployed by this Terraform.

`make test` runs it on the Terraform of this environment, `make test-engines` on the others. Apps of
cdktn are left out where `make test-cdktn` has not made their environment.
"""

import re
from collections.abc import Callable
from functools import cache

import pytest

from scripts.engine import PACKAGES
from tests.support.cdktf_project import CdktfProject
from tests.support.environment import ROOT

FRAMEWORKS = {"cdktf": ROOT / ".venv/bin/python", "cdktn": ROOT / ".cdktn/bin/python"}
APIS = {"conversations": "conv_", "threads": "thread_"}
PROGRAM = """
from FRAMEWORK import App, TerraformOutput, TerraformStack
from cdktf_openai_thread import OpenaiProvider, Thread

app = App()
for api in ("conversations", "threads"):
    stack = TerraformStack(app, api)
    OpenaiProvider(stack, "openai", base_url="sqlite:threads.db", api=api)
    thread = Thread(
        stack, "thread", metadata={"team": "support"}, messages=[{"role": "user", "content": "Hello"}]
    )
    TerraformOutput(stack, "id", value=thread.id)
app.synth()
"""


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], CdktfProject]:
    """Return the synthesized app of a framework, with a stack for each API."""

    @cache
    def synthesized(framework: str) -> CdktfProject:
        project = CdktfProject(tmp_path_factory.mktemp(framework), python=FRAMEWORKS[framework])
        return project.write(PROGRAM.replace("FRAMEWORK", framework)).synth()

    return synthesized


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_an_app_deploys_plans_nothing_the_second_time_and_leaves_nothing(
    framework: str, api: str, app: Callable[[str], CdktfProject]
) -> None:
    if not FRAMEWORKS[framework].exists():
        pytest.skip("only make test-cdktn installs cdktn")
    stack = app(framework).stack(api)
    stack.run("init", "-input=false")
    made = stack.apply()
    again = stack.plan()
    identifier = stack.outputs()["id"]
    stack.destroy()

    assert made.actions == {"openai_thread.thread": "create"}
    assert made.warnings == []
    assert again.actions == {}
    assert identifier.startswith(APIS[api])
    assert stack.state() == {}


def test_readme_claims_what_is_tested() -> None:
    support = (ROOT / "README.md").read_text().partition("## Support")[2]
    (head, _, *rows) = re.findall(r"(?:^\|.*\n)+", support, re.MULTILINE)[0].splitlines()

    assert re.findall(r"\d+\.\d+\.\d+", head) == list(PACKAGES)
    assert [re.findall(r"`(\w+)`", row)[0] for row in rows] == list(FRAMEWORKS)
    assert [row.count("| yes") for row in rows] == [len(PACKAGES)] * len(rows)
