"""What the doctor finds, where it is told to look."""

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from provider_shim.launcher.mirror import FRAMEWORK, PLUGINS, POINTER, write_mirror, write_pointer
from tests.support.command_line import serving
from tests.support.database import Database
from tests.support.environment import BIN, clean
from tests.support.faulty import Fault
from tests.support.openai_process import answering
from tests.support.served import served

CANARY = "sk-canary-0123456789"
FINDINGS = [
    "Python",
    "Terraform",
    "Python framework",
    "Command line",
    "Terraform's CLI configuration",
    "Provider",
    "Key",
    "API",
]


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "openai-thread", "doctor", *arguments],
        cwd=folder,
        env=clean({"HOME": str(folder), **environment}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def examined(folder: Path, *arguments: str, **environment: str) -> dict[str, dict[str, Any]]:
    done = run(folder, "--json", *arguments, **environment)
    found = json.loads(done.stdout)["findings"]
    assert done.stderr == ""
    assert done.returncode == int(any(each["status"] == "error" for each in found))
    return {each["name"]: each for each in found}


@pytest.fixture
def without_tools(tmp_path: Path) -> str:
    """Return a PATH with nothing on it, so that an examination costs no start of Node."""
    (tmp_path / "empty").mkdir()
    return str(tmp_path / "empty")


@pytest.mark.cdktf
def test_in_a_healthy_project_everything_is_found(tmp_path: Path) -> None:
    write_mirror(tmp_path / "cdktf.out/stacks/one" / PLUGINS)
    write_pointer(tmp_path / "cdktf.out/stacks/one" / POINTER, sys.executable)
    healthy = ("--base-url", f"sqlite:{tmp_path}/threads.db")
    found = examined(tmp_path, *healthy)

    assert list(found) == FINDINGS
    assert {each["status"] for each in found.values()} == {"ok"}, found
    assert {each["todo"] for each in found.values()} == {""}
    assert "Everything that a deploy from here needs is in place." in run(tmp_path, *healthy).stdout
    assert not (tmp_path / "threads.db").exists()


def test_what_is_missing_is_named_with_what_to_do(tmp_path: Path, without_tools: str) -> None:
    found = examined(tmp_path, PATH=without_tools)

    assert {
        name: found[name]["status"] for name in FINDINGS if name not in ("Python", "Python framework")
    } == {
        "Terraform": "error",
        "Command line": "warning",
        "Terraform's CLI configuration": "ok",
        "Provider": "warning",
        "Key": "warning",
        "API": "warning",
    }
    assert all(each["todo"] for each in found.values() if each["status"] != "ok")


def noted(folder: Path, *frameworks: str) -> None:
    """Note of one stack after the other what it was made with, as synth does."""
    for number, name in enumerate(frameworks):
        note = folder / f"cdktf.out/stacks/{number}" / FRAMEWORK
        note.parent.mkdir(parents=True)
        note.write_text(f"{name}\n")


def test_the_framework_that_the_app_imported_is_told(tmp_path: Path, without_tools: str) -> None:
    noted(tmp_path, "cdktf", "cdktf")
    found = examined(tmp_path, PATH=without_tools)

    assert found["Python framework"]["found"] == f"cdktf {metadata.version('cdktf')}: the app imports it"
    assert found["Command line"]["found"] == "cdktf is not on the PATH"


def test_a_framework_of_another_python_is_a_warning_with_what_to_do(
    tmp_path: Path, without_tools: str
) -> None:
    noted(tmp_path, "cdktn")
    found = examined(tmp_path, PATH=without_tools)

    assert found["Python framework"]["status"] == "warning"
    assert found["Python framework"]["found"].startswith("cdktn: the app imports it, and it is not installed")
    assert "Node.js 22" in found["Command line"]["todo"]


def test_stacks_of_two_frameworks_leave_it_open(tmp_path: Path, without_tools: str) -> None:
    noted(tmp_path, "cdktf", "cdktn")
    found = examined(tmp_path, PATH=without_tools)["Python framework"]

    assert found["found"] == f"cdktf {metadata.version('cdktf')}"


def test_a_terraform_that_nobody_tested_is_a_warning(tmp_path: Path, without_tools: str) -> None:
    old = Path(without_tools) / "terraform"
    old.write_text("#!/bin/sh\necho Terraform v1.5.7\n")
    old.chmod(0o755)
    found = examined(tmp_path, PATH=without_tools)["Terraform"]

    assert found["status"] == "warning"
    assert found["found"].startswith(f"Terraform v1.5.7, {old}, which is older")
    assert found["todo"] == "Install Terraform 1.8 or newer."


def tofu(folder: Path, version: str) -> None:
    program = folder / "tofu"
    program.write_text(f"#!/bin/sh\necho OpenTofu v{version}\n")
    program.chmod(0o755)


def test_a_project_with_only_tofu_is_told_how_the_cdktf_cli_starts_it(
    tmp_path: Path, without_tools: str
) -> None:
    tofu(Path(without_tools), "1.9.0")
    alone = examined(tmp_path, PATH=without_tools)["Terraform"]
    (tmp_path / "cdktf.json").write_text("{}")
    in_project = examined(tmp_path, PATH=without_tools)["Terraform"]
    named = examined(tmp_path, PATH=without_tools, TERRAFORM_BINARY_NAME="tofu")["Terraform"]

    assert [each["status"] for each in (alone, in_project, named)] == ["ok", "error", "ok"]
    assert in_project["todo"] == "Set TERRAFORM_BINARY_NAME=tofu in the environment."


def test_an_old_opentofu_is_a_warning(tmp_path: Path, without_tools: str) -> None:
    tofu(Path(without_tools), "1.6.2")
    found = examined(tmp_path, PATH=without_tools)["Terraform"]

    assert (found["status"], found["todo"]) == ("warning", "Install OpenTofu 1.8 or newer.")


def test_a_server_that_refuses_the_id_of_the_probe_answers(tmp_path: Path, without_tools: str) -> None:
    refusal = Fault(status=400, body='{"error": {"message": "must match conv_ and 48 hex digits"}}')
    with answering(tmp_path / "api.db", lambda *_: refusal) as server:
        found = examined(tmp_path, "--base-url", server.url, PATH=without_tools)["API"]

    assert found["status"] == "ok"


def test_a_database_that_is_none_says_so_and_what_to_do(tmp_path: Path, without_tools: str) -> None:
    (tmp_path / "notes.txt").write_text("no database at all " * 100)
    found = examined(tmp_path, "--base-url", f"sqlite:{tmp_path}/notes.txt", PATH=without_tools)["API"]

    assert found["status"] == "error"
    assert f"The database {tmp_path}/notes.txt: it is not a SQLite database." in found["found"]
    assert found["todo"] == "Name a file that does not exist yet."


def test_a_base_url_that_lacks_its_end_is_told(tmp_path: Path, without_tools: str) -> None:
    with serving("--database", str(tmp_path / "threads.db")) as (url, _):
        found = examined(tmp_path, "--base-url", url.removesuffix("/v1"), PATH=without_tools)["API"]

    assert found["status"] == "error"
    assert "The embedded API is below /v1" in found["found"]
    assert "it usually ends in /v1" in found["todo"]


def test_a_person_is_told_at_the_end_how_it_stands(tmp_path: Path, without_tools: str) -> None:
    said = run(tmp_path, PATH=without_tools).stdout.splitlines()

    assert said[-1] == "A deploy from here fails. To be mended: 1 of 8; see -> above."


def test_the_key_is_never_shown(tmp_path: Path, without_tools: str) -> None:
    database = Database(tmp_path / "threads.db")
    database.ask(lambda client: client.conversations.create())
    with served(database) as api:
        done = run(tmp_path, PATH=without_tools, OPENAI_API_KEY=CANARY, OPENAI_BASE_URL=api.base_url)
        sent = [each.headers.get("authorization") for each in api.seen]

    assert "OPENAI_API_KEY is set (not shown)" in done.stdout
    assert "(OPENAI_BASE_URL) answers" in done.stdout
    assert sent == [f"Bearer {CANARY}"]
    assert CANARY not in done.stdout + done.stderr


def test_an_api_that_does_not_answer_is_an_error_with_the_reason(tmp_path: Path, without_tools: str) -> None:
    found = examined(tmp_path, "--base-url", "http://127.0.0.1:9/v1", PATH=without_tools)["API"]

    assert found["status"] == "error"
    assert "no connection" in found["found"]
    assert "that the server runs" in found["todo"]


def test_a_base_url_that_would_give_the_key_away_is_refused(tmp_path: Path, without_tools: str) -> None:
    found = examined(
        tmp_path, "--base-url", "http://llm.example/v1", PATH=without_tools, OPENAI_API_KEY=CANARY
    )["API"]

    assert found["status"] == "error"
    assert "unencrypted" in found["found"]


def test_a_provider_whose_python_is_gone_is_named(tmp_path: Path, without_tools: str) -> None:
    write_mirror(tmp_path / PLUGINS)
    write_pointer(tmp_path / POINTER, "/no/such/python")
    found = examined(tmp_path, PATH=without_tools)["Provider"]

    assert found["status"] == "error"
    assert found["found"] == f"{tmp_path / POINTER} names /no/such/python, which is no program"


def test_a_cli_configuration_that_hides_the_provider_is_an_error_with_the_block(
    tmp_path: Path, without_tools: str
) -> None:
    (tmp_path / ".terraformrc").write_text("provider_installation {\n  direct {}\n}\n")
    found = examined(tmp_path, PATH=without_tools)["Terraform's CLI configuration"]

    assert found["status"] == "error"
    assert "filesystem_mirror {" in found["todo"]


def test_a_node_on_which_cdktf_does_not_start_is_named(tmp_path: Path, without_tools: str) -> None:
    for name, says in (("node", "v24.1.0"), ("cdktf", "0.21.0")):
        program = Path(without_tools) / name
        program.write_text(f"#!/bin/sh\necho {says}\n")
        program.chmod(0o755)
    newest = examined(tmp_path, PATH=without_tools)["Command line"]
    (Path(without_tools) / "node").write_text("#!/bin/sh\necho v22.1.0\n")
    fitting = examined(tmp_path, PATH=without_tools)["Command line"]

    assert newest["status"] == "error"
    assert newest["found"].startswith("cdktf does not start on Node.js 24 and newer")
    assert "Node.js 22" in newest["todo"]
    assert fitting["status"] == "ok"
