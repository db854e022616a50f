"""What a shell may have, with the real tools: locale, variables, modules, no home, few descriptors."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from provider_shim.launcher.mirror import SOURCE
from tests.support.cdktf_project import CdktfProject
from tests.support.command_line import run, serving
from tests.support.database import Database
from tests.support.environment import BIN, clean, engine
from tests.support.served import served
from tests.support.terraform import TerraformProject

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""A locale without a letter but ASCII's."""

PYTHONS_OWN = {
    "PYTHONHOME": "/nowhere",
    "PYTHONSTARTUP": "/nowhere",
    "PYTHONINSPECT": "1",
    "PYTHONOPTIMIZE": "2",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONSAFEPATH": "",
    "PYTHONUSERBASE": "/nowhere",
    "PYTHONWARNINGS": "error",
    "PYTHONTRACEMALLOC": "nonsense",
    "PYTHONMALLOC": "nonsense",
    "PYTHONHASHSEED": "nonsense",
    "PYTHONINTMAXSTRDIGITS": "1",
    "PYTHONDEVMODE": "1",
    "PYTHONVERBOSE": "1",
    "PYTHONIOENCODING": "ascii",
}

PROGRAM = """
from cdktf import App, TerraformStack

from cdktf_openai_thread import File, OpenaiProvider, Thread

app = App()
stack = TerraformStack(app, "one")
OpenaiProvider(stack, "openai", base_url="sqlite:threads.db")
Thread(stack, "thread", messages=[{"role": "user", "content": "Grüße"}])
File(stack, "file", path="Straße.txt", purpose="assistants")
app.synth()
"""


def shadows(folder: Path) -> Path:
    """Put modules there that have the names of ours and of the SDK's, and end whoever imports them."""
    for name in ("openai", "json", "msgpack", "hpack", "provider_shim/__init__"):
        module = folder / f"{name}.py"
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text(f"raise SystemExit('{name} of {folder}')\n")
    for name in ("sitecustomize", "usercustomize"):
        (folder / f"{name}.py").write_text("print('1|6|unix|/nowhere|grpc|')\n")
    return folder


def test_a_deploy_goes_through_whatever_locale_variables_and_modules_the_shell_has(tmp_path: Path) -> None:
    project = CdktfProject(tmp_path / "Müller", environment=ASCII).write(PROGRAM)
    (project.folder / "Straße.txt").write_text("Grüße\n")
    database = Database(project.folder / "threads.db")

    stack = project.synth().stack("one")
    stack.run("init", "-input=false")
    shadows(stack.folder)
    theirs = shadows(tmp_path / "theirs")
    paths = os.pathsep.join((".", str(theirs)))
    stack.environment = {**ASCII, **PYTHONS_OWN, "PYTHONPATH": paths, "TMPDIR": "/no/such", "HOME": ""}
    made = stack.apply()
    files = database.ask(filenames)
    doctor = run("doctor", "--json", cwd=project.folder, PYTHONPATH=str(theirs / "json"), **ASCII)
    orphans = run("orphans", cwd=project.folder, PYTHONIOENCODING="ascii")
    with serving("--database", str(database.path), **ASCII) as (url, _):
        stack.environment["OPENAI_BASE_URL"] = url
    gone = stack.destroy()

    assert list(made.actions.values()) == ["create", "create"]
    assert (made.warnings, gone.warnings) == ([], [])
    assert files == ["Straße.txt"]
    found = {each["name"]: each for each in json.loads(doctor.stdout)["findings"]}
    assert found["API"]["found"] == f"sqlite:{database.path} (base_url of one) answers"
    assert found["Provider"]["status"] == "ok", found
    assert orphans.stdout.startswith("Nothing is left."), orphans.stderr
    assert database.ask(filenames) == []


async def filenames(client: object) -> list[str]:
    """Return the names of all files."""
    return [each.filename async for each in client.files.list()]  # type: ignore[attr-defined]


def as_nobody(*command: str | Path, cwd: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a command as a user whom the system does not know, without HOME; may read what root may."""
    capability = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    return subprocess.run(
        ["setpriv", "--reuid", "12345", "--clear-groups", *capability, *command],
        cwd=cwd,
        env={"PATH": f"{BIN}:{os.environ['PATH']}", "CI": "1", "CHECKPOINT_DISABLE": "1", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None, reason="only root can be another user"
)
def test_a_user_whom_nobody_knows_has_no_home_and_gets_on_without_or_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    for each in (tmp_path.parent, tmp_path.parent.parent):
        each.chmod(0o755)
    (tmp_path / "main.py").write_text(PROGRAM.replace("File(stack", "# File(stack"))
    (tmp_path / "cdktf.json").write_text("{}")

    synth = as_nobody(sys.executable, "main.py", cwd=tmp_path)
    doctor = as_nobody(BIN / "openai-thread", "doctor", cwd=tmp_path)
    install = as_nobody(BIN / "openai-thread", "install", cwd=tmp_path)
    there = as_nobody(BIN / "openai-thread", "install", cwd=tmp_path, HOME=str(tmp_path))

    assert synth.returncode == 0, synth.stderr
    assert (tmp_path / "cdktf.out/stacks/one/terraform.d/plugins" / SOURCE).is_dir()
    assert "Home folder: HOME is not set, and the system knows no home folder of the user 12345" in (
        doctor.stdout
    )
    assert "Traceback" not in doctor.stderr
    assert install.returncode == 1
    assert install.stderr.startswith("openai-thread install: HOME is not set, and the system knows no home")
    assert len(install.stderr.splitlines()) == 1
    assert there.returncode == 0


def limited(terraform: TerraformProject, descriptors: int, *arguments: str) -> str:
    """Run Terraform where a process may open only so many files; return what it says."""
    done = subprocess.run(
        ["/bin/sh", "-c", f'ulimit -n {descriptors}; exec "$@"', "sh", engine(), *arguments, "-no-color"],
        cwd=terraform.folder,
        env=clean(terraform.environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout + done.stderr


def test_many_threads_are_made_by_a_process_that_may_open_few_files(
    terraform: TerraformProject, database: Database
) -> None:
    thread = {"count": 40, "messages": [{"role": "user", "content": "${count.index}"}]}
    with served(database) as api:
        provider = {"base_url": api.base_url, "timeout": 20}
        terraform.write({"provider": {"openai": provider}, "resource": {"openai_thread": {"t": thread}}})
        said = limited(terraform, 20, "apply", "-auto-approve", "-parallelism=40")
        too_few = limited(terraform, 10, "plan")

    assert "40 added, 0 changed, 0 destroyed" in said
    assert "too many open files" in " ".join(too_few.split())
