"""What interrupted runs left, found and deleted on the embedded API."""

import json
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from provider_shim.api.client import Client
from provider_shim.api.conversations import Conversations
from provider_shim.api.journal import Journal
from provider_shim.api.lines import Sought, digest
from provider_shim.api.places import STEM
from provider_shim.api.settings import Settings
from provider_shim.cli import main
from tests.support.database import Database


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


def test_what_was_kept_on_purpose_is_listed_until_it_is_forgotten(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    identifier = made(database)
    journal = Journal(tmp_path / f"{STEM}.jsonl", database.base_url)
    journal.retain("openai_thread", identifier, "others")
    journal.close(answered=True)
    listed = main(["orphans", str(tmp_path), "--delete"])
    said = capsys.readouterr().out
    forgotten = main(["orphans", str(tmp_path), "--forget"])

    assert (listed, forgotten) == (0, 0)
    assert (
        "was kept when its resource was destroyed or replaced, because others have put something into it"
        in said
    )
    assert database.conversation(identifier) is not None
    assert not journal.path.exists()


def test_what_was_kept_on_purpose_and_is_gone_leaves_the_list(tmp_path: Path, database: Database) -> None:
    identifier = made(database)
    journal = Journal(tmp_path / f"{STEM}.jsonl", database.base_url)
    journal.retain("openai_thread", identifier, "retained")
    journal.close(answered=True)
    database.delete_conversation(identifier)

    code = main(["orphans", str(tmp_path)])

    assert code == 0
    assert not journal.path.exists()


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


def test_a_local_state_that_lies_where_the_backend_says_is_looked_into(
    tmp_path: Path, database: Database
) -> None:
    identifier = made(database)
    left(tmp_path, database.base_url, identifier)
    state = tmp_path / "states" / "of" / "support.json"
    state.parent.mkdir(parents=True)
    state.write_text(json.dumps({"resources": [{"id": identifier}]}))
    (tmp_path / ".terraform").mkdir()
    noted = {"backend": {"type": "local", "config": {"path": str(state)}}}
    (tmp_path / ".terraform" / "terraform.tfstate").write_text(json.dumps(noted))
    code = main(["orphans", str(tmp_path), "--delete"])

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


def lost(folder: Path, database: Database, sought: Sought, type_name: str, identifier: str | None) -> Path:
    """Write the journal of a run that was killed a moment ago, of what can be looked for."""
    journal = left(folder, database.base_url, identifier, type_name=type_name)
    first, *rest = journal.read_text().splitlines()
    event = {**json.loads(first), **asdict(sought), "at": int(time.time())}
    journal.write_text("".join(f"{line}\n" for line in [json.dumps(event), *rest]))
    return journal


def upload(database: Database) -> str:
    return database.ask(
        lambda client: client.files.create(file=("note.txt", b"same"), purpose="assistants")
    ).id


NOTE = Sought(digest("note.txt", 4, "assistants"), since=-1)


def test_a_file_whose_answer_was_lost_is_found_and_deleted_on_demand(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    identifier = upload(database)
    journal = lost(tmp_path, database, NOTE, "openai_file", None)
    listed = main(["orphans", str(tmp_path)])
    said = capsys.readouterr().out
    deleted = main(["orphans", str(tmp_path), "--delete"])

    assert (listed, deleted) == (1, 0)
    assert f"exists: {identifier}. The next apply of the same configuration takes it over" in said
    assert f"deleted: {identifier}." in capsys.readouterr().out
    assert not journal.exists()
    assert database.ask(lambda client: client.files.list()).data == []


def test_a_file_that_is_not_there_was_not_made(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    made(database)
    lost(tmp_path, database, NOTE, "openai_file", None)

    assert main(["orphans", str(tmp_path)]) == 0
    assert "was asked for, and not made" in capsys.readouterr().out


def test_two_files_that_could_be_the_lost_one_are_named_and_kept_until_it_is_forgotten(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    identifiers = {upload(database), upload(database)}
    journal = lost(tmp_path, database, NOTE, "openai_file", None)
    deleted = main(["orphans", str(tmp_path), "--delete"])
    said = capsys.readouterr().out
    forgotten = main(["orphans", str(tmp_path), "--forget"])

    assert (deleted, forgotten) == (1, 0)
    assert all(each in said for each in identifiers)
    assert {each.id for each in database.ask(lambda client: client.files.list()).data} == identifiers
    assert not journal.exists()


@pytest.mark.parametrize("how", ["before", "not looked", "in another stack"])
def test_a_file_that_may_be_anothers_is_neither_deleted_nor_promised(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    identifier = upload(database)
    sought = {
        "before": replace(NOTE, before=(identifier,)),
        "not looked": replace(NOTE, since=None),
        "in another stack": NOTE,
    }[how]
    if how == "in another stack":
        text = lost(tmp_path, database, sought, "openai_file", None).read_text()
        (tmp_path / f"{STEM}.other.jsonl").write_text(text.replace('"k1"', '"k2"'))
    lost(tmp_path, database, sought, "openai_file", None)
    code = main(["orphans", str(tmp_path), "--delete"])
    said = capsys.readouterr().out

    assert [each.id for each in database.ask(lambda client: client.files.list()).data] == [identifier]
    assert code == (how != "before")
    assert ("was asked for, and not made" in said) == (how == "before")
    assert (f"This may be it, or somebody else's: {identifier}." in said) == (how != "before")


def test_a_thread_without_an_id_is_forgotten_on_demand(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = left(tmp_path, database.base_url, None)
    listed = main(["orphans", str(tmp_path)])
    said = capsys.readouterr().out

    assert (listed, main(["orphans", str(tmp_path), "--forget"])) == (1, 0)
    assert "--forget takes it out of the journal" in said
    assert "forgotten" in capsys.readouterr().out
    assert not journal.exists()


@pytest.mark.parametrize("known", [True, False])
def test_a_message_is_looked_for_in_its_thread(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str], *, known: bool
) -> None:
    thread_id = made(database)
    before = database.say(thread_id, "user", "hello")
    identifier = database.say(thread_id, "user", "hello")
    message = {"role": "user", "content": "hello"}
    sought = Conversations(Client(Settings())).sought(thread_id, [message], before)
    lost(tmp_path, database, sought, "openai_message", identifier if known else None)

    assert main(["orphans", str(tmp_path), "--delete"]) == 0
    assert "deleted" in capsys.readouterr().out
    assert database.messages(thread_id) == [("user", "hello")]


def test_messages_that_were_added_to_a_thread_are_said_to_be_there(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    thread_id = made(database)
    sought = Conversations(Client(Settings())).sought(thread_id, [], None)
    lost(tmp_path, database, sought, "openai_thread", None)
    there = main(["orphans", str(tmp_path)])
    said = capsys.readouterr().out
    database.delete_conversation(thread_id)

    assert (there, main(["orphans", str(tmp_path)])) == (1, 0)
    assert f"openai_thread {thread_id}" in said
    assert "messages may have been added to it" in said
    assert "does not exist any more" in capsys.readouterr().out
