"""What README.md shows is what happens."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from provider_shim.resources.provider import OpenaiProvider
from tests.e2e.cdktf_project import CdktfProject
from tests.e2e.environment import BIN, ROOT, clean
from tests.e2e.terraform import TerraformProject
from tests.provider_shim.test_cli import serving

TEXT = (ROOT / "README.md").read_text()
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")

# What a fragment stands in.
BEFORE = """\
from cdktf import App, TerraformOutput, TerraformStack, TerraformVariable
from cdktf_openai_thread import OpenaiProvider, Thread
app = App(); stack = TerraformStack(app, "support")
"""
AFTER = "app.synth()\n"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


PROGRAM = next(each for each in blocks("python") if "App()" in each)
CLIENTS = [each for each in blocks("python") if "import OpenAI\n" in each]
FRAGMENTS = [each for each in blocks("python") if each != PROGRAM and each not in CLIENTS]


def python(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    (folder / "main.py").write_text(program)
    return subprocess.run(
        [BIN / "python", "main.py"],
        cwd=folder,
        env=clean({"HOME": str(folder)}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_first_program_deploys_and_a_second_plan_is_empty(tmp_path: Path) -> None:
    project = CdktfProject(tmp_path).write(PROGRAM).synth()
    stack = project.stack("support")
    stack.run("init", "-input=false")
    first = stack.apply()
    second = stack.plan()

    assert first.actions == {"openai_thread.onboarding": "create"}
    assert second.actions == {}
    assert stack.outputs()["thread_id"].startswith("conv_")
    assert (tmp_path / "threads.db").is_file()


def test_the_changed_metadata_is_the_plan_that_is_shown(tmp_path: Path) -> None:
    project = CdktfProject(tmp_path).write(PROGRAM).synth()
    stack = project.stack("support")
    stack.run("init", "-input=false")
    stack.apply()
    project.write(PROGRAM.replace('{"team": "support"}', '{"team": "sales"}')).synth()
    said = re.sub(r'"conv_[0-9a-f]+"', '"conv_065f…"', stack.run("plan", "-no-color"))
    # The cdktf command adds the construct's name.
    said = said.replace("openai_thread.onboarding will", "openai_thread.onboarding (onboarding) will")
    shown = next(each for each in blocks("text") if "updated in-place" in each)

    assert shown.strip("\n") in said


def test_cdktf_json_is_json() -> None:
    (settings,) = blocks("json")

    assert json.loads(settings)["app"] == "python main.py"


@pytest.mark.parametrize("fragment", [each for each in FRAGMENTS if "robot" not in each])
def test_each_fragment_is_synthesized_and_is_valid(fragment: str, tmp_path: Path) -> None:
    done = python(tmp_path, BEFORE + fragment + AFTER)
    assert done.returncode == 0, done.stderr
    stack = TerraformProject(tmp_path / "cdktf.out/stacks/support")
    stack.run("init", "-input=false")

    assert [each.severity for each in stack.validate() if each.severity == "error"] == []


def test_the_mistake_gets_the_message_that_is_shown(tmp_path: Path) -> None:
    (fragment,) = [each for each in FRAGMENTS if "robot" in each]
    done = python(
        tmp_path,
        BEFORE + 'OpenaiProvider(stack, "openai", base_url="sqlite:threads.db")\n' + fragment + AFTER,
    )
    shown = next(each for each in blocks("text") if each.startswith("Error: Thread"))

    assert done.returncode == 1
    assert done.stderr.replace(f"{tmp_path}/", "").endswith(shown)


def test_the_application_talks_to_a_served_database(tmp_path: Path) -> None:
    (program,) = CLIENTS
    with serving("--database", str(tmp_path / "threads.db")) as (url, _):
        assert "http://127.0.0.1:8787/v1" in program
        done = python(tmp_path, program.replace("http://127.0.0.1:8787/v1", url))

    assert (done.stdout, done.stderr) == ("['Where is my order?']\n", "")


def test_the_hand_written_configuration_deploys(tmp_path: Path, initialised_in: Callable[[], Path]) -> None:
    (configuration,) = blocks("hcl")
    project = TerraformProject(tmp_path / "hcl", initialised=initialised_in()).init()
    (project.folder / "main.tf").write_text(configuration)
    done = project.apply()

    assert done.actions == {"openai_thread.onboarding": "create"}
    assert project.plan().actions == {}


@pytest.fixture
def initialised_in(tmp_path: Path) -> Callable[[], Path]:
    return lambda: TerraformProject(tmp_path / "initialised").write({}).init().folder


def test_each_command_of_ours_exists_with_its_options() -> None:
    shown = [line for block in blocks("sh") for line in block.splitlines()]
    made = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    targets = re.findall(r"(?:^|`)make ([a-z-]+)", TEXT, re.MULTILINE)
    commands = [line.split() for line in shown if line.startswith("openai-thread")]

    assert targets
    assert set(targets) <= set(made)
    assert commands
    for _, command, *rest in commands:
        helped = subprocess.run(
            [BIN / "openai-thread", command, "--help"], capture_output=True, text=True, check=False
        )
        assert helped.returncode == 0
        assert [option for option in rest if option.startswith("--") and option not in helped.stdout] == []


def test_the_tables_name_each_resource_and_data_source_and_what_replaces_it() -> None:
    provider = OpenaiProvider({})
    rows = {
        cells[0].strip("` "): cells[3].strip()
        for line in TEXT.splitlines()
        if line.startswith("| `openai_")
        for cells in [line.strip("|").split("|")]
    }
    (sources,) = re.findall(r"^Data sources: (.*)\.$", TEXT, re.MULTILINE)
    unnamed = [
        f"{name}.{attribute}"
        for name, handler in provider.resources.items()
        for attribute, declared in handler.contract.attributes.items()
        if declared.replace and rows[name] != "every change" and attribute not in rows[name]
    ]

    assert sorted(rows) == sorted(provider.resources)
    assert sorted(re.findall(r"`(\w+)`", sources)) == sorted(provider.data_sources)
    assert unnamed == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_link_leads_to_a_file(document: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / document).read_text())

    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []
