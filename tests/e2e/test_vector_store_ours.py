"""A vector store has several writers: what others set and put in is theirs, and not destroyed unasked."""

import json
from typing import Any

import pytest
from openai import NotFoundError

from tests.support.faulty import Fault
from tests.support.served import ServedApi
from tests.support.stores import ADDRESS, files_in, store
from tests.support.terraform import TerraformError, TerraformProject

BLOCKED = "a vector store that others have put files into"


def put(api: ServedApi, identifier: str) -> str:
    """Put a file into a store, as an application does; return its id."""

    async def adding(client: Any) -> str:
        made = await client.files.create(
            file=("theirs.md", b"Written by an application"), purpose="assistants"
        )
        await client.vector_stores.files.create_and_poll(made.id, vector_store_id=identifier)
        return str(made.id)

    return api.database.ask(adding)


def exists(api: ServedApi, identifier: str) -> bool:
    try:
        api.database.ask(lambda client: client.vector_stores.retrieve(identifier))
    except NotFoundError:
        return False
    return True


def retained(terraform: TerraformProject) -> list[str]:
    """Return the ids that the journal lists as kept."""
    journal = terraform.folder / ".openai-thread-journal.jsonl"
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    return [each["id"] for each in lines if each.get("why") in ("retained", "others")]


def filled(terraform: TerraformProject, api: ServedApi, **config: Any) -> str:
    """Deploy a store with a file of ours, and one of an application's; return its id."""
    terraform.write(store(api, 1, **config)).apply()
    identifier = str(terraform.state()[ADDRESS]["id"])
    put(api, identifier)
    return identifier


def without(api: ServedApi) -> dict[str, Any]:
    """Return the configuration without the store."""
    configuration = store(api)
    del configuration["resource"]["openai_vector_store"]
    return configuration


def test_a_plan_that_would_destroy_files_of_others_is_an_error_that_names_the_ways_out(
    terraform: TerraformProject, api: ServedApi
) -> None:
    identifier = filled(terraform, api)
    plans: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
        ("Destroying", store(api, 1), ("-destroy",)),
        ("Destroying", without(api), ()),
        ("Replacing", store(api, 1), (f"-replace={ADDRESS}",)),
        ("Replacing", store(api, 1, description="other"), ()),
        ("Replacing", store(api, 1, chunking_strategy={"type": "auto"}), ()),
    ]

    for verb, configuration, options in plans:
        with pytest.raises(TerraformError) as failed:
            terraform.write(configuration).plan(*options)
        [problem] = failed.value.errors
        assert problem.summary == f"{verb} {BLOCKED}"
        assert problem.detail.startswith(f"{identifier} holds 1 file that no resource of this stack made")
        assert "force_destroy = true" in problem.detail
        assert "OPENAI_THREAD_RETAIN_ON_DESTROY=true" in problem.detail
    assert terraform.write(store(api, 1)).plan().actions == {}


@pytest.mark.parametrize("flag", ["force_destroy", "retain_on_destroy"])
@pytest.mark.parametrize("where", ["resource", "provider", "environment"])
def test_a_flag_decides_what_becomes_of_it(
    terraform: TerraformProject, api: ServedApi, flag: str, where: str
) -> None:
    identifier = filled(terraform, api)
    changed = store(api, 1, description="other", **({flag: True} if where == "resource" else {}))
    if where == "provider":
        changed["provider"]["openai"][flag] = True
    if where == "environment":
        terraform.environment[f"OPENAI_THREAD_{flag.upper()}"] = "true"

    said = terraform.write(changed).apply()

    assert said.actions == {ADDRESS: "replace"}
    assert exists(api, identifier) is (flag == "retain_on_destroy")
    assert terraform.state()[ADDRESS]["id"] != identifier
    assert terraform.plan().actions == {}
    if flag == "retain_on_destroy":
        assert retained(terraform) == [identifier]
        assert identifier in said.output


@pytest.mark.parametrize("how", ["saved plan", "taint", "deposed"])
def test_files_that_come_after_the_plan_or_that_it_can_not_know_keep_the_store(
    terraform: TerraformProject, api: ServedApi, how: str
) -> None:
    lifecycle = {"lifecycle": {"create_before_destroy": True}} if how == "deposed" else {}
    terraform.write(store(api, 1, **lifecycle)).apply()
    identifier = terraform.state()[ADDRESS]["id"]
    if how == "taint":
        terraform.run("taint", ADDRESS)
    changed = store(api, 1, description="other", **lifecycle)
    terraform.write(changed).plan()
    put(api, identifier)

    said = terraform.apply_plan()

    assert [each.summary for each in said.warnings] == [
        "The vector store is kept: others have put files into it"
    ]
    assert exists(api, identifier)
    assert retained(terraform) == [identifier]
    assert terraform.plan().actions == {}


def test_a_tainted_store_with_a_file_that_failed_is_replaced_without_a_false_alarm(
    terraform: TerraformProject, api: ServedApi
) -> None:
    """A data source stands for a file that the stack did not make."""

    async def upload(client: Any) -> str:
        made = await client.files.create(file=("bad.pdf", b"no PDF"), purpose="assistants")
        return str(made.id)

    configuration = store(api, file_ids=[api.database.ask(upload)])
    with pytest.raises(TerraformError):
        terraform.write(configuration).apply()
    identifier = terraform.state()[ADDRESS]["id"]

    said = terraform.write(store(api, 1)).apply()

    assert said.actions == {ADDRESS: "replace"}
    assert said.warnings == []
    assert not exists(api, identifier)


def test_an_expired_store_with_files_of_others_is_left_alone_until_a_flag_allows_to_replace_it(
    terraform: TerraformProject, api: ServedApi
) -> None:
    identifier = filled(terraform, api)
    expired = api.database.ask(lambda client: client.vector_stores.retrieve(identifier)).model_copy(
        update={"status": "expired"}
    )
    api.fail("GET", f"/vector_stores/{identifier}", Fault(status=200, body=expired.model_dump_json()))

    first = terraform.apply()
    second = terraform.plan()
    with pytest.raises(TerraformError) as failed:
        terraform.write(store(api, 2)).plan()
    allowed = terraform.write(store(api, 1, force_destroy=True)).apply()

    for said in (first, second):
        assert said.actions == {}
        [told] = said.warnings
        assert told.summary == "The vector store has expired, and others have put files into it"
    assert failed.value.errors[0].summary == f"Replacing {BLOCKED}"
    assert allowed.actions == {ADDRESS: "replace"}
    assert not exists(api, identifier)
    assert terraform.plan().actions == {}


def test_what_an_application_sets_is_no_drift_and_survives(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(store(api, 1, metadata={"team": "docs", "old": "1"})).apply()
    identifier = terraform.state()[ADDRESS]["id"]

    async def set_some(client: Any) -> None:
        await client.vector_stores.update(
            identifier,
            name="theirs",
            metadata={"team": "docs", "old": "1", "customer": "4711"},
            expires_after={"anchor": "last_active_at", "days": 9},
        )

    api.database.ask(set_some)
    calls = len(api.seen)
    unchanged = terraform.apply()
    wrote = [each.method for each in api.seen[calls:] if each.method != "GET"]
    changed = terraform.write(store(api, 1, metadata={"team": "support"})).apply()
    there = api.database.ask(lambda client: client.vector_stores.retrieve(identifier))

    assert (unchanged.actions, unchanged.drift, wrote) == ({}, {}, [])
    assert changed.actions == {ADDRESS: "update"}
    assert there.metadata == {"team": "support", "customer": "4711"}
    assert there.name == "theirs"
    assert there.expires_after is not None
    assert there.expires_after.days == 9
    assert terraform.plan().actions == {}


def test_what_is_dropped_is_reset_and_what_an_import_brought_is_released(
    terraform: TerraformProject, api: ServedApi
) -> None:
    config = {"name": "documentation", "metadata": {"a": "1"}, "expires_after": {"days": 7}}
    terraform.write(store(api, 2, **config)).apply()
    created = terraform.state()[ADDRESS]
    identifier = created["id"]

    def there() -> Any:
        return api.database.ask(lambda client: client.vector_stores.retrieve(identifier))

    terraform.run("state", "rm", ADDRESS)
    terraform.run("import", ADDRESS, identifier)
    imported = terraform.write(store(api, 1)).apply()
    after_import = there()
    files = files_in(api, identifier)
    terraform.write(store(api, 1, **config)).apply()
    reset = terraform.write(store(api, 1)).apply()

    assert imported.actions == {ADDRESS: "update"}
    assert {each.summary for each in imported.warnings} == {"Released, not deleted"}
    said = " ".join(each.detail for each in imported.warnings)
    assert all(name in said for name in ("name", "expires_after", 'metadata["a"]', created["file_ids"][1]))
    assert (after_import.name, after_import.metadata) == ("documentation", {"a": "1"})
    assert after_import.expires_after.days == 7
    assert files == sorted(created["file_ids"])
    assert (reset.actions, reset.warnings) == ({ADDRESS: "update"}, [])
    assert (there().name, there().metadata, there().expires_after) == ("", {}, None)
    assert terraform.plan().actions == {}


def test_a_key_of_others_that_is_configured_is_named_and_too_many_are_an_error_of_the_apply(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(store(api, metadata={"ours": "1"})).apply()
    identifier = terraform.state()[ADDRESS]["id"]
    theirs = {"ours": "1"} | {f"key{number:02}": "theirs" for number in range(15)}
    api.database.ask(lambda client: client.vector_stores.update(identifier, metadata=theirs))

    unchanged = terraform.plan()
    taken = terraform.write(store(api, metadata={"ours": "1", "key00": "ours"})).plan()
    full = terraform.write(store(api, metadata={"ours": "1", "more": "2"})).plan()
    with pytest.raises(TerraformError) as failed:
        terraform.apply_plan()
    gone = terraform.destroy()

    assert (unchanged.actions, unchanged.warnings) == ({}, [])
    assert [each.summary for each in taken.warnings] == ["Metadata of others is overwritten"]
    assert "key00" in taken.warnings[0].detail
    assert [each.summary for each in full.warnings] == ["Too many pairs of metadata"]
    assert failed.value.errors[0].summary == "Too many pairs of metadata"
    assert "17 pairs together" in failed.value.errors[0].detail
    assert "key14" in failed.value.errors[0].detail
    assert gone.actions[ADDRESS] == "delete"
