"""What is not configured, what a server made of a value, who asks, and how young an object is."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import run
from tests.support.hostile import Mannered, tidied
from tests.support.served import ServedApi
from tests.support.terraform import TerraformError, TerraformProject
from tests.support.threads import ADDRESS, KINDS, MESSAGE, ONE, TWO, message, path_of, thread

SEARCH = {"file_search": {"vector_store_ids": ["vs_1"]}}
CODE = {"code_interpreter": {"file_ids": ["file-1"]}}


@pytest.fixture
def database(tmp_path: Path) -> Mannered:
    return Mannered(tmp_path / "threads.db")


def resources(database: Mannered, path: str, given: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the tool_resources at the API, once they are set to what is given."""

    async def asking(client: Any) -> dict[str, Any]:
        if given is not None:
            await client.post(path, body={"tool_resources": given}, cast_to=object)
        answer = await client.get(path, cast_to=dict[str, Any])
        return dict(answer["tool_resources"] or {})

    return database.ask(asking)


def orphans(terraform: TerraformProject, api: ServedApi) -> str:
    arguments = ["orphans", "--base-url", api.base_url]
    return run(*arguments, cwd=terraform.folder, **terraform.environment).stdout


# --- what is not configured ------------------------------------------------------------------


def test_tool_resources_that_were_emptied_are_drift_and_response_tools_follows(
    terraform: TerraformProject, api: ServedApi, database: Mannered
) -> None:
    configuration = thread(api, "threads", tools=["file_search"], tool_resources={**SEARCH, **CODE})
    terraform.write(configuration).apply()
    path, before = path_of(terraform, "threads"), terraform.state()[ADDRESS]["response_tools"]
    resources(database, path, {"file_search": {"vector_store_ids": []}, "code_interpreter": {"file_ids": []}})

    terraform.refresh()
    drifted = terraform.state()[ADDRESS]["response_tools"]
    planned = terraform.plan()
    terraform.apply_plan()

    assert "vs_1" in before
    assert "vs_1" not in drifted
    assert planned.actions == {ADDRESS: "update"}
    assert resources(database, path)["file_search"] == SEARCH["file_search"]
    assert resources(database, path)["code_interpreter"] == CODE["code_interpreter"]
    assert terraform.state()[ADDRESS]["response_tools"] == before
    assert terraform.plan().actions == {}


def test_tool_resources_that_nobody_configured_are_no_drift_and_dropped_ones_are_reset(
    terraform: TerraformProject, api: ServedApi, database: Mannered
) -> None:
    terraform.write(thread(api, "threads", tool_resources=SEARCH)).apply()
    path = path_of(terraform, "threads")
    resources(database, path, {**SEARCH, **CODE})

    untouched = terraform.plan()
    dropped = terraform.write(thread(api, "threads")).plan()
    terraform.apply_plan()
    there = resources(database, path)
    again = terraform.plan()

    assert (untouched.actions, untouched.drift) == ({}, {})
    assert dropped.actions == {ADDRESS: "update"}
    assert not there.get("file_search", {}).get("vector_store_ids")
    assert there["code_interpreter"] == CODE["code_interpreter"]
    assert (again.actions, again.drift, again.warnings) == ({}, {}, [])


def test_imported_tool_resources_are_released_and_said(
    terraform: TerraformProject, api: ServedApi, database: Mannered
) -> None:
    terraform.write(thread(api, "threads", tool_resources=SEARCH, messages=[ONE])).apply()
    path = path_of(terraform, "threads")
    terraform.run("state", "rm", ADDRESS)
    terraform.run("import", ADDRESS, path.rpartition("/")[2])

    released = terraform.write(thread(api, "threads", messages=[ONE])).plan()
    terraform.apply_plan()
    again = terraform.plan()

    assert released.actions == {ADDRESS: "update"}
    [warning] = released.warnings
    assert warning.summary == "Released, not deleted"
    assert "tool_resources" in warning.detail
    assert resources(database, path)["file_search"] == SEARCH["file_search"]
    assert (again.actions, again.warnings) == ({}, [])


# --- what the server made of our value -------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_tidies_texts_leaves_the_second_plan_empty(
    terraform: TerraformProject, api: ServedApi, database: Mannered, kind: str
) -> None:
    def configuration(team: str) -> dict[str, Any]:
        made = thread(
            api,
            kind,
            metadata={"team": team},
            messages=[message("Hello,\r\nline two\n"), message(" padded ", metadata={"topic": " hours "})],
        )
        made["resource"]["openai_message"] = {
            "it": {"thread_id": f"${{{ADDRESS}.id}}", "role": "user", "content": "tail \r\n"}
        }
        return made

    database.manners.tidy = tidied
    terraform.write(configuration("support ")).apply()
    before = terraform.state()

    second = terraform.plan()
    terraform.write(configuration(" sales ")).apply()
    third = terraform.plan()
    database.write(path_of(terraform, kind), team="changed by an application")
    drifted = terraform.plan()

    assert (second.actions, second.drift) == ({}, {})
    assert (third.actions, third.drift) == ({}, {})
    assert drifted.actions == {ADDRESS: "update"}
    assert {address: each["id"] for address, each in terraform.state().items()} == {
        address: each["id"] for address, each in before.items()
    }
    assert terraform.state()[MESSAGE]["content"] == "tail \r\n"


# --- who asks --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "asking"),
    [("conversations", ("org-a", "proj-b")), ("threads", ("org-b", "proj-a")), ("conversations", ("", ""))],
)
def test_not_found_under_another_account_is_an_error_that_removes_nothing(
    terraform: TerraformProject, api: ServedApi, database: Mannered, kind: str, asking: tuple[str, str]
) -> None:
    database.manners.account = ("org-a", "proj-a")
    configuration = thread(api, kind, messages=[ONE])
    configuration["resource"]["openai_message"] = {
        "it": {"thread_id": f"${{{ADDRESS}.id}}", "role": "user", "content": "more"}
    }
    terraform.write(configuration).apply()
    before = terraform.state()
    database.manners.account, database.manners.hides = asking, True

    for command in (["plan"], ["plan", "-destroy"]):
        with pytest.raises(TerraformError) as failed:
            terraform._report(*command)
        assert {each.summary for each in failed.value.errors} == {"Not found, but by another account"}
    with pytest.raises(TerraformError) as failed:
        terraform.destroy("-refresh=false")
    for each in failed.value.errors:
        assert each.summary == "Not found, but by another account"
        for name in asking:
            assert name in each.detail or name in ("org-a", "proj-a")
    assert terraform.state() == before

    database.manners.account, database.manners.hides = ("org-a", "proj-a"), False
    assert terraform.plan().actions == {}
    database.manners.hides = True
    assert set(terraform.plan().actions.values()) == {"create"}


# --- how young it is -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_where_reads_lag_behind_one_apply_makes_all_and_a_second_at_once_nothing(
    terraform: TerraformProject, api: ServedApi, database: Mannered, kind: str
) -> None:
    database.manners.lag, database.manners.sure = 3.0, False
    configuration = thread(api, kind, metadata={"a": "1"}, messages=[ONE, TWO])
    configuration["resource"]["openai_thread"]["bare"] = {}
    configuration["resource"]["openai_message"] = {
        "it": {"thread_id": f"${{{ADDRESS}.id}}", "role": "user", "content": "more"}
    }

    terraform.write(configuration).apply()
    state = terraform.state()
    at_once = terraform.apply()

    assert at_once.actions == {}
    assert at_once.warnings == []
    assert terraform.state() == state
    made = [each for each in api.seen if each.method == "POST" and each.path == f"/v1/{kind}"]
    assert len(made) == 2
    assert orphans(terraform, api).startswith("Nothing is left")


def test_what_is_gone_within_its_first_minute_is_named_by_the_plan_and_listed(
    terraform: TerraformProject, api: ServedApi, database: Mannered
) -> None:
    terraform.write(thread(api, messages=[ONE])).apply()
    state = terraform.state()[ADDRESS]
    database.manners.sure = False
    database.delete_conversation(state["id"])

    asked = time.monotonic()
    planned = terraform.plan()

    assert time.monotonic() - asked < 40
    assert planned.actions == {ADDRESS: "create"}
    [warning] = planned.warnings
    assert state["id"] in warning.detail
    database.manners.hides = False
    terraform.apply_plan()
    assert f"{state['id']}" in orphans(terraform, api)
    assert terraform.plan().actions == {}
