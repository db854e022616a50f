"""The real `terraform init` takes the provider that lies beside a stack, and asks nobody else."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cdktf_openai_thread.synth.bundle import bundle
from provider_shim import __version__
from provider_shim.launcher.mirror import SOURCE, executable_name, launcher

STACK = f"""\
terraform {{
  required_providers {{
    openai = {{
      source  = "{SOURCE}"
      version = "{__version__}"
    }}
  }}
}}
provider "openai" {{}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "a stack, $HOME"
    folder.mkdir()
    (folder / "main.tf").write_text(STACK)
    bundle(folder, {SOURCE: __version__})
    return folder


def terraform(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    inherited = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("TF_", "TERRAFORM_", "VIRTUAL_ENV", "CDKTF_OPENAI_THREAD"))
    }
    beside = Path(sys.executable).with_name("terraform")
    return subprocess.run(
        [beside if beside.exists() else shutil.which("terraform") or "terraform", *arguments, "-no-color"],
        cwd=folder,
        env={**inherited, "HOME": str(folder.parent), "CHECKPOINT_DISABLE": "1", **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_init_installs_the_provider_and_leaves_the_lock_file_as_synth_wrote_it(folder: Path) -> None:
    before = (folder / ".terraform.lock.hcl").read_text()
    done = terraform(folder, "init", "-lockfile=readonly")
    (installed,) = (folder / ".terraform/providers").rglob(executable_name())

    assert (done.returncode, done.stderr) == (0, "")
    assert f"Installed {SOURCE} v{__version__}" in done.stdout
    assert (folder / ".terraform.lock.hcl").read_text() == before
    assert installed.read_bytes() == launcher()
    assert stat.S_IMODE(installed.stat().st_mode) == 0o755


def test_terraform_writes_the_same_hash_where_there_is_no_lock_file(folder: Path) -> None:
    lock = folder / ".terraform.lock.hcl"
    before = lock.read_text()
    lock.unlink()
    done = terraform(folder, "init")

    assert done.returncode == 0
    assert lock.read_text() == before


def test_a_foreign_hash_stops_init_until_the_next_synth(folder: Path) -> None:
    lock = folder / ".terraform.lock.hcl"
    lock.write_text(lock.read_text().replace("h1:", "h1:foreign"))
    stopped = terraform(folder, "init")
    bundle(folder, {SOURCE: __version__})
    healed = terraform(folder, "init")

    assert stopped.returncode == 1
    assert healed.returncode == 0


def test_terraform_shows_why_no_python_can_run_the_provider(folder: Path) -> None:
    terraform(folder, "init")
    done = terraform(folder, "validate", CDKTF_OPENAI_THREAD_PYTHON="/no/such/python")
    shown = " ".join(done.stderr.split())

    assert done.returncode == 1
    assert (
        "found no Python that can run the provider. "
        "Tried $CDKTF_OPENAI_THREAD_PYTHON: /no/such/python: no such program."
    ) in shown
