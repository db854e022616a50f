"""What `make release` writes is served from a mirror, and takes over what the package's own address made."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from provider_shim import __version__
from provider_shim.launcher.mirror import SOURCE, archive_name
from scripts.release import gather, release
from tests.support.environment import BIN, ROOT
from tests.support.served import ServedApi
from tests.support.terraform import TerraformProject

pytestmark = [pytest.mark.bundles, pytest.mark.timeout(600)]
PUBLIC = "registry.example.com/platform/openai"
STEM = f"terraform-provider-openai_{__version__}"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released")
    release(folder, PUBLIC)
    return folder


def test_a_state_of_the_packages_address_moves_to_a_public_one_and_nothing_is_to_do(
    released: Path, tmp_path: Path, api: ServedApi
) -> None:
    (tmp_path / "mirror.tfrc").write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{released / "mirror"}"\n  }}\n}}\n'
    )
    configuration = {
        "provider": {"openai": {"base_url": api.base_url}},
        "resource": {"openai_thread": {"desk": {"metadata": {"team": "support"}}}},
    }
    terraform = TerraformProject(tmp_path / "stack").write(configuration).init()
    terraform.apply()
    identifier = terraform.state()["openai_thread.desk"]["id"]

    terraform.environment["TF_CLI_CONFIG_FILE"] = str(tmp_path / "mirror.tfrc")
    required = {"required_providers": {"openai": {"source": PUBLIC, "version": __version__}}}
    (terraform.folder / "main.tf.json").write_text(json.dumps({**configuration, "terraform": required}))
    terraform.run("state", "replace-provider", "-auto-approve", SOURCE, PUBLIC)
    terraform.run("init", "-input=false")
    said = terraform.plan()

    assert said.actions == {}
    assert terraform.state()["openai_thread.desk"]["id"] == identifier
    assert PUBLIC in terraform.run("providers")
    terraform.destroy()


def test_a_registry_finds_the_names_the_sums_and_the_protocol(released: Path) -> None:
    registry = released / "registry"
    lines = (registry / f"{STEM}_SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}

    assert set(sums) == {path.name for path in registry.iterdir()} - {f"{STEM}_SHA256SUMS"}
    assert {name: hashlib.sha256((registry / name).read_bytes()).hexdigest() for name in sums} == sums
    assert json.loads((registry / f"{STEM}_manifest.json").read_bytes()) == {
        "version": 1,
        "metadata": {"protocol_versions": ["6.0"]},
    }


def test_the_bundle_of_an_installed_wheel_is_that_of_the_checkout(
    bundles: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Made elsewhere, later, of a copy: the bytes are the same."""
    again = tmp_path_factory.mktemp("again")
    release(again, SOURCE)
    made = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in bundles.rglob("*.zip")}
    (other,) = (again / "registry").glob("*.zip")

    assert made == {other.name: hashlib.sha256(other.read_bytes()).hexdigest()}


def test_releases_of_several_platforms_become_one(released: Path, tmp_path: Path) -> None:
    platforms = {"linux_amd64", "linux_arm64"}
    for platform in platforms:
        # Only the names are another platform's: two machines are not at hand.
        shutil.copytree(released, tmp_path / "parts" / platform)
        place = tmp_path / "parts" / platform / "mirror" / PUBLIC
        (archive,) = place.glob("*.zip")
        archive.rename(place / archive_name(platform))
        noted = place / f"{__version__}.json"
        (facts,) = json.loads(noted.read_bytes())["archives"].values()
        facts["url"] = archive_name(platform)
        noted.write_text(json.dumps({"archives": {platform: facts}}))
    gather(tmp_path / "parts", tmp_path / "one")
    sums = (tmp_path / "one" / "registry" / f"{STEM}_SHA256SUMS").read_text()
    mirror = json.loads((tmp_path / "one/mirror" / PUBLIC / f"{__version__}.json").read_bytes())

    assert {archive_name(each) for each in platforms} <= set(sums.split())
    assert set(mirror["archives"]) == platforms
    assert len(list((tmp_path / "one").glob("*.whl"))) == 1


@pytest.mark.parametrize("source", ["openai", "a.example/b/other", "https://a/b/openai", "A/b/openai"])
def test_an_address_that_no_registry_can_have_is_refused(source: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [BIN / "python", "-m", "scripts.release", "--source", source, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith(f"release: --source is '{source}'. Allowed: HOST/NAMESPACE/openai")
    assert list(tmp_path.iterdir()) == []
