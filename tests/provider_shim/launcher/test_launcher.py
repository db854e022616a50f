"""The launcher as Terraform starts it, with Pythons of which each is wrong in another way."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from provider_shim.launcher.mirror import POINTER, executable_name, launcher, write_pointer

VERSION = "9.8.7"
# What /bin/sh is somewhere: Debian, macOS, Alpine.
SHELLS = [
    [found, *options]
    for program, *options in (["dash"], ["bash", "--posix"], ["busybox", "sh"])
    if (found := shutil.which(program))
]
MAIN = """\
import os, sys
def main():
    print(os.environ["WHO"], os.getpid(), sys.argv[1:], os.environ.get("CDKTF_OPENAI_THREAD_TRIED"))
"""


class Place(NamedTuple):
    """A folder to start the launcher in, and everything that it might look at."""

    root: Path

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def bin(self) -> Path:
        return self.root / "bin"

    def python(self, path: Path, *, version: str | None = VERSION, main: str = MAIN) -> Path:
        """Make `path` a Python that has a provider of `version`, or none at all."""
        packages = path.parent / f"packages of {path.name}"
        (packages / "provider_shim").mkdir(parents=True)
        if version is not None:
            (packages / "provider_shim/__init__.py").write_text(f"__version__ = {version!r}\n")
            (packages / "provider_shim/__main__.py").write_text(main)
        else:
            (packages / "provider_shim").rmdir()
        return script(
            path,
            f"WHO={quoted(path.name)} PYTHONPATH={quoted(packages)}\nexport WHO PYTHONPATH\n"
            f'exec {quoted(sys.executable)} -S "$@"\n',
        )

    def start(self, *arguments: str, shell: Sequence[str] = (), **environ: str) -> "Outcome":
        """Start the launcher as an executable, or as an argument of another `shell`."""
        executable = self.root / executable_name(VERSION)
        executable.write_bytes(launcher(VERSION))
        executable.chmod(0o755)
        with subprocess.Popen(
            [*shell, executable, *arguments],
            cwd=self.work,
            env={"PATH": str(self.bin), "HOME": str(self.home), **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            out, err = process.communicate(timeout=60)
        return Outcome(process.returncode, process.pid, out, err)


class Outcome(NamedTuple):
    code: int
    pid: int
    out: str
    err: str


def quoted(text: object) -> str:
    return "'" + str(text).replace("'", "'\\''") + "'"


def script(path: Path, body: str, interpreter: str = "/bin/sh") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{interpreter}\n{body}")
    path.chmod(0o755)
    return path


@pytest.fixture(params=["plain", "with space, $HOME and 'quote'"])
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Place:
    place = Place(tmp_path / request.param)
    for folder in (place.work, place.home, place.bin):
        folder.mkdir(parents=True)
    return place


def test_the_named_python_runs_the_provider_in_the_same_process_with_its_arguments(
    place: Place,
) -> None:
    named = place.python(place.root / "named")
    outcome = place.start("a b", "$c", CDKTF_OPENAI_THREAD_PYTHON=str(named))

    assert outcome.out == f"named {outcome.pid} ['a b', '$c'] None\n"
    assert (outcome.code, outcome.err) == (0, "")


@pytest.mark.parametrize("wrong", range(5))
def test_the_first_python_with_this_version_wins(place: Place, wrong: int) -> None:
    paths = [
        place.root / "synth python",
        place.root / "venv/bin/python",
        place.root / "installed python",
        place.bin / "python3",
        place.bin / "python",
    ]
    for index, path in enumerate(paths):
        place.python(path, version="0.0.1" if index < wrong else VERSION)
    write_pointer(place.work / POINTER, str(paths[0]))
    write_pointer(place.home / ".terraform.d/openai-thread/python", str(paths[2]))
    outcome = place.start("x", VIRTUAL_ENV=str(place.root / "venv"))

    assert outcome.out == f"{paths[wrong].name} {outcome.pid} ['x'] None\n"


def unusable(place: Place, name: str) -> Path:
    """Return a Python of the kind that `REASONS` names; a "dead" one is not there at all."""
    path = place.root / name
    match name:
        case "a folder":
            path.mkdir()
        case "not executable":
            path.write_text("")
        case "interpreter gone":
            script(path, "", interpreter=str(place.root / "no-such-interpreter"))
        case "not installed":
            place.python(path, version=None)
        case "other version":
            place.python(path, version="0.0.1")
        case "broken":
            place.python(path, main="raise ImportError('no grpclib\\nhere')")
    return path


REASONS = {
    "dead": "no such program",
    "a folder": "no such program",
    "not executable": "no such program",
    "interpreter gone": "cannot be started",
    "not installed": "cdktf-openai-thread is not installed in it",
    "other version": "has cdktf-openai-thread 0.0.1",
    "broken": "cannot load the provider: ImportError: no grpclib here",
}


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
@pytest.mark.parametrize("name", REASONS)
def test_a_pointer_to_a_python_that_cannot_serve_is_passed_over(
    place: Place, name: str, shell: list[str]
) -> None:
    write_pointer(place.work / POINTER, str(unusable(place, name)))
    place.python(place.bin / "python3")
    outcome = place.start("x", shell=shell)

    assert outcome.out == f"python3 {outcome.pid} ['x'] None\n"


@pytest.mark.parametrize("name", REASONS)
def test_a_named_python_that_cannot_serve_is_an_error_and_no_other_is_tried(place: Place, name: str) -> None:
    named = unusable(place, name)
    place.python(place.bin / "python3")
    outcome = place.start(CDKTF_OPENAI_THREAD_PYTHON=str(named))

    assert outcome.code == 1
    assert outcome.out == (
        f"cdktf-openai-thread {VERSION}: found no Python that can run the provider. "
        f"Tried $CDKTF_OPENAI_THREAD_PYTHON: {named}: {REASONS[name]}. "
        f"Needed: a Python with cdktf-openai-thread=={VERSION} "
        f"(pip install cdktf-openai-thread=={VERSION}). "
        "Set CDKTF_OPENAI_THREAD_PYTHON to its path, or unset it.\n"
    )
    assert outcome.err.endswith(outcome.out)


def test_where_none_serves_one_line_says_what_was_tried_and_what_to_do(place: Place) -> None:
    write_pointer(place.work / POINTER, str(unusable(place, "dead")))
    place.python(place.root / "venv/bin/python", version="0.0.1")
    place.python(place.bin / "python3", version=None)
    outcome = place.start(VIRTUAL_ENV=str(place.root / "venv"))

    assert outcome.code == 1
    assert outcome.out == (
        f"cdktf-openai-thread {VERSION}: found no Python that can run the provider. "
        f"Tried the Python of the last synth: {place.root}/dead: no such program; "
        f"$VIRTUAL_ENV: {place.root}/venv/bin/python: has cdktf-openai-thread 0.0.1; "
        f"PATH: {place.bin}/python3: cdktf-openai-thread is not installed in it; "
        "PATH: python: no such program. "
        f"Needed: a Python with cdktf-openai-thread=={VERSION} "
        f"(pip install cdktf-openai-thread=={VERSION}). "
        "Run cdktf synth again with it, or set CDKTF_OPENAI_THREAD_PYTHON to its path. To apply without a "
        "Python: openai-thread bundle --help.\n"
    )


def test_a_command_name_in_the_variable_is_looked_up_on_path(place: Place) -> None:
    place.python(place.bin / "python3.99")
    outcome = place.start(CDKTF_OPENAI_THREAD_PYTHON="python3.99")

    assert outcome.out == f"python3.99 {outcome.pid} [] None\n"


def test_what_another_launcher_tried_is_none_of_ours(place: Place) -> None:
    place.python(place.bin / "python3")
    outcome = place.start(CDKTF_OPENAI_THREAD_TRIED="1 6 ; something")

    assert outcome.out == f"python3 {outcome.pid} [] None\n"


def test_a_package_in_the_working_directory_is_not_imported(place: Place) -> None:
    place.python(place.work / "python", version=None)
    (place.work / "provider_shim").mkdir()
    (place.work / "provider_shim/__init__.py").write_text(f"__version__ = {VERSION!r}\n")
    outcome = place.start(CDKTF_OPENAI_THREAD_PYTHON=str(place.work / "python"))

    assert "cdktf-openai-thread is not installed in it" in outcome.out


def test_what_a_python_prints_while_it_starts_is_no_handshake(place: Place) -> None:
    quiet = place.python(place.root / "quiet")
    loud = script(place.root / "loud", f'echo noise\nexec {quoted(quiet)} "$@"\n')
    outcome = place.start(CDKTF_OPENAI_THREAD_PYTHON=str(loud))

    assert outcome.out == f"quiet {outcome.pid} [] None\n"
    assert outcome.err == "noise\n"


def test_variables_of_another_python_do_no_harm(place: Place) -> None:
    place.python(place.bin / "python3")
    outcome = place.start(PYTHONHOME="/nowhere", PYTHONWARNINGS="error", PYTHONINSPECT="1", PYTHONUTF8="0")

    assert outcome.out == f"python3 {outcome.pid} [] None\n"
    assert outcome.code == 0


def test_a_module_on_pythonpath_stands_in_for_none_that_is_installed(place: Place) -> None:
    (place.root / "theirs").mkdir()
    (place.root / "theirs/graphlib.py").write_text("raise SystemExit('not this one')\n")
    main = "def main():\n    import graphlib, sys\n    print(sys.path[-1])\n"
    python = place.python(place.root / "named", main=main)
    text = python.read_text().replace("PYTHONPATH='", f"PYTHONPATH={quoted(place.root / 'theirs')}:'")
    python.write_text(text)
    outcome = place.start(CDKTF_OPENAI_THREAD_PYTHON=str(python))

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(str(place.root))
