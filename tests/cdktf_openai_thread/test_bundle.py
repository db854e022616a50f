"""Synth leaves the provider beside each stack that uses it, in every way to synthesize."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import cdktf
import pytest

from cdktf_openai_thread.synth.bundle import attach
from provider_shim import __version__
from provider_shim.launcher.lock import lock_text
from provider_shim.launcher.mirror import FRAMEWORK as NOTE
from provider_shim.launcher.mirror import PLATFORMS, PLUGINS, POINTER, SOURCE, packed
from tests.support.environment import FRAMEWORK, ROOT, in_framework


class Provider(cdktf.TerraformProvider):
    def __init__(self, scope: cdktf.TerraformStack, name: str, source: str, version: str) -> None:
        super().__init__(
            scope,
            name,
            terraform_resource_type=name,
            terraform_provider_source=source,
            terraform_generator_metadata=cdktf.TerraformProviderGeneratorMetadata(
                provider_name=name, provider_version=version, provider_version_constraint=version
            ),
        )


def stack(app: cdktf.App, name: str = "stack") -> cdktf.TerraformStack:
    made = cdktf.TerraformStack(app, name)
    attach(Provider(made, "openai", SOURCE, __version__))
    return made


@pytest.fixture(autouse=True)
def _no_cli_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)
    monkeypatch.delenv("TERRAFORM_CONFIG", raising=False)


def assert_bundled(folder: Path, required: dict[str, str | None]) -> None:
    zips = {path.name: path.read_bytes() for path in (folder / PLUGINS / SOURCE).iterdir()}

    assert zips == {f"terraform-provider-openai_{__version__}_{each}.zip": packed() for each in PLATFORMS}
    assert (folder / POINTER).read_bytes() == os.fsencode(sys.executable) + b"\n"
    assert (folder / NOTE).read_text() == f"{FRAMEWORK}\n"
    assert (folder / ".terraform.lock.hcl").read_text() == lock_text("", required)


OURS: dict[str, str | None] = {SOURCE: __version__}


@pytest.mark.parametrize("skip_validation", [False, True], ids=["validated", "not validated"])
@pytest.mark.parametrize("named_hcl", [False, True], ids=["named JSON", "named HCL"])
def test_synth_brings_the_provider_along(*, tmp_path: Path, skip_validation: bool, named_hcl: bool) -> None:
    app = cdktf.App(outdir=str(tmp_path / "out"), skip_validation=skip_validation, hcl_output=named_hcl)
    made = stack(app)
    Provider(made, "random", "hashicorp/random", "~> 3.0")
    app.synth()

    assert_bundled(tmp_path / "out/stacks/stack", {**OURS, "hashicorp/random": "~> 3.0"})


def test_full_synth_brings_it_along_and_synth_to_text_writes_nothing(tmp_path: Path) -> None:
    app = cdktf.Testing.app(outdir=str(tmp_path / "out"))
    made = stack(app)
    text = cdktf.Testing.synth(made)
    before = list((tmp_path / "out").rglob("*.zip"))
    folder = Path(cdktf.Testing.full_synth(made)) / "stacks/stack"

    assert SOURCE in text
    assert before == []
    assert_bundled(folder, OURS)


def test_each_stack_has_its_own_and_a_stack_without_the_provider_has_none(tmp_path: Path) -> None:
    app = cdktf.App(outdir=str(tmp_path / "out"))
    stack(app, "one")
    stack(app, "two")
    cdktf.TerraformStack(app, "other")
    app.synth()
    stacks = tmp_path / "out/stacks"

    assert_bundled(stacks / "one", OURS)
    assert_bundled(stacks / "two", OURS)
    assert [path.name for path in (stacks / "other").iterdir()] == ["cdk.tf.json"]


def test_attaching_again_changes_nothing(tmp_path: Path) -> None:
    made = stack(cdktf.App(outdir=str(tmp_path / "out")))
    synthesizer = made.synthesizer
    attach(made)

    assert made.synthesizer is synthesizer


def written(files: Iterable[Path]) -> list[tuple[int, int]]:
    """Return which files these are and when they were written; they may be read at any time."""
    return [(found.st_ino, found.st_mtime_ns) for found in map(Path.stat, files)]


def test_a_second_synth_writes_no_file_again_and_heals_a_foreign_hash(tmp_path: Path) -> None:
    def synth() -> None:
        app = cdktf.App(outdir=str(tmp_path / "out"))
        stack(app)
        app.synth()

    synth()
    folder = tmp_path / "out/stacks/stack"
    lock = folder / ".terraform.lock.hcl"
    files = [lock, *(path for path in (folder / "terraform.d").rglob("*") if path.is_file())]
    before = written(files)
    synth()
    unchanged = written(files)
    lock.write_text(lock.read_text().replace("h1:", "h1:foreign"))
    synth()

    assert unchanged == before
    assert lock.read_text() == lock_text("", OURS)


def test_a_provider_installation_block_is_an_annotation_of_the_stack(tmp_path: Path) -> None:
    (tmp_path / ".terraformrc").write_text("provider_installation {\n  direct {}\n}\n")
    app = cdktf.App(outdir=str(tmp_path / "out"))
    attach(stack(app))
    app.synth()
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    (annotation,) = manifest["stacks"]["stack"]["annotations"]

    assert annotation["level"] == "@cdktf/warn"
    assert annotation["constructPath"] == "stack"
    assert annotation["message"].startswith(f"{tmp_path}/.terraformrc: its provider_installation block")


APP = f"""
import os, sys
import cdktf
from cdktf_openai_thread.synth.bundle import attach
def provider(name, source, version):
    return cdktf.TerraformProvider(
        stack, name, terraform_resource_type=name, terraform_provider_source=source,
        terraform_generator_metadata=cdktf.TerraformProviderGeneratorMetadata(
            provider_name=name, provider_version=version, provider_version_constraint=version))
if len(sys.argv) > 2:
    os.chdir(sys.argv[2])
app = cdktf.App(outdir=sys.argv[1])
stack = cdktf.TerraformStack(app, "stack")
attach(provider("openai", "{SOURCE}", "{__version__}"))
provider("random", "hashicorp/random", "~> 3.0")
app.synth()
"""


def user_sees(folder: Path, *arguments: str, **environ: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", in_framework(APP), *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "18,20,22",
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
            **environ,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    # A warning about the age of Node comes as bytes literals, and is none of ours.
    lines = [line for line in done.stderr.splitlines() if not line.startswith("b'")]
    return done.returncode, "\n".join(lines)


def test_who_runs_the_program_alone_sees_the_warning_once(tmp_path: Path) -> None:
    (tmp_path / ".terraformrc").write_text("provider_installation {\n  direct {}\n}\n")
    code, said = user_sees(tmp_path, "out", HOME=str(tmp_path))

    assert code == 0
    assert said.count("Warning: ") == 1
    assert said.startswith(f"Warning: {tmp_path}/.terraformrc: its provider_installation block keeps")


def test_hcl_brings_the_same_provider_along_and_knows_the_others(tmp_path: Path) -> None:
    result = user_sees(tmp_path, str(tmp_path / "out"), SYNTH_HCL_OUTPUT="true")
    folder = tmp_path / "out/stacks/stack"

    assert result == (0, "")
    assert "required_providers {" in (folder / "cdk.tf").read_text()
    assert_bundled(folder, {**OURS, "hashicorp/random": "~> 3.0"})


def test_hcl_that_cdktf_writes_into_a_json_file_is_one_message_without_a_traceback(tmp_path: Path) -> None:
    code, message = user_sees(tmp_path, str(tmp_path / "out"), SYNTH_HCL_OUTPUT="1")

    assert code == 1
    assert message == (
        f"{tmp_path}/out/stacks/stack/cdk.tf.json: {FRAMEWORK} did not write JSON into it. "
        "SYNTH_HCL_OUTPUT is '1'. "
        'Allowed: "true", or nothing: with "1" the text is HCL and the name of the file is that of JSON, '
        f"which Terraform can't read. Use {FRAMEWORK} synth --hcl, or set SYNTH_HCL_OUTPUT=true."
    )


def test_a_folder_that_cannot_be_written_is_one_message_without_a_traceback(tmp_path: Path) -> None:
    folder = tmp_path / "out/stacks/stack"
    folder.mkdir(parents=True)
    (folder / "terraform.d").write_text("a file")
    code, message = user_sees(tmp_path, str(tmp_path / "out"))

    assert code == 1
    assert message.startswith(f"{folder}/terraform.d")
    assert message.endswith(
        ": cdktf-openai-thread cannot put its provider beside the stack: Not a directory. "
        "Make the folder writable, with space left, or choose another with CDKTF_OUTDIR."
    )
    assert "\n" not in message


def test_a_working_directory_changed_after_the_import_is_named_as_the_cause(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    code, message = user_sees(tmp_path, "out", str(tmp_path / "elsewhere"))

    assert code == 1
    assert message == (
        "out/stacks/stack/cdk.tf.json: cdktf-openai-thread cannot put its provider beside the stack: "
        "No such file or directory. cdktf wrote the stack elsewhere, because the working directory "
        "changed after cdktf was imported. Change it before the import, or give App(outdir=...) an "
        "absolute path."
    )
