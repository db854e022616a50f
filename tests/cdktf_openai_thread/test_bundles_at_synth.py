"""Synth takes bundles in the launcher's place where they are named, and says what is wrong with them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from provider_shim import __version__
from provider_shim.launcher.bundles import CONTEXT, VARIABLE, Bundle, pack, write
from provider_shim.launcher.lock import lock_text
from provider_shim.launcher.mirror import PLATFORMS, PLUGINS, SOURCE, archive_name, executable_name, packed
from tests.support.environment import clean, in_framework

PROGRAM = """
from cdktf import App, TerraformStack
from cdktf_openai_thread import OpenaiProvider

app = App()
for name in ("one", "two"):
    OpenaiProvider(TerraformStack(app, name), "openai", base_url="sqlite:threads.db")
app.synth()
"""


def a_bundle(platform: str) -> Bundle:
    return pack([(executable_name(), platform.encode(), True)])


def synth(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", in_framework(PROGRAM)],
        cwd=folder,
        env=clean(environment),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("by", ["the environment", "the context"])
def test_bundles_stand_in_for_the_launcher_on_their_platforms_alone(by: str, tmp_path: Path) -> None:
    made = {platform: a_bundle(platform) for platform in ("linux_amd64", "linux_arm64")}
    for platform, bundle in made.items():
        write(tmp_path / "bün dles", platform, bundle)
    named = {VARIABLE: "bün dles"}
    if by == "the context":
        named = {"CDKTF_CONTEXT_JSON": json.dumps({CONTEXT: "bün dles"})}
    done = synth(tmp_path, **named)

    assert done.returncode == 0, done.stderr
    for stack in ("one", "two"):
        folder = tmp_path / "cdktf.out/stacks" / stack
        zips = {path.name: path.read_bytes() for path in (folder / PLUGINS / SOURCE).iterdir()}
        hashes = [each.h1 for each in made.values()]

        assert zips == {
            archive_name(each): made[each].archive if each in made else packed() for each in PLATFORMS
        }
        assert (folder / ".terraform.lock.hcl").read_text() == lock_text(
            "", {SOURCE: __version__}, bundles=hashes
        )
        assert len(re.findall(r'"h1:', (folder / ".terraform.lock.hcl").read_text())) == 3


def test_without_them_the_next_synth_writes_the_launcher_again(tmp_path: Path) -> None:
    write(tmp_path / "bundles", "linux_amd64", a_bundle("linux_amd64"))
    synth(tmp_path, **{VARIABLE: "bundles"})
    synth(tmp_path)
    folder = tmp_path / "cdktf.out/stacks/one"

    assert {path.read_bytes() for path in (folder / PLUGINS / SOURCE).iterdir()} == {packed()}
    assert (folder / ".terraform.lock.hcl").read_text() == lock_text("", {SOURCE: __version__})


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        pytest.param(
            {VARIABLE: "elsewhere"},
            f"{VARIABLE}: elsewhere is no folder. Make it with `openai-thread",
            id="none",
        ),
        pytest.param(
            {"CDKTF_CONTEXT_JSON": json.dumps({CONTEXT: "elsewhere"})},
            f'"{CONTEXT}" in the context of cdktf.json: elsewhere is no folder.',
            id="none, of the context",
        ),
        pytest.param(
            {"CDKTF_CONTEXT_JSON": json.dumps({CONTEXT: ["elsewhere"]})},
            f"\"{CONTEXT}\" in the context of cdktf.json is ['elsewhere']. Allowed: the path",
            id="no path",
        ),
    ],
)
def test_what_can_not_be_used_is_one_message_without_a_traceback(
    environment: dict[str, str], said: str, tmp_path: Path
) -> None:
    done = synth(tmp_path, **environment)

    # jsii complains about some versions of Node.js, in bytes.
    (line,) = [each for each in done.stderr.splitlines() if not each.startswith("b'")]

    assert done.returncode == 1
    assert line.startswith(said)
