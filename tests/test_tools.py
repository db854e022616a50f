"""An editor, a commit and a CI use the tools of `make check`, set up in one place."""

import configparser
import re
import tomllib

import yaml

from tests.support.environment import ROOT


def test_a_commit_runs_what_make_check_runs() -> None:
    recipe = re.findall(r"^check:[^\n]*\n((?:\t[^\n]+\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)[0]
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]

    assert [hook["entry"] for hook in hooks] == [
        line.strip().replace("$(BIN)", ".venv/bin") for line in recipe.splitlines()
    ]


def test_the_hosted_ci_runs_what_any_machine_runs() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]

    assert [step["run"] for step in jobs["run"]["steps"] if "run" in step][-1] == "sh .ci/run"


def test_an_editor_keeps_the_line_length_of_ruff_and_the_files_are_as_it_leaves_them() -> None:
    settings = configparser.ConfigParser()
    settings.read_string("[file]\n" + (ROOT / ".editorconfig").read_text())
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]
    folders = ("benchmarks", "cdktf_openai_thread", "provider_shim", "scripts", "tests")
    found = [
        path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".sh")
    ]
    texts = {str(path.relative_to(ROOT)): path.read_bytes() for path in [*found, ROOT / "Makefile"]}

    assert settings["*.py"].getint("max_line_length") == ruff["line-length"]
    assert len(texts) > 100
    assert [
        name for name, text in texts.items() if b"\r" in text or (text and not text.endswith(b"\n"))
    ] == []
    assert [name for name, text in texts.items() if re.search(rb"[ \t]$", text, re.MULTILINE)] == []
