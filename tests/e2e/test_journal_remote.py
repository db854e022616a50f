"""Answered is not stored: what a run has made is found again wherever its state lies."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.database import Database
from tests.support.faulty import Fault
from tests.support.remote_state import Backend, Where, backend
from tests.support.served import ServedApi, served
from tests.support.terraform import TerraformError, TerraformProject, killed
from tests.support.threads import ADDRESS, created

EQUAL = {"metadata": {"a": "1"}}
JOURNAL = ".openai-thread-journal.jsonl"


@pytest.fixture
def uninitialised(tmp_path: Path) -> TerraformProject:
    """Return a folder of its own: each backend has to be initialised."""
    return TerraformProject(tmp_path / "terraform")


def stack(api: ServedApi, state: Backend, *names: str, **other: Any) -> dict[str, Any]:
    """Return threads of equal content, on this backend."""
    return {
        "terraform": state.block,
        "provider": {"openai": {"base_url": api.base_url}},
        "resource": {"openai_thread": dict.fromkeys(names, EQUAL), **other},
    }


def started(terraform: TerraformProject, state: Backend, *names: str, api: ServedApi, **other: Any) -> None:
    """Write the configuration, and initialise its backend."""
    terraform.environment |= state.environment
    terraform.write(stack(api, state, *names, **other)).init()


def slow(*after: str) -> dict[str, Any]:
    """Return a resource of another provider that goes on after the threads."""
    sleep = {"local-exec": {"command": "test -e go_on || sleep 20"}}
    return {"terraform_data": {"slow": {"provisioner": sleep, "depends_on": list(after)}}}


def is_answered(terraform: TerraformProject) -> Callable[[], bool]:
    """Return what tells whether the API has answered, and Terraform has ended the provider."""
    journal = terraform.folder / JOURNAL

    def answered() -> bool:
        if not journal.exists() or '"made"' not in journal.read_text():
            return False
        time.sleep(1.0)
        return True

    return answered


@pytest.mark.parametrize("where", ["http", "pg"])
def test_a_thread_whose_remote_state_was_not_stored_is_named_and_taken_over(
    where: Where, uninitialised: TerraformProject, api: ServedApi
) -> None:
    with backend(where) as state:
        started(uninitialised, state, "it", api=api, **slow(ADDRESS))
        killed(uninitialised, is_answered(uninitialised))
        (uninitialised.folder / "go_on").touch()
        uninitialised.write(stack(api, state, "it"))
        planned = uninitialised.plan("-lock=false")
        applied = uninitialised.apply("-lock=false")
        ids = uninitialised.state()
        quiet = uninitialised.plan("-lock=false")

    assert [each.summary for each in planned.warnings] == [
        "An openai_thread of an interrupted run is in no state"
    ]
    assert [each.summary for each in applied.warnings][-1:] == [
        "A thread of an interrupted run is taken over"
    ]
    assert created(api) == 1
    assert ids[ADDRESS]["id"] in planned.warnings[0].detail
    assert (quiet.warnings, quiet.actions) == ([], {})
    assert not (uninitialised.folder / JOURNAL).exists()


def test_a_last_save_that_the_backend_refused_is_survived(
    uninitialised: TerraformProject, api: ServedApi
) -> None:
    with backend("http") as state:
        started(uninitialised, state, "it", api=api)
        state.refuse = True
        with pytest.raises(TerraformError, match="to save state"):
            uninitialised.apply()
        state.refuse = False
        (uninitialised.folder / "errored.tfstate").unlink()
        uninitialised.apply()
        ids = {each["id"] for each in uninitialised.state().values()}

    assert created(api) == len(ids) == 1


def test_a_state_that_can_not_be_read_is_not_guessed_at(
    uninitialised: TerraformProject, api: ServedApi
) -> None:
    """The engine is asked for a state by a file of the command line that it does not use otherwise."""
    with backend("local") as state:
        started(uninitialised, state, "it", api=api)
        uninitialised.apply("-state=one.tfstate")
        uninitialised.write(stack(api, state, "it", "other"))
        said = uninitialised.apply("-state=one.tfstate", "-target=openai_thread.other", "-refresh=false")
        shown = json.loads((uninitialised.folder / "one.tfstate").read_text())
        ids = {each["instances"][0]["attributes"]["id"] for each in shown["resources"]}

    assert created(api) == len(ids) == 2
    assert "An openai_thread of an interrupted run may be in no state" in {
        each.summary for each in said.warnings
    }


def test_a_healthy_stack_hears_nothing_and_its_journal_does_not_grow(
    uninitialised: TerraformProject, api: ServedApi
) -> None:
    journal = uninitialised.folder / JOURNAL
    with backend("http") as state:
        started(uninitialised, state, "it", api=api)
        said = [uninitialised.apply(), uninitialised.plan("-refresh=false")]
        uninitialised.write(stack(api, state, "it", "other", "third"))
        said += [uninitialised.apply("-target=openai_thread.other", "-refresh=false")]
        before = journal.exists() and journal.stat().st_size
        said += [uninitialised.apply(), uninitialised.plan()]
        ids = {each["id"] for each in uninitialised.state().values()}

    found = [each.summary for one in said for each in one.warnings]
    assert [each for each in found if "target" not in each and "incomplete" not in each] == []
    assert created(api) == len(ids) == 3
    assert before
    assert not journal.exists()


def test_two_projects_share_a_folder_and_take_nothing_of_each_other(
    uninitialised: TerraformProject, api: ServedApi
) -> None:
    shared = uninitialised.folder.parent / "journals"
    shared.mkdir()
    uninitialised.environment["OPENAI_THREAD_JOURNAL"] = str(shared)
    other = TerraformProject(uninitialised.folder.parent / "other", environment=uninitialised.environment)
    with backend("local") as state:
        started(uninitialised, state, "it", api=api, **slow(ADDRESS))
        started(other, state, "it", api=api)
        journal = shared / JOURNAL
        killed(uninitialised, lambda: journal.exists() and '"made"' in journal.read_text())
        (uninitialised.folder / "terraform.tfstate").unlink(missing_ok=True)
        (uninitialised.folder / "go_on").touch()
        theirs, again = other.apply(), uninitialised.apply()
        ids = [each.state()[ADDRESS]["id"] for each in (uninitialised, other)]

    assert len(set(ids)) == created(api) == 2
    assert theirs.warnings == []
    assert "A thread of an interrupted run is taken over" in {each.summary for each in again.warnings}


def test_without_a_journal_it_is_said_once_and_all_else_works(
    uninitialised: TerraformProject, api: ServedApi
) -> None:
    uninitialised.environment["OPENAI_THREAD_JOURNAL"] = "off"
    with backend("local") as state:
        started(uninitialised, state, "it", "other", api=api)
        said = uninitialised.apply()
        quiet = uninitialised.plan()

    assert [each.summary for each in said.warnings] == ["The journal is off"]
    assert (quiet.warnings, quiet.actions) == ([], {})
    assert not (uninitialised.folder / JOURNAL).exists()


def test_only_an_apply_that_creates_needs_the_journal(
    uninitialised: TerraformProject, api: ServedApi
) -> None:
    with backend("local") as state:
        started(uninitialised, state, "it", api=api)
        uninitialised.environment["OPENAI_THREAD_JOURNAL"] = str(uninitialised.folder / "missing")
        planned = uninitialised.plan()
        with pytest.raises(TerraformError, match="The folder does not exist"):
            uninitialised.apply()
        before = created(api)
        uninitialised.environment["OPENAI_THREAD_JOURNAL"] = ""
        uninitialised.apply()
        uninitialised.environment["OPENAI_THREAD_JOURNAL"] = str(uninitialised.folder / "missing")
        refreshed, destroyed = uninitialised.refresh(), uninitialised.destroy()

    assert planned.actions == {ADDRESS: "create"}
    assert before == 0
    assert refreshed.warnings == destroyed.warnings == []


def test_equal_threads_of_two_aliases_do_not_wait_for_each_other(
    uninitialised: TerraformProject, api: ServedApi
) -> None:
    configuration = {
        "provider": {
            "openai": [
                {"base_url": api.base_url, "project": "proj_a"},
                {"alias": "b", "base_url": api.base_url, "project": "proj_b"},
            ]
        },
        "resource": {
            "openai_thread": {
                "a": EQUAL,
                "b": {**EQUAL, "provider": "openai.b"},
                "last": {"metadata": {"after": "${openai_thread.a.id}"}, "provider": "openai.b"},
            }
        },
    }
    uninitialised.write(configuration).init()
    began = time.monotonic()
    said = uninitialised.apply()

    assert time.monotonic() - began < 60
    assert said.warnings == []
    assert created(api) == 3


def test_an_id_that_another_resource_has_is_an_error_that_names_both(
    uninitialised: TerraformProject, tmp_path: Path
) -> None:
    """A server that keeps equal uploads once answers the second create with the first one's id."""
    kept = Database(tmp_path / "threads.db")

    def files(*wanted: str) -> dict[str, Any]:
        return {
            "provider": {"openai": {"base_url": api.base_url}},
            "resource": {
                "openai_file": {each: {"content": "same", "filename": "note.txt"} for each in wanted}
            },
        }

    with served(kept) as api:
        uninitialised.write(files("first")).init()
        uninitialised.apply()
        [first] = uninitialised.state().values()
        answer = {
            name: first[name] for name in ("id", "object", "bytes", "created_at", "filename", "purpose")
        }
        body = json.dumps({**answer, "status": "processed"})
        api.fail("POST", "/files", Fault(status=200, body=body))
        uninitialised.write(files("first", "second"))
        with pytest.raises(TerraformError) as caught:
            uninitialised.apply()
        api.heal()
        held = uninitialised.state()
        deleted = [each for each in api.seen if each.method == "DELETE"]

    assert [(each.summary, each.address) for each in caught.value.errors] == [
        ("One openai_file can't be two resources", "openai_file.second")
    ]
    assert f"{first['id']}, and openai_file.first has it already" in caught.value.errors[0].detail
    assert list(held) == ["openai_file.first"]
    assert deleted == []
