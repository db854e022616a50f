"""What tells a stack from others that share a journal."""

import json
from pathlib import Path

import pytest

from provider_shim.journal.place import journal_of
from provider_shim.journal.stack import stack_of, workspace


def noted(folder: Path, kind: str, data: str = ".terraform", **config: str) -> Path:
    """Return a folder in which Terraform has noted a backend."""
    (folder / data).mkdir(parents=True)
    text = json.dumps({"version": 3, "backend": {"type": kind, "config": config}})
    (folder / data / "terraform.tfstate").write_text(text)
    return folder


def test_each_workspace_is_a_stack(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    expected = stack_of(tmp_path, journal, {})
    (tmp_path / ".terraform").mkdir()
    (tmp_path / ".terraform" / "environment").write_text("prod")

    assert workspace(tmp_path, {}) == "prod"
    assert workspace(tmp_path, {"TF_WORKSPACE": "test"}) == "test"
    assert stack_of(tmp_path, journal, {"TF_WORKSPACE": "default"}) == expected
    assert stack_of(tmp_path, journal, {}) != expected


def test_a_remote_state_is_the_same_stack_wherever_it_is_worked_on(tmp_path: Path) -> None:
    address = "http://states.example/prod"
    first = noted(tmp_path / "runner-1", "http", address=address, password="one")
    second = noted(
        tmp_path / "runner-2", "http", address=address.replace("//", "//user:pass@"), password="two"
    )
    other = noted(tmp_path / "runner-3", "http", address="http://states.example/test")
    journal = tmp_path / "journal.jsonl"

    assert stack_of(first, journal, {}) == stack_of(second, journal, {})
    assert stack_of(first, journal, {}) != stack_of(other, journal, {})


def test_an_address_in_the_environment_counts(tmp_path: Path) -> None:
    folder, journal = noted(tmp_path / "stack", "pg"), tmp_path / "journal.jsonl"
    one = {"PG_CONN_STR": "postgres://me:secret@db/one"}
    rotated = {"PG_CONN_STR": "postgres://me:changed@db/one"}
    two = {"PG_CONN_STR": "postgres://me:secret@db/two"}

    assert stack_of(folder, journal, one) == stack_of(folder, journal, rotated)
    assert stack_of(folder, journal, one) != stack_of(folder, journal, two)


def test_two_projects_with_local_states_of_one_name_are_two_stacks(tmp_path: Path) -> None:
    shared = tmp_path / "journals" / "journal.jsonl"
    stacks = [tmp_path / name / "cdktf.out" / "stacks" / "prod" for name in ("one", "two")]
    for each in stacks:
        each.mkdir(parents=True)

    assert stack_of(stacks[0], shared, {}) != stack_of(stacks[1], shared, {})


def test_a_project_that_is_moved_with_its_journal_stays_the_same(tmp_path: Path) -> None:
    for name in ("before", "after"):
        noted(tmp_path / name, "local", path="prod.tfstate")
    before, after = (
        stack_of(tmp_path / name, tmp_path / name / "journal.jsonl", {}) for name in ("before", "after")
    )

    assert before == after
    assert stack_of(tmp_path / "after", tmp_path / "before" / "journal.jsonl", {}) != before


def test_the_backend_is_read_where_terraform_keeps_its_data(tmp_path: Path) -> None:
    noted(tmp_path, "http", "elsewhere", address="http://states.example/prod")
    journal = tmp_path / "journal.jsonl"

    assert stack_of(tmp_path, journal, {"TF_DATA_DIR": "elsewhere"}) != stack_of(tmp_path, journal, {})


def test_the_journal_lies_beside_the_stacks_state_or_where_it_is_said(tmp_path: Path) -> None:
    stack = tmp_path / "cdktf.out" / "stacks" / "prod"
    stack.mkdir(parents=True)
    before = journal_of(str(stack))
    (tmp_path / "cdktf.out" / "manifest.json").write_text("{}")

    assert journal_of(str(tmp_path)) == str(tmp_path / ".openai-thread-journal.jsonl")
    assert before == str(stack / ".openai-thread-journal.jsonl")  # stacks of something else
    assert journal_of(str(stack)) == str(tmp_path / ".openai-thread-journal.prod.jsonl")
    assert journal_of(str(stack), "/journals") == "/journals/.openai-thread-journal.prod.jsonl"
    assert journal_of(str(tmp_path), "journals") == str(
        tmp_path / "journals" / ".openai-thread-journal.jsonl"
    )
    assert journal_of(str(tmp_path), "off") is None


@pytest.mark.parametrize("text", ["", "[]", '{"backend": 3}', '{"backend": {"config": null}}'])
def test_what_terraform_has_noted_otherwise_counts_as_a_local_state(tmp_path: Path, text: str) -> None:
    expected = stack_of(tmp_path, tmp_path / "journal.jsonl", {})
    (tmp_path / ".terraform").mkdir()
    (tmp_path / ".terraform" / "terraform.tfstate").write_text(text)

    assert stack_of(tmp_path, tmp_path / "journal.jsonl", {}) == expected
