"""What the documents show is what happens: every code block is run, checked or parsed."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import yaml

from tests.documents.batch import Batch
from tests.support.blocks import Block, blocks, documents, every, following
from tests.support.command_line import serving
from tests.support.environment import ROOT, clean
from tests.support.matching import matches
from tests.support.terraform import Diagnostic

# What a fragment stands in, and what stands before it in the documents' own words.
BEFORE = """\
from cdktf import App, TerraformOutput, TerraformStack, TerraformVariable
from cdktf_openai_thread import OpenaiProvider, Thread
app = App(); stack = TerraformStack(app, "support")
"""
PROVIDER = 'OpenaiProvider(stack, "openai", base_url="sqlite:threads.db")\n'
AFTER = "app.synth()\n"

SERVED = "http://127.0.0.1:8787/v1"
LANGUAGES = {"diff", "hcl", "json", "md", "mermaid", "python", "sh", "text", "toml", "yaml"}


def source(block: Block) -> str:
    """Return a Python block as a whole program."""
    if block.is_program:
        return block.text
    provider = "" if "OpenaiProvider(" in block.text else PROVIDER
    return BEFORE + provider + block.text + AFTER


def expected_error(block: Block) -> str | None:
    """Return the error that a document shows below a block; None if it shows none."""
    after = following(block, "text")
    return after.text if after and after.text.startswith("Error: ") else None


def offline(text: str) -> bool:
    """Tell whether a configuration goes to the embedded API, so that it can be applied."""
    return "sqlite:" in text or ("base_url" not in text and "api_key" not in text)


def programs() -> list[Block]:
    return [each for each in every("python") if each.is_program or each.is_fragment]


def synthesized(found: list[Block], folder: Path) -> list[str | None]:
    """Run the blocks in one process; return what each one said."""
    given = [{"source": source(each), "folder": str(folder / each.identifier)} for each in found]
    for each in found:
        _files_beside(folder / each.identifier)
    done = subprocess.run(
        [sys.executable, "-m", "tests.documents.synthesize"],
        input=json.dumps(given),
        cwd=ROOT,
        env=clean({"PYTHONPATH": str(ROOT)}),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def _files_beside(folder: Path) -> None:
    """Put down the files that the snippets upload."""
    (folder / "docs").mkdir(parents=True)
    (folder / "docs" / "handbook.md").write_text("# Handbook\n\nReturns within 30 days.\n")


def _errors(diagnostics: Iterable[Diagnostic]) -> list[str]:
    return [str(each) for each in diagnostics if each.severity == "error"]


def test_every_snippet_of_python_and_hcl_is_synthesized_and_deploys(tmp_path: Path) -> None:
    found = programs()
    said = synthesized(found, tmp_path / "synthesized")
    deployable, valid = Batch(tmp_path / "deployable"), Batch(tmp_path / "valid")
    for block in found:
        batch = deployable if offline(block.text) else valid
        for stack in sorted((tmp_path / "synthesized" / block.identifier).glob("cdktf.out/stacks/*")):
            batch.add_stack(f"{block.identifier}_{stack.name}", stack)
    for block in every("hcl"):
        # An import block is allowed at the root only; a CLI configuration is none of a stack, nor is a query.
        elsewhere = block.title.endswith((".tfrc", ".tfquery.hcl"))
        if not elsewhere and not re.search(r"^import \{", block.text, re.MULTILINE):
            (deployable if offline(block.text) else valid).add_text(block.identifier, block.text)
    applied = deployable.init().apply()
    again = deployable.project.plan()

    assert {each.name: error for each, error in zip(found, said, strict=True) if error} == {
        each.name: error for each in found if (error := expected_error(each))
    }
    assert len(applied.actions) > len(found) // 2
    assert set(applied.actions.values()) <= {"create", "read"}
    # What a check reads, each apply reads.
    assert set(again.actions.values()) <= {"read"}
    assert _errors(valid.init().validate()) == []


def test_configurations_with_an_import_block_are_valid(tmp_path: Path) -> None:
    found = [each for each in every("hcl") if re.search(r"^import \{", each.text, re.MULTILINE)]
    for block in found:
        batch = Batch(tmp_path / block.identifier)
        project = batch.project.write({"provider": {"openai": {"base_url": "sqlite:threads.db"}}}).init()
        (project.folder / "shown.tf").write_text(block.text)

        assert _errors(project.validate()) == [], block.name


def test_every_client_talks_to_the_embedded_api(tmp_path: Path) -> None:
    found = [each for each in every("python") if each.is_client]
    with serving("--database", str(tmp_path / "threads.db")) as (url, _):
        for block in found:
            done = subprocess.run(
                [sys.executable, "-W", "ignore::DeprecationWarning", "-c", _client(block, url)],
                env=clean({"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "none"}),
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            shown = following(block, "text")

            assert (done.stderr, done.returncode) == ("", 0), block.name
            assert shown is None or matches(shown.text, done.stdout), block.name + done.stdout


def _client(block: Block, url: str) -> str:
    return block.text.replace(SERVED, url)


def test_every_block_is_in_a_language_that_is_checked() -> None:
    found = {each.name: each.language for document in documents() for each in blocks(document)}

    assert {name: each for name, each in found.items() if each not in LANGUAGES} == {}


def test_no_document_holds_what_a_merge_left() -> None:
    marked = re.compile(r"^(<{7}|={7}|>{7})( |$)", re.MULTILINE)

    assert [each.name for each in documents() if marked.search(each.read_text())] == []


def test_every_shown_output_is_held_against_a_real_one() -> None:
    shown = [
        each.name
        for each in every("text")
        if each.note not in ("picture", "errors") and not _follows_what_is_run(each)
    ]

    assert shown == []


def _follows_what_is_run(text: Block) -> bool:
    before = [each for each in blocks(text.document) if each.line < text.line]
    if not before or before[-1].language != "python":
        return text.note.startswith("held by ") and (ROOT / text.note.removeprefix("held by ")).exists()
    return before[-1].is_client or text.text.startswith("Error: ")


def test_json_yaml_and_toml_are_what_they_say() -> None:
    found = [each for document in documents() for each in blocks(document)]  # pages run as a session, too
    for block in found:
        if block.language == "json":
            assert json.loads(block.text), block.name
        elif block.language == "yaml":
            assert yaml.safe_load(block.text), block.name
        elif block.language == "toml":
            assert tomllib.loads(block.text), block.name
