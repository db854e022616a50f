"""What interrupted runs left, found and deleted on the embedded API."""

import json
from pathlib import Path

import pytest

from provider_shim.api.places import STEM
from provider_shim.cli import main
from tests.e2e.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "threads.db")


def made(database: Database) -> str:
    return database.ask(lambda client: client.conversations.create()).id


def left(
    folder: Path, origin: str, identifier: str | None, *, type_name: str = "openai_thread", stack: str = ""
) -> Path:
    """Write the journal of a run that was killed: of a folder, or of a stack of a project."""
    events = [
        {
            "event": "making",
            "key": "k1",
            "run": 1,
            "type_name": type_name,
            "fingerprint": "f",
            "at": 1_790_000_000,
            "origin": origin,
        }
    ]
    lines = [json.dumps(each) for each in events]
    if identifier is not None:
        lines.append(json.dumps({"event": "made", "key": "k1", "id": identifier}))
    journal = folder / (f"{STEM}.{stack}.jsonl" if stack else f"{STEM}.jsonl")
    journal.write_text("".join(line + "\n" for line in lines))
    return journal


def test_nothing_left_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["orphans", str(tmp_path)])

    assert (code, capsys.readouterr().out) == (0, f"Nothing is left. Journals in {tmp_path}: 0.\n")


def test_an_orphan_is_named_and_kept_until_it_is_to_be_deleted(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    identifier = made(database)
    journal = left(tmp_path, database.base_url, identifier)
    listed = main(["orphans", str(tmp_path)])
    said = capsys.readouterr().out
    kept = database.conversation(identifier)
    deleted = main(["orphans", str(tmp_path), "--delete"])

    assert listed == 1
    assert said == (
        f"openai_thread {identifier}  2026-09-21 14:13:20 UTC  {database.base_url}\n"
        "  exists. The next apply of the same configuration takes it over; --delete deletes it.\n"
    )
    assert kept is not None
    assert deleted == 0
    assert database.conversation(identifier) is None
    assert not journal.exists()


def test_what_a_local_state_holds_is_not_deleted(tmp_path: Path, database: Database) -> None:
    identifier = made(database)
    left(tmp_path, database.base_url, identifier)
    (tmp_path / "terraform.stack.tfstate").write_text(json.dumps({"resources": [{"id": identifier}]}))
    code = main(["orphans", str(tmp_path), "--delete"])

    assert code == 0
    assert database.conversation(identifier) is not None


def test_asked_in_the_folder_of_a_stack_the_state_of_the_project_counts(
    tmp_path: Path, database: Database
) -> None:
    identifier = made(database)
    left(tmp_path, database.base_url, identifier, stack="support")
    (tmp_path / "terraform.support.tfstate").write_text(json.dumps({"resources": [{"id": identifier}]}))
    folder = tmp_path / "cdktf.out" / "stacks" / "support"
    folder.mkdir(parents=True)
    (tmp_path / "cdktf.out" / "manifest.json").touch()
    code = main(["orphans", str(folder), "--delete"])

    assert code == 0
    assert database.conversation(identifier) is not None


def test_nothing_is_deleted_where_it_is_not_known_what_the_state_holds(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    identifier = made(database)
    left(tmp_path, database.base_url, identifier, stack="support")
    code = main(["orphans", str(tmp_path), "--delete"])

    assert code == 1
    assert database.conversation(identifier) is not None
    assert capsys.readouterr().out.endswith(
        "\n  exists. Whether the state holds it is not known: the stack support is not initialised here. "
        "Run `cdktf diff support`.\n"
    )


def test_what_is_gone_is_settled(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    identifier = made(database)
    database.delete_conversation(identifier)
    left(tmp_path, database.base_url, identifier)

    assert main(["orphans", str(tmp_path)]) == 0
    assert "does not exist any more" in capsys.readouterr().out
    assert main(["orphans", str(tmp_path)]) == 0
    assert "Nothing is left" in capsys.readouterr().out


def test_an_object_without_an_id_stays_in_the_journal(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = left(tmp_path, database.base_url, None)
    before = journal.read_text()

    assert main(["orphans", str(tmp_path), "--delete"]) == 1
    assert "openai_thread (id not known)" in capsys.readouterr().out
    assert journal.read_text() == before


def test_another_api_is_not_asked_before_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    left(tmp_path, "https://llm.example", "conv_1")

    assert main(["orphans", str(tmp_path), "--delete"]) == 1
    assert "To check it, give its API: --base-url https://llm.example/…" in capsys.readouterr().out


def test_a_folder_that_is_none_gets_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["orphans", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err == (
        f"openai-thread orphans: {tmp_path}/none is no folder. Give the project's folder.\n"
    )


def test_what_a_run_told_terraform_is_not_deleted_wherever_its_state_is(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    identifier = made(database)
    journal = left(tmp_path, database.base_url, identifier)
    with journal.open("a") as file:
        file.write(json.dumps({"event": "answered", "run": 1}) + "\n")
    code = main(["orphans", str(tmp_path), "--delete"])

    assert (code, capsys.readouterr().out) == (0, f"Nothing is left. Journals in {tmp_path}: 1.\n")
    assert database.conversation(identifier) is not None
