"""Which framework the package takes, seen in a Python of its own each time."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from cdktf_openai_thread.synth.framework import tf
from tests.support.environment import FRAMEWORK, ROOT


def test_the_framework_under_test_is_the_one_in_use() -> None:
    assert tf.__name__ == FRAMEWORK


def run(program: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *options, "-c", program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{folder}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# The package's own __init__ imports every construct: too much for frameworks that are empty.
FILE = ROOT / "cdktf_openai_thread/synth/framework.py"
LOAD = f"""
import importlib.util
spec = importlib.util.spec_from_file_location("host", {str(FILE)!r})
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
        ("cdktn", "import cdktn, cdktf", ["cdktf", "cdktn"]),
        ("cdktf", "import cdktf, cdktn", ["cdktf", "cdktn"]),
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


# An app whose imports are sorted has ours, and modules of its own that have ours, before cdktn.
SORTED = {
    "of the app": ("{load}\nimport cdktn as cdktf", ""),
    "of the app, in a function": ("def main():\n{indented}\n    import cdktn\nmain()", ""),
    "of a module of the app": ("import library\nfrom cdktn import App", "{load}\n"),
    "of a library for both": (
        "import library\nimport cdktn",
        "try:\n    import neither\nexcept ImportError:\n{indented}\nelse:\n    import cdktf",
    ),
}


@pytest.mark.parametrize(("program", "library"), SORTED.values(), ids=SORTED)
def test_what_the_app_imports_later_wins_too(program: str, library: str, tmp_path: Path) -> None:
    (tmp_path / "cdktf.py").write_text("")
    (tmp_path / "cdktn.py").write_text("App = None")
    indented = textwrap.indent(LOAD, "    ")
    (tmp_path / "library.py").write_text(library.format(load=LOAD, indented=indented))
    (tmp_path / "main.py").write_text(program.format(load=LOAD, indented=indented))

    result = run("import runpy; runpy.run_path('main.py', run_name='__main__')", tmp_path, "-S")

    assert (result.stdout, result.stderr) == ("cdktn\n", "")


MIXED = """
import importlib
{before}
from cdktf_openai_thread import OpenaiProvider

other = importlib.import_module("cdktn")
OpenaiProvider(other.TerraformStack(other.App(), "support"), "openai")
"""
REASONS = {"import cdktf": "cdktf was imported first", "": "nothing had imported cdktn before"}


@pytest.mark.skipif(FRAMEWORK != "cdktn", reason="only make test-cdktn has both frameworks installed")
@pytest.mark.parametrize(("before", "reason"), REASONS.items())
def test_a_stack_of_the_other_framework_is_refused_with_what_to_import(
    before: str, reason: str, tmp_path: Path
) -> None:
    (tmp_path / "main.py").write_text(MIXED.format(before=before))
    result = run("import runpy; runpy.run_path('main.py')", tmp_path)

    assert result.returncode == 1
    assert result.stderr.splitlines()[-2:] == [
        'Error: OpenaiProvider "support/openai" (main.py:7)',
        (
            f"  scope is in a stack of cdktn, and cdktf_openai_thread works with cdktf, because {reason}. "
            "Allowed: one framework in an app. Import cdktn only, or before cdktf, in the module that the "
            "app starts with."
        ),
    ]


BOTH = """
import cdktn
import cdktf
from cdktf_openai_thread import OpenaiProvider, Thread

app = cdktn.App()
stack = cdktn.TerraformStack(app, "support")
OpenaiProvider(stack, "openai")
Thread(stack, "onboarding")
app.synth()
"""


@pytest.mark.skipif(FRAMEWORK != "cdktn", reason="only make test-cdktn has both frameworks installed")
def test_the_framework_that_the_app_imported_first_is_used(tmp_path: Path) -> None:
    result = run(BOTH, tmp_path)

    assert result.returncode == 0, result.stderr
    assert (tmp_path / "cdktf.out/stacks/support/cdk.tf.json").exists()


ALONE = """
import sys

sys.modules["cdktf"] = None  # as where it was uninstalled

from cdktf_openai_thread import OpenaiProvider, Thread
from cdktn import App, TerraformStack

app = App()
stack = TerraformStack(app, "support")
OpenaiProvider(stack, "openai")
Thread(stack, "onboarding").say("user", "Hello").outputs()
app.synth()
"""


@pytest.mark.skipif(FRAMEWORK != "cdktn", reason="only make test-cdktn has cdktn installed")
def test_cdktn_needs_no_cdktf(tmp_path: Path) -> None:
    result = run(ALONE, tmp_path)

    assert result.returncode == 0, result.stderr
    assert (tmp_path / "cdktf.out/stacks/support/cdk.tf.json").exists()


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
