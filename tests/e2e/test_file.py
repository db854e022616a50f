"""openai_file: uploaded, replaced when its content changes and only then."""

import os
from typing import Any

import pytest

from tests.support.faulty import Fault, Seen
from tests.support.served import ServedApi
from tests.support.terraform import TerraformError, TerraformProject, killed

ADDRESS = "openai_file.it"


def file(api: ServedApi, **config: Any) -> dict[str, Any]:
    return {
        "provider": {"openai": {"base_url": api.base_url}},
        "resource": {"openai_file": {"it": config}},
    }


def stored(api: ServedApi) -> dict[str, tuple[str, bytes]]:
    """Return name and content of each file at the API, by id."""

    async def listing(client: Any) -> dict[str, tuple[str, bytes]]:
        return {
            each.id: (each.filename, (await client.files.content(each.id)).content)
            async for each in client.files.list()
        }

    return api.database.ask(listing)


def write(terraform: TerraformProject, content: str, path: str = "handbook.md") -> str:
    target = terraform.folder / path
    target.parent.mkdir(exist_ok=True)
    target.write_text(content)
    return path


def test_a_file_is_uploaded_and_a_second_plan_is_empty(terraform: TerraformProject, api: ServedApi) -> None:
    said = terraform.write(file(api, file=write(terraform, "hello"))).plan()
    planned = terraform.planned()["resource_changes"][0]["change"]["after"]
    terraform.apply_plan()
    state = terraform.state()[ADDRESS]
    again = terraform.plan()

    digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    assert said.actions == {ADDRESS: "create"}
    assert (planned["sha256"], planned["bytes"], planned["filename"]) == (digest, 5, "handbook.md")
    assert {name: state[name] for name in ("sha256", "bytes", "filename", "purpose", "object")} == {
        "sha256": digest,
        "bytes": 5,
        "filename": "handbook.md",
        "purpose": "assistants",
        "object": "file",
    }
    assert stored(api) == {state["id"]: ("handbook.md", b"hello")}
    assert (again.actions, again.drift) == ({}, {})


def test_a_text_is_uploaded_under_its_name(terraform: TerraformProject, api: ServedApi) -> None:
    config = {"content": "Grüße", "filename": "greeting.txt", "purpose": "user_data"}
    terraform.write(file(api, **config, expires_after={"seconds": 3600})).apply()
    identifier = terraform.state()[ADDRESS]["id"]
    again = terraform.plan()

    assert stored(api) == {identifier: ("greeting.txt", "Grüße".encode())}
    assert again.actions == {}


def test_only_other_content_makes_a_new_file(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(file(api, file=write(terraform, "hello"))).apply()
    before = stored(api)

    os.utime(terraform.folder / "handbook.md", (0, 0))
    touched = terraform.plan()
    moved = terraform.write(file(api, file=write(terraform, "hello", "docs/handbook.md"))).apply()
    after_moving = stored(api)
    write(terraform, "hello, world", "docs/handbook.md")
    edited = terraform.plan()
    paths = terraform.planned()["resource_changes"][0]["change"]["replace_paths"]
    terraform.apply_plan()

    assert touched.actions == {}
    assert moved.actions == {ADDRESS: "update"}
    assert after_moving == before
    assert edited.actions == {ADDRESS: "replace"}
    assert paths == [["sha256"]]
    assert list(stored(api).values()) == [("handbook.md", b"hello, world")]


def test_name_purpose_and_time_limit_replace_the_file(terraform: TerraformProject, api: ServedApi) -> None:
    path = write(terraform, "hello")
    terraform.write(file(api, file=path)).apply()

    changes: list[dict[str, Any]] = [
        {"filename": "other.md"},
        {"purpose": "user_data"},
        {"expires_after": {"seconds": 3600}},
    ]
    paths = []
    for change in changes:
        terraform.write(file(api, file=path, **change)).plan()
        paths.append(terraform.planned()["resource_changes"][0]["change"]["replace_paths"])

    assert paths == [[[name]] for change in changes for name in change]


def test_a_deleted_file_is_planned_anew_and_destroyed_without_an_error(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(file(api, file=write(terraform, "hello"))).apply()
    identifier = terraform.state()[ADDRESS]["id"]
    api.database.ask(lambda client: client.files.delete(identifier))

    assert terraform.plan().actions == {ADDRESS: "create"}
    assert terraform.destroy("-refresh=false").actions == {ADDRESS: "delete"}


def test_destroy_leaves_nothing(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(file(api, file=write(terraform, "hello"))).apply()

    terraform.destroy()

    assert stored(api) == {}


def test_an_imported_file_is_kept_if_its_size_fits_and_then_nothing_is_left_to_do(
    terraform: TerraformProject, api: ServedApi
) -> None:
    path = write(terraform, "hello", "docs/handbook.md")
    terraform.write(file(api, file=path, expires_after={"seconds": 3600})).apply()
    created = terraform.state()[ADDRESS]
    terraform.run("state", "rm", ADDRESS)

    terraform.run("import", ADDRESS, created["id"])
    said = terraform.plan()
    terraform.apply_plan()
    again = terraform.plan()

    assert said.actions == {ADDRESS: "update"}
    assert [each.summary for each in said.warnings] == ["Taken for the same content"]
    assert terraform.state()[ADDRESS] == created
    assert (again.actions, again.warnings) == ({}, [])


def test_an_import_takes_a_file_of_its_name_and_size_for_it(
    terraform: TerraformProject, api: ServedApi
) -> None:
    configuration = file(api, file=write(terraform, "hello"), expires_after={"seconds": 3600})
    terraform.write(configuration).apply()
    created = terraform.state()[ADDRESS]
    terraform.run("state", "rm", ADDRESS)

    terraform.run("import", ADDRESS, created["id"])
    found = terraform.state()[ADDRESS]
    said = terraform.plan()
    del configuration["resource"]["openai_file"]["it"]["expires_after"]
    without = terraform.write(configuration).plan()

    assert found == created
    assert (said.actions, said.warnings) == ({}, [])
    assert without.actions == {ADDRESS: "update"}
    assert [each.summary for each in without.warnings] == ["Released, not deleted"]


def test_an_import_looks_for_no_file_elsewhere(terraform: TerraformProject, api: ServedApi) -> None:
    (terraform.folder.parent / "secret.txt").write_text("hello")

    async def uploading(client: Any) -> str:
        made = await client.files.create(file=("../secret.txt", b"hello"), purpose="assistants")
        return str(made.id)

    identifier = api.database.ask(uploading)
    terraform.write(file(api, file=write(terraform, "hello")))
    terraform.run("import", ADDRESS, identifier)

    state = terraform.state()[ADDRESS]
    assert (state["file"], state["sha256"], state["bytes"]) == (None, None, 5)


def test_an_imported_file_of_another_size_is_replaced(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(file(api, file=write(terraform, "hello"))).apply()
    identifier = terraform.state()[ADDRESS]["id"]
    terraform.run("state", "rm", ADDRESS)
    terraform.run("import", ADDRESS, identifier)

    write(terraform, "hello, world")

    assert terraform.plan().actions == {ADDRESS: "replace"}


def test_a_file_that_exists_only_after_apply_is_uploaded(terraform: TerraformProject, api: ServedApi) -> None:
    write(terraform, "hello")
    configuration = file(api, file="${terraform_data.path.output}")
    configuration["resource"]["terraform_data"] = {"path": {"input": "handbook.md"}}

    terraform.write(configuration).apply()
    state = terraform.state()[ADDRESS]
    again = terraform.plan()

    assert (state["filename"], state["bytes"]) == ("handbook.md", 5)
    assert again.actions == {}


def test_a_file_that_can_not_be_uploaded_is_an_error_of_the_plan(
    terraform: TerraformProject, api: ServedApi
) -> None:
    write(terraform, "", "empty.md")
    with (terraform.folder / "large.bin").open("wb") as large:
        large.truncate(512 * 1024 * 1024 + 1)
    allowed = "Allowed: a file that exists and that this user may read. Correct the path."
    expected = {
        "missing.md": (
            'file is "missing.md", which can\'t be read: No such file or directory. The path is seen from '
            f"{terraform.folder}. {allowed}"
        ),
        ".": 'file is ".", which is a folder. Allowed: the path of a file. Give one.',
        "empty.md": (
            'file is "empty.md", which is empty. Allowed: 1 byte to 512 MB. Give a file with content.'
        ),
        "large.bin": (
            'file is "large.bin", which has 536,870,913 bytes. Allowed: at most 536,870,912 (512 MB). Split '
            "it into smaller files."
        ),
    }
    resources = {f"it{number}": {"file": path} for number, path in enumerate(expected)}

    with pytest.raises(TerraformError) as failed:
        terraform.write({**file(api), "resource": {"openai_file": resources}}).plan()

    assert sorted(each.detail for each in failed.value.errors) == sorted(expected.values())
    assert api.seen == []


def test_a_file_that_changed_after_the_plan_is_not_uploaded(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(file(api, file=write(terraform, "hello"))).plan()
    write(terraform, "other")

    with pytest.raises(TerraformError) as failed:
        terraform.apply_plan()

    # Terraform asks for the plan once more and compares; nobody tells the provider what it planned before.
    [problem] = failed.value.errors
    assert problem.summary == "Provider produced inconsistent final plan"
    assert ".sha256" in problem.detail
    assert stored(api) == {}


def test_an_upload_that_breaks_is_one_error_and_the_next_apply_uploads_once(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(file(api, file=write(terraform, "hello")))
    api.fail("POST", "/files", Fault(status=400, body='{"error": {"message": "Invalid file format."}}'))
    with pytest.raises(TerraformError) as failed:
        terraform.apply()
    api.heal()
    terraform.apply()

    [problem] = failed.value.errors
    assert problem.summary == "Uploading handbook.md failed: the API refuses it"
    assert list(stored(api)) == [terraform.state()[ADDRESS]["id"]]


def test_an_upload_whose_answer_is_lost_is_found_and_adopted(
    terraform: TerraformProject, api: ServedApi
) -> None:
    api.fail("POST", "/files", Fault(commit=True, then="reset"))

    terraform.write(file(api, file=write(terraform, "hello"))).apply()

    assert list(stored(api)) == [terraform.state()[ADDRESS]["id"]]
    assert len([each for each in api.seen if each.method == "POST"]) == 1


def test_an_upload_that_is_cut_off_is_one_error_and_leaves_no_half_file(
    terraform: TerraformProject, api: ServedApi
) -> None:
    configuration = file(api, file=write(terraform, "hello"))
    configuration["provider"]["openai"]["max_retries"] = 0
    api.fail("POST", "/files", Fault(then="reset"))
    with pytest.raises(TerraformError) as failed:
        terraform.write(configuration).apply()
    after = stored(api)
    api.heal()
    terraform.apply()

    [problem] = failed.value.errors
    assert problem.summary == "A file may have been made, its id is not known"
    assert problem.detail.startswith("Uploading handbook.md failed: the connection broke.")
    assert after == {}
    assert list(stored(api)) == [terraform.state()[ADDRESS]["id"]]


def theirs(api: ServedApi, content: bytes) -> str:
    """Upload as another team does."""
    return api.database.ask(
        lambda client: client.files.create(file=("prices.yaml", content), purpose="assistants")
    ).id


def test_a_file_that_was_there_before_is_never_taken_for_the_lost_one(
    terraform: TerraformProject, api: ServedApi
) -> None:
    other = theirs(api, b"price: 100")
    api.decide = lambda request, _: Fault() if request.method == "POST" and len(posts(api)) == 1 else None

    terraform.write(file(api, content="price: 999", filename="prices.yaml")).apply()
    identifier = terraform.state()[ADDRESS]["id"]

    assert stored(api) == {other: ("prices.yaml", b"price: 100"), identifier: ("prices.yaml", b"price: 999")}
    assert len(posts(api)) == 2


def posts(api: ServedApi) -> list[Seen]:
    return [each for each in api.seen if each.method == "POST"]


@pytest.mark.parametrize("commit", [True, False], ids=["stored", "not stored"])
def test_what_a_killed_run_uploaded_is_told_from_what_was_there_before(
    terraform: TerraformProject, api: ServedApi, commit: bool
) -> None:
    other = theirs(api, b"price: 100")
    terraform.write(file(api, content="price: 999", filename="prices.yaml"))
    api.fail("POST", "/files", Fault(commit=commit, then="hang"))
    killed(terraform, lambda: len(posts(api)) == 1 and len(stored(api)) == 1 + commit)
    api.heal()
    made = set(stored(api)) - {other}
    terraform.apply()
    identifier = terraform.state()[ADDRESS]["id"]

    assert stored(api) == {other: ("prices.yaml", b"price: 100"), identifier: ("prices.yaml", b"price: 999")}
    assert ({identifier} == made) == commit


def test_many_uploads_at_once_look_once_what_is_there_and_names_are_kept_as_given(
    terraform: TerraformProject, api: ServedApi
) -> None:
    names = [
        'the "new" one.txt',
        "tab\there.txt",
        "100%25.txt",
        "Größe 大.txt",
        *(f"{n}.txt" for n in range(6)),
    ]
    resources = {f"it{number}": {"content": "same", "filename": name} for number, name in enumerate(names)}
    api.fail("POST", "/files", Fault(commit=True), after=9)

    terraform.write({**file(api), "resource": {"openai_file": resources}}).apply()
    held = [values["id"] for values in terraform.state().values()]
    calls = [each.method for each in api.seen if each.path.startswith("/v1/files?") or each.method == "POST"]

    assert sorted(name for name, _ in stored(api).values()) == sorted(names)
    assert sorted(stored(api)) == sorted(held)
    assert sorted(calls) == ["GET", "GET", *["POST"] * 10]  # one look before, one after the lost answer


def test_a_name_that_the_disk_has_decomposed_is_found(terraform: TerraformProject, api: ServedApi) -> None:
    decomposed = write(terraform, "menu", "cafe\u0301/cafe\u0301.md")
    terraform.write(file(api, file=decomposed)).apply()
    identifier = terraform.state()[ADDRESS]["id"]

    assert stored(api) == {identifier: ("caf\u00e9.md", b"menu")}
    assert terraform.plan().actions == {}
