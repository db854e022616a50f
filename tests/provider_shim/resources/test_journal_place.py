"""A journal that can't be written, or not locked: only a create needs it, and says which of the two it is."""

import errno
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.kernel import NO_RIGHTS, refusing
from tests.support.openai_process import OpenaiProcess, answering, running

JOURNAL = ".openai-thread-journal.jsonl"


def configurations(thread: str, mark: str) -> dict[str, dict[str, Any]]:
    """Return one resource of each type, told apart by a mark."""
    return {
        "openai_thread": {"metadata": {"m": mark}},
        "openai_message": {"thread_id": thread, "role": "user", "content": mark},
        "openai_file": {"content": mark, "filename": f"{mark}.txt"},
        "openai_vector_store": {"name": mark},
    }


def created(provider: OpenaiProcess, type_name: str, config: dict[str, Any]) -> dict[str, Any]:
    reached = provider.apply(type_name, None, provider.plan(type_name, config))
    assert not reached.errors, reached.errors
    assert reached.state is not None
    return reached.state


@pytest.mark.parametrize("earlier", [False, True], ids=["empty", "with an earlier run's journal"])
@pytest.mark.parametrize(
    ("surroundings", "mode", "reason"),
    [
        (lambda: NO_RIGHTS, 0o500, "The folder, or the file, can't be written"),
        (lambda: refusing("locks", errno.ENOLCK), 0o700, "The file system has no POSIX locks"),
    ],
    ids=["read-only", "without locks"],
)
def test_only_a_create_needs_the_journal_and_says_what_to_set(
    tmp_path: Path, surroundings: Callable[[], Sequence[str]], mode: int, reason: str, earlier: bool
) -> None:
    journal = tmp_path / "journal"
    journal.mkdir()
    with answering(tmp_path / "api.db", lambda _request, _number: None) as server:
        with running(tmp_path, base_url=server.url, journal=str(journal)) as provider:
            thread = created(provider, "openai_thread", {"metadata": {"for": "messages"}})["id"]
            states = {
                type_name: created(provider, type_name, config)
                for type_name, config in configurations(thread, "old").items()
            }
        assert (journal / JOURNAL).exists()
        if not earlier:
            (journal / JOURNAL).unlink()
        for path in journal.iterdir():
            path.chmod(mode & 0o600)
        journal.chmod(mode)
        before = {path.name: path.read_bytes() for path in journal.iterdir()}
        posts = [each for each in server.seen if each.method == "POST"]
        with running(tmp_path, surroundings(), base_url=server.url, journal=str(journal)) as provider:
            for mark in ("old", "new"):
                for type_name, config in configurations(thread, mark).items():
                    for said in (provider.validate(type_name, config), provider.planned(type_name, config)):
                        assert (said.errors, said.warnings) == ([], [])
            for type_name, state in states.items():
                assert provider.read(type_name, state)[:3] == (state, [], [])
            refused = {
                (type_name, mark): provider.apply(type_name, None, provider.plan(type_name, config))
                for mark in ("old", "new")
                for type_name, config in configurations(thread, mark).items()
            }
            assert [each for each in server.seen if each.method == "POST"] == posts
            thread_state = states["openai_thread"]
            changed = {**thread_state, "metadata": {"m": "changed"}}
            assert provider.apply("openai_thread", thread_state, changed).errors == []
            for type_name in reversed(states):
                assert provider.apply(type_name, states[type_name], None)[:3] == (None, [], [])
        journal.chmod(0o700)

    for reached in refused.values():
        [text] = reached.errors
        assert reached.state is None
        assert text.startswith("The journal can't be written")
        assert str(journal / JOURNAL) in text
        assert reason in text
        assert "OPENAI_THREAD_JOURNAL" in text
    assert {path.name: path.read_bytes() for path in journal.iterdir()} == before


def test_a_disk_that_fails_before_the_call_is_an_error_and_nothing_is_made(tmp_path: Path) -> None:
    with (
        answering(tmp_path / "api.db", lambda _request, _number: None) as server,
        running(tmp_path, refusing("fsync", errno.EIO), base_url=server.url) as provider,
    ):
        refused = [
            provider.apply(type_name, None, provider.plan(type_name, config))
            for type_name, config in configurations("conv_1", "new").items()
            if type_name != "openai_message"
        ]

        assert not [each for each in server.seen if each.method == "POST"]
    for reached in refused:
        [text] = reached.errors
        assert reached.state is None
        assert text.startswith("The journal can't be written")
        assert "Input/output error. The system reports a failure" in text
