"""What the doctor finds, where it is told to look."""

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from provider_shim import __version__
from provider_shim.launcher.mirror import FRAMEWORK, PLUGINS, POINTER, SOURCE, write_mirror, write_pointer
from provider_shim.local import migrations, store
from provider_shim.local.migrations import MIGRATIONS
from tests.support.command_line import serving
from tests.support.database import Database
from tests.support.environment import BIN, ROOT, clean
from tests.support.faulty import Fault, Seen
from tests.support.openai_process import answering
from tests.support.served import served

CANARY = "sk-canary-0123456789"
FINDINGS = [
    "Python",
    "Temporary folder",
    "Terraform",
    "Python framework",
    "Node.js",
    "Command line",
    "Terraform's CLI configuration",
    "Provider",
    "OpenAI SDK",
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
        name: each["status"] for name, each in found.items() if name not in ("Python", "Python framework")
    } == {
        "Temporary folder": "ok",
        "Terraform": "error",
        "Node.js": "warning",
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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "can't be read as JSON: Expecting property name"),
        ("\xff", "can't be read as JSON: "),
        ("[1]", "is no JSON object"),
        ('{"language": "python"}', ": app is missing"),
        ('{"language": 5, "app": "python main.py"}', ": language is 5"),
    ],
)
def test_a_project_file_that_the_command_could_not_use_is_named(
    text: str, said: str, tmp_path: Path, without_tools: str
) -> None:
    (tmp_path / "cdktf.json").write_bytes(text.encode("latin-1"))

    project = examined(tmp_path, PATH=without_tools)["Project"]

    assert project["status"] == "error"
    assert f"{tmp_path / 'cdktf.json'}" in project["found"]
    assert said in project["found"]


def test_stacks_of_two_frameworks_leave_it_open(tmp_path: Path, without_tools: str) -> None:
    noted(tmp_path, "cdktf", "cdktn")
    found = examined(tmp_path, PATH=without_tools)["Python framework"]

    assert found["found"] == f"cdktf {metadata.version('cdktf')}"


def test_a_terraform_that_nobody_tested_is_a_warning(tmp_path: Path, without_tools: str) -> None:
    program(Path(without_tools), "terraform", "Terraform v1.5.7")
    old = Path(without_tools) / "terraform"
    found = examined(tmp_path, PATH=without_tools)["Terraform"]

    assert found["status"] == "warning"
    assert found["found"].startswith(f"Terraform v1.5.7, {old}, which is older")
    assert found["todo"] == "Install Terraform 1.8 or newer."


def program(folder: Path, name: str, says: str) -> None:
    """Put a program there that says one line."""
    made = folder / name
    made.write_text(f"#!/bin/sh\necho {says}\n")
    made.chmod(0o755)


def tofu(folder: Path, version: str) -> None:
    program(folder, "tofu", f"OpenTofu v{version}")


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

    assert said[-1] == "A deploy from here fails. To be mended: 1 of 10; see -> above."


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
    assert "the Python of the last synth: /no/such/python: no such program" in found["found"]
    assert found["found"].startswith(f"in {tmp_path}: cdktf-openai-thread")


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
    noted(tmp_path, "cdktf")
    newest = examined(tmp_path, PATH=without_tools)["Node.js"]
    (Path(without_tools) / "node").write_text("#!/bin/sh\necho v22.1.0\n")
    fitting = examined(tmp_path, PATH=without_tools)["Node.js"]

    assert newest["status"] == "error"
    assert (
        "on which the cdktf command does not start: its node-pty has no binary for 24 and newer"
        in newest["found"]
    )
    assert "Node.js 22" in newest["todo"]
    assert fitting["status"] == "ok"


def test_opentofus_own_files_are_read_and_a_variable_that_it_does_not_know_is_told(
    tmp_path: Path, without_tools: str
) -> None:
    tofu(Path(without_tools), "1.10.1")
    variable = examined(tmp_path, PATH=without_tools, TOFU_CLI_CONFIG_FILE="/etc/tofurc")
    (tmp_path / ".tofurc").write_text("provider_installation {\n  direct {}\n}\n")
    own = examined(tmp_path, PATH=without_tools)
    program(Path(without_tools), "terraform", "Terraform v1.11.4")
    of_terraform = examined(tmp_path, PATH=without_tools)
    name = "Terraform's CLI configuration"

    assert [each[name]["status"] for each in (variable, own, of_terraform)] == ["warning", "error", "ok"]
    assert variable[name]["found"] == "TOFU_CLI_CONFIG_FILE is set, which OpenTofu does not read"
    assert own[name]["found"].startswith(
        f"{tmp_path}/.tofurc: its provider_installation block keeps OpenTofu"
    )


def test_an_engine_that_the_cdktf_cli_would_not_find_is_an_error(tmp_path: Path, without_tools: str) -> None:
    tofu(tmp_path, "1.10.1")
    found = examined(tmp_path, PATH=without_tools, TERRAFORM_BINARY_NAME="./tofu")["Terraform"]

    assert found["status"] == "error"
    assert "looks for in the folder of each stack" in found["found"]
    assert found["todo"] == f"Set it to {tmp_path}/tofu."


def test_what_an_engine_complains_of_is_told(tmp_path: Path, without_tools: str) -> None:
    program(Path(without_tools), "terraform", "There are problems >&2; exit 1")
    found = examined(tmp_path, PATH=without_tools)["Terraform"]

    assert found["status"] == "error"
    assert found["found"].endswith("terraform does not tell its version: There are problems")


@pytest.mark.parametrize(
    ("framework", "version", "status"),
    [("cdktf", "v16.20.0", "error"), ("cdktf", "v18.20.0", "ok"), ("cdktn", "v20.1.0", "error")],
)
def test_a_node_that_is_too_old_is_told(
    tmp_path: Path, without_tools: str, framework: str, version: str, status: str
) -> None:
    noted(tmp_path, framework)
    program(Path(without_tools), "node", version)
    found = examined(tmp_path, PATH=without_tools)["Node.js"]

    assert (found["status"], version in found["found"]) == (status, True)


def test_a_temporary_folder_that_is_not_there_is_what_synth_would_fail_with(
    tmp_path: Path, without_tools: str
) -> None:
    (tmp_path / "cdktf.json").write_text("{}")
    found = examined(tmp_path, PATH=without_tools, TMPDIR="/no/such")["Temporary folder"]

    assert found["status"] == "error"
    assert found["found"].startswith("TMPDIR is '/no/such', which is no folder")


def stack(folder: Path, name: str, *providers: dict[str, Any], **configuration: Any) -> Path:
    """Write a stack as synth does."""
    made = folder / "cdktf.out/stacks" / name
    write_mirror(made / PLUGINS)
    write_pointer(made / POINTER, sys.executable)
    terraform = {"required_providers": {"openai": {"source": SOURCE, "version": __version__}}}
    written = {**configuration, "provider": {"openai": list(providers)}, "terraform": terraform}
    (made / "cdk.tf.json").write_text(json.dumps(written))
    return made


def test_each_stack_is_asked_as_it_configures_the_provider(tmp_path: Path, without_tools: str) -> None:
    missing = Fault(status=404, body='{"detail": "Not Found"}')

    def decide(seen: Seen, _: int) -> Fault | None:
        wanted = seen.headers.get("x-team") == "ours" and "api-version=v1" in seen.path
        return None if wanted and "/threads/" in seen.path else missing

    with answering(tmp_path / "api.db", decide) as server:
        right: dict[str, Any] = {"base_url": server.url, "api": "threads", "query": {"api-version": "v1"}}
        right["headers"] = {"x-team": "ours", "api-key": "${var.login}"}
        variable = {"login": {"type": "string", "sensitive": True}}
        stack(tmp_path, "one", right, variable=variable)
        stack(tmp_path, "two", {**right, "alias": "other"}, variable=variable)
        stack(tmp_path, "three", {"base_url": server.url})
        found = examined(tmp_path, PATH=without_tools, TF_VAR_login=CANARY)
        sent = {each.headers.get("api-key") for each in server.seen if "/threads/" in each.path}

    assert found["API of one, two"]["status"] == "ok", found
    assert found["API of one, two"]["found"].endswith(" (base_url of one, two) answers")
    assert found["API of three"]["status"] == "error"
    assert "(base_url of three)" in found["API of three"]["found"]
    assert sent == {CANARY}
    assert CANARY not in json.dumps(found)


def test_a_stack_that_no_deploy_could_use_is_named_with_what_is_wrong(
    tmp_path: Path, without_tools: str
) -> None:
    stack(tmp_path, "good", {"base_url": f"sqlite:{tmp_path}/threads.db"})
    stack(tmp_path, "bad", {"base_url": "http://llm.example/v1"})
    (stack(tmp_path, "cut") / "cdk.tf.json").write_text("{")
    hcl = stack(tmp_path, "hcl")
    (hcl / "cdk.tf.json").rename(hcl / "cdk.tf")
    found = examined(tmp_path, PATH=without_tools)

    assert found["API of good"]["status"] == "ok"
    assert found["API of bad"]["status"] == "error"
    assert found["API of bad"]["found"].startswith('bad: base_url is "http://llm.example/v1": the key would')
    assert found["Stack cut"]["found"].startswith(
        f"{tmp_path}/cdktf.out/stacks/cut/cdk.tf.json can't be read"
    )
    assert found["Stack hcl"]["status"] == "ok"


@pytest.mark.parametrize(
    ("environment", "status", "said"),
    [
        ({}, "warning", "api_key of the provider comes from the variable key, which has no value here"),
        ({"TF_VAR_key": "sk-\n"}, "error", "api_key has a line break at position 4 of 4"),
        ({"OPENAI_PROJECT_ID": "p p"}, "error", "OPENAI_PROJECT_ID in the environment"),
        ({"TF_VAR_key": CANARY, "HTTPS_PROXY": "socks9://x"}, "error", 'HTTPS_PROXY has the scheme "socks9"'),
    ],
    ids=["no value", "a key that can't be sent", "a variable", "a proxy"],
)
def test_what_the_provider_would_refuse_is_told(
    tmp_path: Path, without_tools: str, environment: dict[str, str], status: str, said: str
) -> None:
    stack(tmp_path, "one", {"base_url": "https://api.invalid/v1", "api_key": "${var.key}"})
    found = examined(tmp_path, PATH=without_tools, **environment)
    last = list(found.values())[-1]

    assert (last["status"], said in last["found"]) == (status, True), last
    assert last["todo"]


def test_a_deployed_project_on_a_file_needs_no_key_and_its_file_stays_as_it_is(
    tmp_path: Path, without_tools: str
) -> None:
    database = Database(tmp_path / "threads.db")
    database.ask(lambda client: client.conversations.create())
    before = database.path.read_bytes()
    stack(tmp_path, "one", {"base_url": f"sqlite:{database.path}"})
    found = examined(tmp_path, PATH=without_tools)

    assert (found["Key"]["status"], found["API"]["status"]) == ("ok", "ok")
    assert found["API"]["found"] == f"sqlite:{database.path} (base_url of one) answers"
    assert database.path.read_bytes() == before


def test_a_file_of_an_older_version_is_left_to_the_deploy(
    tmp_path: Path, without_tools: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(store, "MIGRATIONS", MIGRATIONS[:2])
        older.setattr(migrations, "MIGRATIONS", MIGRATIONS[:2])
        store.Store(tmp_path / "threads.db").close()
    before = (tmp_path / "threads.db").read_bytes()
    found = examined(tmp_path, "--base-url", f"sqlite:{tmp_path}/threads.db", PATH=without_tools)["API"]

    assert (found["status"], "of an older version" in found["found"]) == ("ok", True)
    assert (tmp_path / "threads.db").read_bytes() == before


def python(path: Path, *packages: Path) -> Path:
    """Make a Python that finds modules in these folders and nowhere else."""
    found = os.pathsep.join(map(str, packages))
    path.write_text(f'#!/bin/sh\nPYTHONPATH="{found}"\nexport PYTHONPATH\nexec "{sys.executable}" -S "$@"\n')
    path.chmod(0o755)
    return path


def test_an_sdk_that_the_provider_can_not_use_is_told_with_its_version_and_path(
    tmp_path: Path, without_tools: str
) -> None:
    (tmp_path / "old/openai").mkdir(parents=True)
    (tmp_path / "old/openai/__init__.py").write_text('__version__ = "1.2.3"\n')
    old = python(tmp_path / "python", tmp_path / "old", ROOT, Path(pytest.__file__).parents[1])
    made = stack(tmp_path, "one", {"base_url": f"sqlite:{tmp_path}/threads.db"})
    write_pointer(made / POINTER, str(old))
    found = examined(tmp_path, PATH=without_tools)["OpenAI SDK"]

    assert found["status"] == "error"
    assert found["found"] == f"1.2.3, {tmp_path}/old/openai/__init__.py"
    assert found["todo"] == "Needed: 3.50 or newer, below 4.0"


def test_the_provider_of_each_stack_is_started(tmp_path: Path, without_tools: str) -> None:
    stack(tmp_path, "one", {"base_url": f"sqlite:{tmp_path}/threads.db"})
    broken = stack(tmp_path, "two", {"base_url": f"sqlite:{tmp_path}/threads.db"})
    write_pointer(broken / POINTER, "/no/such/python")
    found = examined(tmp_path, PATH=without_tools)["Provider"]

    assert found["status"] == "error"
    assert found["found"].startswith(f"in {broken}: ")
