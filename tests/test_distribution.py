"""The wheel and the sdist: what is in them, what a package index makes of them, and that each deploys."""

import email
import json
import re
import subprocess
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from hatch_build import description
from provider_shim import __version__
from tests.support.cdktf_project import CdktfProject
from tests.support.environment import BIN, ROOT
from tests.support.installed import build, install

PACKAGES = ("cdktf_openai_thread", "openai_thread_pytest", "provider_shim")
DOCUMENTS = {"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md"}
PROGRAM = """
from cdktf import App, TerraformOutput, TerraformStack
from cdktf_openai_thread import File, OpenaiProvider, Thread

app = App()
stack = TerraformStack(app, "support")
OpenaiProvider(stack, "openai", base_url="sqlite:threads.db")
returns = File(stack, "returns", content="Within 30 days.", filename="returns.md")
thread = Thread(stack, "desk").say("user", "Hello").attach(returns)
TerraformOutput(stack, "id", value=thread.id)
app.synth()
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build(folder, "wheel", "sdist")
    return folder


@pytest.mark.parametrize("ending", ["whl", "gz"])
def test_each_installed_into_an_empty_environment_deploys(ending: str, built: Path, tmp_path: Path) -> None:
    (archive,) = built.glob(f"*.{ending}")
    python = install(archive, tmp_path / "venv")
    project = CdktfProject(tmp_path / "app", python=python).write(PROGRAM).synth()
    stack = project.stack("support")
    stack.run("init", "-input=false")
    made = stack.apply()
    started = (stack.folder / "terraform.d/openai-thread/python").read_text().strip()

    assert made.actions == {"openai_file.returns": "create", "openai_thread.desk": "create"}
    assert stack.outputs()["id"].startswith("conv_")
    assert stack.plan().actions == {}
    assert started == str(python)
    for package in PACKAGES:
        found = subprocess.run(
            [python, "-c", f"import importlib.util as u; print(u.find_spec('{package}').origin)"],
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
        ).stdout
        assert found.startswith(f"{tmp_path}/venv/lib/")


def test_a_package_index_takes_both(built: Path) -> None:
    done = subprocess.run(
        [BIN / "twine", "--no-color", "check", "--strict", *built.iterdir()],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout.count("PASSED")) == (0, 2), done.stdout


def test_the_description_is_readme_without_what_leads_nowhere_on_an_index(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        metadata = email.message_from_bytes(
            wheel.read(f"cdktf_openai_thread-{__version__}.dist-info/METADATA")
        )
    shown = str(metadata.get_payload(decode=True), "utf-8")  # type: ignore[arg-type]
    relative = r"\]\((?!https?:|#)[^)]+\)|(?:src|href|srcset)=\"(?!https?:|#)"
    prose = re.sub(r"^```.*?^```$", "", shown, flags=re.MULTILINE | re.DOTALL)

    assert metadata["Description-Content-Type"] == "text/markdown"
    assert shown.startswith("# cdktf-openai-thread\n")
    assert re.findall(relative, prose) == []
    assert re.findall(r"^#+ .*", shown, re.MULTILINE) == re.findall(
        r"^#+ .*", (ROOT / "README.md").read_text(), re.MULTILINE
    )


def test_relative_links_keep_their_text_and_all_else_stays_as_it_is() -> None:
    readme = """\
# Name
![plan](docs/plan.svg)
[![badge](b.svg)](docs/b.md)
![far](https://a.example/b.svg) [far](https://a.example) [here](#limits) [near](docs/a.md), [x] (y)
```python
calls[0](1); a["b"](c)
```
"""

    assert (
        description(readme)
        == """\
# Name
![far](https://a.example/b.svg) [far](https://a.example) [here](#limits) near, [x] (y)
```python
calls[0](1); a["b"](c)
```
"""
    )


def test_the_version_is_in_one_place() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    places = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc" and f'"{__version__}"' in path.read_text()
    ]

    assert places == ["provider_shim/__init__.py"]
    assert __version__ not in project
    assert f'path = "{places[0]}"' in project


def test_the_changelog_is_kept_as_changelogs_are() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    releases = re.findall(r"^## (.*)$", text, re.MULTILINE)
    kinds = set(re.findall(r"^### (.*)$", text, re.MULTILINE))

    assert releases[0] == "[Unreleased]"
    assert [
        each for each in releases[1:] if not re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", each)
    ] == []
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def ours() -> set[str]:
    """Return every file of the two packages."""
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file())
    return {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts}


def test_what_is_tested_of_cdktn_is_what_the_extra_asks_for() -> None:
    (wanted,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"][
        "cdktn"
    ]
    (tested,) = [
        line.partition("==")[2]
        for line in (ROOT / "requirements-cdktn.lock").read_text().splitlines()
        if line.startswith("cdktn==")
    ]
    command = json.loads((ROOT / "tools/cdktn/package.json").read_text())["dependencies"]["cdktn-cli"]

    assert Version(tested) in Requirement(wanted).specifier
    assert command == tested


def test_the_wheel_has_both_packages_with_their_data_and_the_command(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
        commands = wheel.read(f"cdktf_openai_thread-{__version__}.dist-info/entry_points.txt").decode()

    assert {name for name in names if ".dist-info/" not in name} == ours()
    assert {"cdktf_openai_thread/py.typed", "provider_shim/launcher/launcher.sh"} <= names
    assert "openai-thread = provider_shim.cli:main" in commands


def test_the_sdist_has_them_too_and_the_documents_that_readme_leads_to(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}

    assert names - {"PKG-INFO", "pyproject.toml", ".gitignore", "hatch_build.py"} == ours() | DOCUMENTS
