"""What a file's plan promises, decided without a call."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import pytest

from provider_shim.contract.file import FILE
from provider_shim.resources.connection import Connection
from provider_shim.resources.file import FileHandler
from provider_shim.terraform import plan
from provider_shim.terraform.diagnostics import Failure
from provider_shim.terraform.handler import Change, Values
from provider_shim.terraform.values import UNKNOWN

HELLO = hashlib.sha256(b"hello").hexdigest()


def planned(prior: Values | None, **given: Any) -> Change[Any]:
    config = {**dict.fromkeys(FILE.attributes), **given}
    change = plan.change(FILE, prior, config)
    handler = FileHandler(Connection())
    if prior is None:
        handler.plan_new(change)
    else:
        asyncio.run(handler.plan(change))
    return change


def uploaded(**more: Any) -> Values:
    """Return the state after the upload of ``hello`` from a path."""
    return {
        **dict.fromkeys(FILE.attributes),
        "file": "handbook.md",
        "filename": "handbook.md",
        "purpose": "assistants",
        "id": "file-1",
        "bytes": 5,
        "sha256": HELLO,
        "object": "file",
        "created_at": 1,
        "status": "processed",
        **more,
    }


@pytest.fixture(autouse=True)
def handbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "handbook.md").write_text("hello")
    return tmp_path / "handbook.md"


def test_a_new_file_promises_hash_size_and_name() -> None:
    change = planned(None, file="handbook.md")

    assert change.planned is not None
    assert {name: change.planned[name] for name in ("sha256", "bytes", "filename", "purpose", "id")} == {
        "sha256": HELLO,
        "bytes": 5,
        "filename": "handbook.md",
        "purpose": "assistants",
        "id": UNKNOWN,
    }


def test_a_path_that_is_known_later_promises_nothing() -> None:
    change = planned(None, file=UNKNOWN)

    assert change.planned is not None
    assert [name for name in ("sha256", "bytes", "filename") if change.planned[name] is not UNKNOWN] == []


def test_content_that_may_be_another_replaces() -> None:
    assert ("sha256",) in planned(uploaded(), file=UNKNOWN).replace


def test_the_same_content_from_elsewhere_stays_in_place(handbook: Path) -> None:
    change = planned(uploaded(), file=str(handbook))
    as_text = planned(uploaded(), content="hello", filename="handbook.md")

    assert (change.replace, as_text.replace) == ([], [])


def test_another_name_of_the_path_replaces(handbook: Path) -> None:
    handbook.rename("manual.md")

    assert planned(uploaded(), file="manual.md").replace == [("filename",)]


def test_an_imported_file_of_the_same_size_is_taken_for_the_same() -> None:
    expires = {"anchor": "created_at", "seconds": 3600}
    imported = uploaded(file=None, sha256=None, expires_after=expires)
    change = planned(imported, file="handbook.md")
    other = planned({**imported, "bytes": 6}, file="handbook.md")

    assert change.replace == []
    assert [each.summary for each in change.diagnostics] == [
        "Released, not deleted",
        "Taken for the same content",
    ]
    assert other.replace == [("sha256",)]


def test_a_missing_file_fails_the_plan_at_its_attribute() -> None:
    with pytest.raises(Failure) as failed:
        planned(None, file="missing.md")

    [problem] = failed.value.diagnostics
    assert problem.path == ("file",)
    assert problem.detail.startswith('file is "missing.md", which can\'t be read: No such file or directory.')
