"""What type checkers tell a user: the editor knows the schema before synth does.

They see the package as it is published: the wheel, in an environment of its own.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.environment import BIN, FRAMEWORK, ROOT, clean
from tests.support.installed import build, install

PROGRAMS = Path(__file__).with_name("typing")
BAD = (PROGRAMS / "bad.py").read_text()
MISTAKES = {
    number: int(mark[1])
    for number, line in enumerate(BAD.splitlines(), 1)
    if (mark := re.search(r"# (\d+)$", line))
}
UNSEEN = {6}
"""`tools` takes a list variable, a list of any texts to a type checker: synth tells."""
STAR = 3
"""The line that imports everything, which pyright allows in no library."""

pytestmark = pytest.mark.skipif(FRAMEWORK != "cdktf", reason="to a type checker the framework is cdktf")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel."""
    folder = tmp_path_factory.mktemp("typing")
    (wheel,) = build(folder, "wheel")
    return install(wheel, folder / "venv")


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the two programs, and every example, away from the package's sources."""
    folder = tmp_path_factory.mktemp("projects")
    shutil.copytree(PROGRAMS, folder / "programs")
    for example in (ROOT / "examples").iterdir():
        folder.joinpath(example.name).mkdir()
        for each in example.glob("*.py"):
            shutil.copy(each, folder / example.name)
    return folder


def mypy(python: Path, folder: Path) -> list[tuple[str, int, str]]:
    """Return file, line and text of each error."""
    command = [str(BIN / "python"), "-m", "mypy", "--strict", "--config-file=", "--no-error-summary"]
    options = [f"--python-executable={python}", f"--cache-dir={folder.parent / 'cache'}", "."]
    done = subprocess.run(
        [*command, *options],
        cwd=folder,
        env=clean({}),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert not done.stderr
    found = re.findall(r"^(.+?):(\d+): error: (.*)$", done.stdout, re.MULTILINE)
    return [(file, int(line), text) for file, line, text in found]


def pyright(python: Path, folder: Path) -> list[tuple[str, int, str]]:
    """Return file, line and text of each error."""
    (folder / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "strict"}))
    done = subprocess.run(
        [BIN / "pyright", "--outputjson", "--pythonpath", python, "--project", folder],
        cwd=folder,
        env=clean({}),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    return [
        (Path(each["file"]).name, each["range"]["start"]["line"] + 1, each["message"])
        for each in json.loads(done.stdout)["generalDiagnostics"]
        if each["severity"] == "error"
    ]


@pytest.mark.parametrize("checker", [mypy, pyright], ids=["mypy", "pyright"])
def test_each_mistake_is_shown_in_its_line_and_none_elsewhere(
    checker: object, python: Path, projects: Path
) -> None:
    assert callable(checker)
    told = checker(python, projects / "programs")
    lines = {line for file, line, _ in told if file == "bad.py"}

    assert len(MISTAKES) == 40
    assert {number for line, number in MISTAKES.items() if line not in lines} <= UNSEEN
    assert lines - {*MISTAKES} <= {STAR}
    assert [each for each in told if each[0] == "good.py"] == []


@pytest.mark.parametrize("checker", [mypy, pyright], ids=["mypy", "pyright"])
def test_no_example_has_a_mistake(checker: object, python: Path, projects: Path) -> None:
    assert callable(checker)
    examples = [each for each in projects.iterdir() if (each / "main.py").exists()]

    assert len(examples) > 5
    assert [each for example in examples for each in checker(python, example)] == []


def test_a_mistake_is_told_with_what_was_meant(python: Path, projects: Path) -> None:
    told = {MISTAKES.get(line): text for _, line, text in mypy(python, projects / "programs")}
    expected = {
        1: 'argument "mesages" for "Thread"; did you mean "messages"?',
        3: 'Missing key "role" for TypedDict "ThreadMessages"',
        12: 'Property "id"',
        14: "incompatible type \"Literal['robot']\"",
        30: 'has no attribute "contnt"; maybe "content"?',
    }

    assert {number: text for number, text in expected.items() if text not in told[number]} == {}
