"""Which framework the package takes, seen in a Python of its own each time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cdktf_openai_thread._host import tf
from tests.e2e.environment import FRAMEWORK, ROOT


def test_the_framework_under_test_is_the_one_in_use() -> None:
    assert tf.__name__ == FRAMEWORK


def run(program: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *options, "-c", program],
        env={**os.environ, "PYTHONPATH": f"{folder}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# The package's own __init__ imports every construct: too much for frameworks that are empty.
LOAD = f"""
import importlib.util
spec = importlib.util.spec_from_file_location("host", {str(ROOT / "cdktf_openai_thread/_host.py")!r})
host = importlib.util.module_from_spec(spec)
spec.loader.exec_module(host)
print(host.tf.__name__)
"""


@pytest.mark.parametrize(
    ("expected", "imported", "installed"),
    [
        ("cdktf", "", ["cdktf", "cdktn"]),
        ("cdktf", "import cdktf", ["cdktf", "cdktn"]),
        ("cdktn", "import cdktn", ["cdktf", "cdktn"]),
        ("cdktf", "", ["cdktf"]),
        ("cdktn", "", ["cdktn"]),
    ],
)
def test_what_the_app_imported_wins_else_what_is_installed(
    expected: str, imported: str, installed: list[str], tmp_path: Path
) -> None:
    for name in installed:
        (tmp_path / f"{name}.py").write_text("")
    result = run(f"{imported}\n{LOAD}", tmp_path, "-S")

    assert (result.stdout, result.stderr) == (f"{expected}\n", "")


def test_neither_installed_is_an_import_error_that_says_what_to_install(tmp_path: Path) -> None:
    result = run(LOAD, tmp_path, "-S")

    assert result.stderr.splitlines()[-1] == (
        "ImportError: cdktf_openai_thread needs cdktf, or its successor cdktn, and found neither in "
        f"{sys.executable}. Install the one your app is written in: pip install cdktf, "
        "or pip install cdktn."
    )


def test_a_framework_that_lacks_something_itself_says_so(tmp_path: Path) -> None:
    (tmp_path / "cdktf.py").write_text("import jsii")
    (tmp_path / "cdktn.py").write_text("")
    result = run(LOAD, tmp_path, "-S")

    assert result.stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'jsii'"
