"""Programs written for a provider's generated bindings run with ours and synthesize the same."""

import importlib
import inspect
import json
import runpy
import sys
from pathlib import Path
from typing import Any

import cdktf
import constructs
import pytest

import cdktf_openai_thread

CORPUS = Path(__file__).parent / "corpus"
PROGRAMS = sorted(CORPUS.glob("*.py"))
NAMES: dict[str, dict[str, dict[str, list[str]]]] = json.loads((CORPUS / "names.json").read_text())
CLASSES = [(module, name) for module, classes in NAMES.items() for name in classes]
MADE_BY_PROGRAMS = [each for each in CLASSES if not each[1].endswith(("List", "OutputReference"))]


@pytest.fixture
def imports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put our package where `cdktf get` puts generated bindings."""
    monkeypatch.setitem(sys.modules, "imports", cdktf_openai_thread)
    monkeypatch.setitem(sys.modules, "imports.openai", cdktf_openai_thread)
    for module in (*NAMES, "message"):
        ours = importlib.import_module(f"cdktf_openai_thread.{module}")
        monkeypatch.setitem(sys.modules, f"imports.openai.{module}", ours)


@pytest.mark.usefixtures("imports")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_a_program_for_generated_bindings_synthesizes_the_same_with_ours(program: Path) -> None:
    expected = json.loads(program.with_suffix(".json").read_text())

    stack = cdktf.TerraformStack(cdktf.Testing.app(), "corpus")
    runpy.run_path(str(program))["build"](stack)

    assert json.loads(cdktf.Testing.synth(stack)) == expected


@pytest.mark.parametrize(("module", "name"), CLASSES, ids=lambda part: part)
def test_every_class_of_generated_bindings_has_its_names_with_us(module: str, name: str) -> None:
    ours = getattr(importlib.import_module(f"cdktf_openai_thread.{module}"), name)

    # The names were taken with a newer constructs than the oldest that is allowed: this one is its own.
    newer = {"with_"} - set(dir(constructs.Construct))
    missing = set(NAMES[module][name]["names"]) - _readable(ours) - newer

    assert not missing


def _readable(kind: type) -> set[str]:
    return {*dir(kind), *getattr(kind, "_NAMES", ())}


@pytest.mark.parametrize(("module", "name"), MADE_BY_PROGRAMS, ids=lambda part: part)
def test_every_keyword_of_generated_bindings_is_one_with_us(module: str, name: str) -> None:
    ours = getattr(importlib.import_module(f"cdktf_openai_thread.{module}"), name)

    missing = set(NAMES[module][name]["arguments"]) - _keywords(ours)

    assert not missing


def _keywords(kind: Any) -> set[str]:
    """Return what a constructor takes by name, the entries of its typed dictionary among it."""
    if hasattr(kind, "_NAMES"):
        return set(kind._NAMES)
    return {*inspect.signature(kind).parameters, *kind._CONTRACT.attributes}
