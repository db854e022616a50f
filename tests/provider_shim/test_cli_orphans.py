"""What interrupted runs left, found and deleted on the embedded API."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from provider_shim.api.client import Client
from provider_shim.api.conversations import Conversations
from provider_shim.api.settings import Settings
from provider_shim.cli import main
from provider_shim.journal.journal import Journal
from provider_shim.journal.matches import Account
from provider_shim.journal.place import STEM
from provider_shim.journal.records import Lookup, Run, digest
from provider_shim.journal.stack import stack_of
from provider_shim.launcher.mirror import SOURCE
from provider_shim.local.server import Server
from provider_shim.system.parent import identity
from tests.support.database import Database
from tests.support.environment import engine
from tests.support.served import served

NOTHING: Mapping[str, Any] = {}
ACCOUNT = Account("the same key")


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "threads.db")


def made(database: Database) -> str:
    return database.ask(lambda client: client.conversations.create()).id


def left(  # noqa: PLR0913, PLR0917 - what a record may say
    folder: Path,
    origin: str,
    identifier: str | None,
    lookup: Lookup | None = None,
    type_name: str = "openai_thread",
    told: Mapping[str, Any] = NOTHING,
) -> Path:
    """Write the journal of a run that was killed in a folder."""
    path = folder / f"{STEM}.jsonl"
    known = Run(0, "1.1", (str(engine()),), str(folder), stack=stack_of(folder, path, {}))
    journal = Journal(path, lambda: replace(known, **told), lambda: ACCOUNT, origin)
    pending = journal.begin(type_name, "content", lookup, None)
    if identifier is not None:
        pending.made(identifier)
    journal.close()
    return path


def holding(folder: Path, identifier: str, name: str = "terraform.tfstate") -> None:
    """Write a state that has a thread."""
    resource = {
        "mode": "managed",
        "type": "openai_thread",
        "name": "it",
        "provider": 'provider["localhost/cdktf-openai-thread/openai"]',
        "instances": [{"schema_version": 1, "attributes": {"id": identifier}}],
    }
    state = {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "l",
        "resources": [resource],
    }
    (folder / name).write_text(json.dumps({**state, "outputs": {}, "check_results": None}))


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
    assert said.startswith(f"openai_thread {identifier}  2")
    assert said.endswith(
        f"  {database.base_url}\n  exists, and is in no state. The next apply of the same configuration "
        f"takes it over; --delete deletes it.\n1 left. Journals in {tmp_path}: 1.\n"
    )
    assert kept is not None
    assert deleted == 0
    assert database.conversation(identifier) is None
    assert not journal.exists()


def test_what_was_kept_on_purpose_is_listed_until_it_is_forgotten_or_gone(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, gone = made(database), made(database)
    journal = Journal(tmp_path / f"{STEM}.jsonl", None, lambda: ACCOUNT, database.base_url)
    journal.retain("openai_thread", kept, "others")
    journal.retain("openai_thread", gone, "retained")
    journal.close()
    database.delete_conversation(gone)
    listed = main(["orphans", str(tmp_path), "--delete"])
    said = capsys.readouterr().out
    forgotten = main(["orphans", str(tmp_path), "--forget"])

    assert (listed, forgotten) == (0, 0)
    assert (
        "was kept when its resource was destroyed or replaced, because others have put something into it"
        in said
    )
    assert f"1 kept, 1 gone. Journals in {tmp_path}: 1.\n" in said
    assert database.conversation(kept) is not None
    assert not journal.path.exists()


def test_what_the_state_holds_is_not_deleted_and_listed_only_on_demand(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    identifier = made(database)
    left(tmp_path, database.base_url, identifier)
    holding(tmp_path, identifier)
    before = (tmp_path / f"{STEM}.jsonl").read_text()
    listed = main(["orphans", str(tmp_path), "--all"])
    said = capsys.readouterr().out
    (tmp_path / f"{STEM}.jsonl").write_text(before)
    code = main(["orphans", str(tmp_path), "--delete"])

    assert (listed, code) == (0, 0)
    assert "is in the state: Terraform has it.\n1 in the state." in said
    assert capsys.readouterr().out == f"Nothing is left. Journals in {tmp_path}: 1.\n"
    assert database.conversation(identifier) is not None


def test_the_state_of_the_workspace_that_the_run_was_in_counts(tmp_path: Path, database: Database) -> None:
    identifier = made(database)
    other = tmp_path / "terraform.tfstate.d" / "other"
    other.mkdir(parents=True)
    holding(other, identifier)
    stack = stack_of(tmp_path, tmp_path / "journal", {"TF_WORKSPACE": "other"})
    left(tmp_path, database.base_url, identifier, told={"workspace": "other", "stack": stack})

    assert main(["orphans", str(tmp_path), "--delete"]) == 0
    assert database.conversation(identifier) is not None


OBSTACLES: dict[str, tuple[dict[str, Any], str]] = {
    "nothing told": (
        {"program": (), "folder": ""},
        "the journal does not say which Terraform ran, and where",
    ),
    "no folder": (
        {"folder": "/nowhere/stack"},
        "the folder /nowhere/stack, in which the run worked, is not here",
    ),
    "no engine": ({"program": ("/nowhere/tofu",)}, "/nowhere/tofu, which ran there, is not here"),
    "another state": ({"stack": "another"}, "works on another state than the run did"),
    "another data dir": (
        {"data": ".elsewhere", "workspace": "prod"},
        "works on another state than the run did",
    ),
    "under way": ({"engine": identity(os.getpid())}, "the run that asked for it is still under way"),
    "encrypted": ({}, "can't read it: "),
}


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_nothing_is_deleted_where_it_is_not_known_what_the_state_holds(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str], obstacle: str
) -> None:
    told, reason = OBSTACLES[obstacle]
    identifier = made(database)
    left(tmp_path, database.base_url, identifier, told=told)
    if obstacle == "encrypted":
        (tmp_path / "terraform.tfstate").write_text(
            '{"serial": 1, "encrypted_data": "x", "encryption_version": "v0"}'
        )
    code = main(["orphans", str(tmp_path), "--delete"])

    assert code == 1
    assert database.conversation(identifier) is not None
    assert "exists. Whether the state holds it is not known: " in (said := capsys.readouterr().out)
    assert reason in said


def test_the_list_as_json(tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    identifier = made(database)
    left(tmp_path, database.base_url, identifier)
    code = main(["orphans", str(tmp_path), "--json"])
    told = json.loads(capsys.readouterr().out)

    assert code == 1
    assert [(each["type"], each["id"], each["status"]) for each in told["objects"]] == [
        ("openai_thread", identifier, "left")
    ]
    assert told["summary"] == {"left": 1}


def test_what_another_account_does_not_find_is_not_gone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(Database(tmp_path / "elsewhere.db")) as api:
        left(tmp_path, api.base_url.removesuffix("/v1"), "conv_of_another_project")
        code = main(["orphans", str(tmp_path), "--base-url", api.base_url])
        said = capsys.readouterr().out
        forgotten = main(["orphans", str(tmp_path), "--base-url", api.base_url, "--forget"])

    assert (code, forgotten) == (1, 0)
    assert "is not found, but perhaps by another account than the one that made it" in said


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


def test_the_api_is_asked_as_the_stack_is_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.setenv("TF_VAR_team", "support")
    with Server(tmp_path / "elsewhere.db") as server:
        identifier = made(Database(tmp_path / "elsewhere.db"))
        config = {"base_url": server.base_url, "headers": {"x-team": "${var.team}"}}
        synthesized = {
            "terraform": {"required_providers": {"openai": {"source": SOURCE}}},
            "provider": {"openai": [{"base_url": "https://llm.example/v1", "alias": "other"}, config]},
            "variable": {"team": {"type": "string"}},
        }
        (tmp_path / "cdk.tf.json").write_text(json.dumps(synthesized))
        left(tmp_path, server.base_url.removesuffix("/v1"), identifier)
        code = main(["orphans", str(tmp_path)])

    assert code == 1
    assert f"openai_thread {identifier}" in (said := capsys.readouterr().out)
    assert "  exists" in said
    assert {each.headers.get("x-team") for each in server.requests} == {"support"}


def test_a_folder_that_is_none_gets_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["orphans", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err == (
        f"openai-thread orphans: {tmp_path}/none is no folder. Give the project's folder.\n"
    )


def upload(database: Database) -> str:
    return database.ask(
        lambda client: client.files.create(file=("note.txt", b"same"), purpose="assistants")
    ).id


NOTE = Lookup(digest("note.txt", 4, "assistants"), since=-1)


def test_a_file_whose_answer_was_lost_is_found_and_deleted_on_demand(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    identifier = upload(database)
    journal = left(tmp_path, database.base_url, None, NOTE, "openai_file")
    listed = main(["orphans", str(tmp_path)])
    said = capsys.readouterr().out
    deleted = main(["orphans", str(tmp_path), "--delete"])

    assert (listed, deleted) == (1, 0)
    assert (
        f"exists: {identifier}, and is in no state. The next apply of the same configuration takes it" in said
    )
    assert f"deleted: {identifier}." in capsys.readouterr().out
    assert not journal.exists()
    assert database.ask(lambda client: client.files.list()).data == []


def test_a_file_that_is_not_there_was_not_made(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    made(database)
    left(tmp_path, database.base_url, None, NOTE, "openai_file")

    assert main(["orphans", str(tmp_path)]) == 0
    assert "was asked for, and not made" in capsys.readouterr().out


def test_two_files_that_could_be_the_lost_one_are_named_and_kept_until_it_is_forgotten(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    identifiers = {upload(database), upload(database)}
    journal = left(tmp_path, database.base_url, None, NOTE, "openai_file")
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
        left(tmp_path, database.base_url, None, sought, "openai_file").rename(
            tmp_path / f"{STEM}.other.jsonl"
        )
    left(tmp_path, database.base_url, None, sought, "openai_file")
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
    sought = Conversations(Client(Settings())).lookup(thread_id, [message], before)
    left(tmp_path, database.base_url, identifier if known else None, sought, "openai_message")

    assert main(["orphans", str(tmp_path), "--delete"]) == 0
    assert "deleted" in capsys.readouterr().out
    assert database.messages(thread_id) == [("user", "hello")]


def test_messages_that_were_added_to_a_thread_are_said_to_be_there(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    thread_id = made(database)
    sought = Conversations(Client(Settings())).lookup(thread_id, [], None)
    left(tmp_path, database.base_url, None, sought, "openai_thread")
    there = main(["orphans", str(tmp_path)])
    said = capsys.readouterr().out
    database.delete_conversation(thread_id)

    assert (there, main(["orphans", str(tmp_path)])) == (1, 0)
    assert f"openai_thread {thread_id}" in said
    assert "messages may have been added to it" in said
    assert "does not exist any more" in capsys.readouterr().out
