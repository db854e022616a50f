"""What only README.md shows; tests/documents holds what every document shows."""

import json
import re
import subprocess
from pathlib import Path

from provider_shim.resources.provider import OpenaiProvider
from tests.support.blocks import blocks
from tests.support.cdktf_project import CdktfProject
from tests.support.environment import BIN, ROOT, clean
from tests.support.example import copied
from tests.support.matching import matches
from tests.support.supported import FRAMEWORKS, NODES, NOT, PYTHONS, STATES, TERRAFORMS, pairwise

README = ROOT / "README.md"
TEXT = README.read_text()
PROGRAM = next(each.text for each in blocks(README) if each.is_program)
OUTPUTS = [each.text for each in blocks(README) if each.note.startswith("held by")]


def test_what_the_demo_ends_with_is_what_is_shown(tmp_path: Path) -> None:
    folder = copied("quickstart", tmp_path)
    stack = CdktfProject(folder).synth().stack("quickstart")
    stack.run("init", "-input=false")
    applied = stack.run("apply", "-auto-approve", "-input=false", "-no-color")
    (folder / "outputs.json").write_text(json.dumps({"quickstart": stack.outputs()}))
    read = subprocess.run(
        [BIN / "python", "read_back.py", "threads.db", "outputs.json"],
        cwd=folder,
        env=clean({}),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    shown = next(each for each in OUTPUTS if "read back" in each)

    assert matches(shown, f"{applied}\nConversations, read back through the OpenAI SDK\n{read.stdout}")


def test_the_changed_metadata_is_the_plan_that_is_shown(tmp_path: Path) -> None:
    project = CdktfProject(tmp_path).write(PROGRAM).synth()
    stack = project.stack("support")
    stack.run("init", "-input=false")
    stack.apply()
    project.write(PROGRAM.replace('{"team": "support"}', '{"team": "sales"}')).synth()
    said = stack.run("plan", "-no-color")
    # The cdktf command adds the construct's name.
    said = said.replace("openai_thread.onboarding will", "openai_thread.onboarding (onboarding) will")
    shown = next(each for each in OUTPUTS if "updated in-place" in each)

    assert matches(shown, said)


def test_the_tables_name_each_resource_and_data_source_and_what_replaces_it() -> None:
    provider = OpenaiProvider({})
    rows = {
        cells[0].strip("` "): cells[3].strip()
        for line in TEXT.splitlines()
        if line.startswith("| `openai_")
        for cells in [line.strip("|").split("|")]
    }
    (sources,) = re.findall(r"^Data sources: ([^.]*)\.$", TEXT, re.MULTILINE)
    unnamed = [
        f"{name}.{attribute}"
        for name, handler in provider.resources.items()
        for attribute, declared in handler.contract.attributes.items()
        if declared.replace and rows[name] != "every change" and attribute not in rows[name]
    ]

    assert sorted(rows) == sorted(provider.resources)
    assert sorted(re.findall(r"`(\w+)`", sources)) == sorted(provider.data_sources)
    assert unnamed == []


def test_the_table_of_what_is_deployed_is_the_list_that_make_matrix_runs() -> None:
    names = "Terraform|Framework|Python|Node.js|State"
    rows = dict(re.findall(rf"^\| ({names}) \| ([^|:]+)[^|]*\|$", TEXT, re.MULTILINE))
    without = {version: f"{version} (not {framework})" for framework, version in NOT}

    assert {name: each.strip().split(", ") for name, each in rows.items()} == {
        "Terraform": [*TERRAFORMS],
        "Framework": [*FRAMEWORKS],
        "Python": [*PYTHONS],
        "Node.js": [without.get(each, each) for each in NODES],
        "State": [*STATES],
    }
    assert f"ONLY={'-'.join(pairwise()[0])}\n" in (ROOT / ".ci/run").read_text()
