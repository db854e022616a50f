"""What is in the wheel and in the sdist."""

import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from provider_shim import __version__
from tests.e2e.environment import BIN, ROOT

PACKAGES = ("cdktf_openai_thread", "provider_shim")
DOCUMENTS = {"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [BIN / "python", "-m", "hatchling", "build", "-d", folder], cwd=ROOT, check=True, capture_output=True
    )
    return folder


def ours() -> set[str]:
    """Return every file of the two packages."""
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file())
    return {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts}


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

    assert names - {"PKG-INFO", "pyproject.toml", ".gitignore"} == ours() | DOCUMENTS
