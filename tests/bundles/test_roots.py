"""What was synthesized here is applied where there is no Python: the proof that a bundle needs nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from provider_shim import __version__
from provider_shim.launcher.mirror import SOURCE
from tests.support.roots import USER, Root, missing
from tests.support.served import ServedApi
from tests.support.uploading import upload

pytestmark = [pytest.mark.bundles, pytest.mark.timeout(600)]
PLATFORM = {"x86_64": "linux_amd64", "aarch64": "linux_arm64"}[os.uname().machine]
UNPACKED = f".terraform/providers/localhost/cdktf-openai-thread/openai/{__version__}/{PLATFORM}"

# The words of the pages: docs/how-to/remote-runs.md has the same commands.
DEPLOY = """
terraform init -input=false -lockfile=readonly
terraform plan -input=false -out=run.tfplan
terraform apply -input=false run.tfplan
terraform plan -input=false -detailed-exitcode
"""
DESTROY = "terraform apply -destroy -auto-approve -input=false"


def files(folder: Path) -> set[str]:
    return {each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()}


@pytest.fixture(params=["glibc", "musl"])
def root(tmp_path: Path, request: pytest.FixtureRequest) -> Root:
    """Return a root with this C library."""
    if (why := missing(request.param)) and not os.environ.get("CI"):
        pytest.skip(why)
    assert not why
    return Root(tmp_path / "root", request.param)


def test_a_stack_is_planned_applied_planned_again_and_destroyed(
    root: Root, stack: Callable[..., Path], api: ServedApi
) -> None:
    folder = root.take(stack(), "srv/a stack")
    lock = (folder / ".terraform.lock.hcl").read_bytes()
    deployed = root.run(DEPLOY, cwd="/srv/a stack")
    asked = len(api.seen)
    doctor = root.run(
        f"{UNPACKED}/openai-thread doctor; {UNPACKED}/openai-thread orphans",
        cwd="/srv/a stack",
        environment={"OPENAI_BASE_URL": api.base_url},
    )
    destroyed = root.run(DESTROY, cwd="/srv/a stack")
    api.check()

    assert "Apply complete! Resources: 3 added, 0 changed, 0 destroyed." in deployed
    assert "No changes." in deployed
    assert asked > 3
    assert f"of the bundle /srv/a stack/{UNPACKED}" in doctor
    assert "Everything that a deploy from here needs is in place." in doctor
    assert "Nothing is left." in doctor
    assert "3 destroyed." in destroyed
    assert (folder / ".terraform.lock.hcl").read_bytes() == lock
    assert not [*root.folder.rglob("*python3")]


LEFT_OUT = (".git/config", ".terraform/providers/old", "notes/draft.md", "old.tfplan", "assets/old.tfplan")
TAKEN = (".terraform/modules/modules.json", "notes/README.md")


def test_one_user_plans_another_applies_elsewhere_from_a_cache_of_plugins_that_nobody_writes(
    root: Root, stack: Callable[..., Path], tmp_path: Path
) -> None:
    """As a server of runs does: it uploads what .terraformignore leaves, plans here and applies there."""
    made = stack()
    of_synth = files(made)
    (made / ".terraformignore").write_text("# ours\n*.tfplan\n/notes/\n!/notes/README.md\n")
    for name in (*LEFT_OUT, *TAKEN):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text("{}")
    source = upload(made, tmp_path / "uploaded")
    assert files(source) == {*of_synth, *TAKEN, ".terraformignore"}
    cache = root.folder / "srv/cache"
    cache.mkdir(parents=True)
    cached = {"TF_PLUGIN_CACHE_DIR": "/srv/cache"}
    root.take(source, "srv/filling", owner=0)
    root.run("terraform init -input=false", cwd="/srv/filling", user=0, environment=cached)
    root.take(source, "srv/plan", owner=70001)
    root.run(
        "terraform init -input=false -lockfile=readonly; terraform plan -input=false -out=/tmp/run.tfplan",
        cwd="/srv/plan",
        user=70001,
        environment=cached,
    )
    (root.folder / "tmp/run.tfplan").chmod(0o644)
    # A plan is applied in the folder that it was made in, or in one of its very content and name.
    (root.folder / "srv/plan").rename(root.folder / "srv/planned")
    root.take(source, "srv/plan", owner=70002)
    applied = root.run(
        "terraform init -input=false -lockfile=readonly; terraform apply -input=false /tmp/run.tfplan",
        cwd="/srv/plan",
        user=70002,
        environment=cached,
    )
    destroyed = root.run(DESTROY, cwd="/srv/plan", user=70002, environment=cached)

    assert "Apply complete! Resources: 3 added" in applied
    assert "3 destroyed." in destroyed


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({"PYTHONHOME": "/nowhere", "PYTHONPATH": "/nowhere"}, id="another Python's variables"),
        pytest.param({"LD_LIBRARY_PATH": "/lib", "LC_ALL": "C"}, id="libraries of the machine"),
        pytest.param({"HOME": "/nowhere", "TMPDIR": "/srv/a stack"}, id="no home, temporary files elsewhere"),
    ],
)
def test_what_the_shell_has_set_makes_no_difference(
    root: Root, stack: Callable[..., Path], environment: dict[str, str]
) -> None:
    root.take(stack(), "srv/a stack")
    said = root.run(DEPLOY, cwd="/srv/a stack", environment=environment)

    assert "No changes." in said


@pytest.mark.parametrize("name", ['Müller & Söhne/$HOME "x" %s', "a:b;c", "M\udcfcller"], ids=ascii)
def test_where_it_lies_makes_no_difference_nor_who_may_write_there(
    root: Root, stack: Callable[..., Path], name: str
) -> None:
    """Its folder is another user's and can't be written; programs can't be run from the temporary folder."""
    folder = root.take(stack(), f"srv/{name}", owner=0)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    # The provider is started from where init unpacks it: there programs can be run.
    (root.folder / "srv/data").mkdir()
    os.chown(root.folder / "srv/data", USER, USER)
    with root.mounted("var", "noexec"):
        said = root.run(
            DEPLOY.replace("run.tfplan", "/var/run.tfplan"),
            cwd=f"/srv/{name}",
            environment={
                "TMPDIR": "/var",
                "TF_DATA_DIR": "/srv/data",
                "OPENAI_THREAD_JOURNAL": "/var",
                **dict.fromkeys(("TF_CLI_ARGS_plan", "TF_CLI_ARGS_apply"), "-state=/var/state -lock=false"),
            },
        )

    assert "No changes." in said


@pytest.mark.parametrize("foreign", ["9.9.9_linux_amd64", "0.1.0_linux_arm64"])
def test_a_bundle_of_another_version_or_platform_beside_it_is_not_taken(
    root: Root, stack: Callable[..., Path], foreign: str
) -> None:
    folder = root.take(stack(), "srv/stack")
    mirror = folder / "terraform.d/plugins" / SOURCE
    (mirror / f"terraform-provider-openai_{foreign}.zip").write_bytes(b"no zip")

    assert "No changes." in root.run(DEPLOY, cwd="/srv/stack")
