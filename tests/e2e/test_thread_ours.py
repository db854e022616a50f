"""Only our messages: what others write into a thread is theirs."""

import pytest

from tests.support.served import ServedApi
from tests.support.terraform import TerraformProject
from tests.support.threads import ADDRESS, ONE, THREE, TWO, message, thread

pytestmark = pytest.mark.peers


def test_an_application_that_talks_on_causes_no_drift(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(thread(api, messages=[ONE])).apply()
    state = terraform.state()[ADDRESS]
    for number in range(3):
        api.database.say(state["id"], "user", f"from the application {number}")

    said = terraform.plan()

    assert said.actions == {}
    assert said.drift == {}


def test_a_message_appended_later_comes_after_the_applications(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(thread(api, messages=[ONE])).apply()
    identifier = terraform.state()[ADDRESS]["id"]
    api.database.say(identifier, "user", "from the application")

    terraform.write(thread(api, messages=[ONE, TWO])).apply()

    expected = [("user", "one"), ("user", "from the application"), ("assistant", "two")]
    assert api.database.messages(identifier) == expected
    assert terraform.plan().actions == {}


def test_a_seeded_message_that_vanished_at_the_end_is_made_again_in_place(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(thread(api, messages=[ONE, TWO])).apply()
    state = terraform.state()[ADDRESS]
    api.database.delete_message(state["id"], state["message_ids"][1])

    said = terraform.plan()
    terraform.apply_plan()

    assert said.actions == {ADDRESS: "update"}
    assert api.database.messages(state["id"]) == [("user", "one"), ("assistant", "two")]
    assert terraform.plan().actions == {}


def test_a_seeded_message_that_vanished_before_others_replaces(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(thread(api, messages=[ONE, TWO, THREE])).apply()
    state = terraform.state()[ADDRESS]
    api.database.delete_message(state["id"], state["message_ids"][0])

    said = terraform.plan()

    assert said.actions == {ADDRESS: "replace"}
    assert said.drift == {ADDRESS: "update"}


def test_a_thread_that_vanished_is_made_again(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(thread(api, messages=[ONE])).apply()
    api.database.delete_conversation(terraform.state()[ADDRESS]["id"])

    said = terraform.plan()

    assert said.actions == {ADDRESS: "create"}


def test_destroying_what_is_gone_already_succeeds(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(thread(api, messages=[ONE])).apply()
    api.database.delete_conversation(terraform.state()[ADDRESS]["id"])

    terraform.destroy("-refresh=false")

    assert terraform.state() == {}


def test_replace_and_destroy_warn_with_the_number_of_items_of_others(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(thread(api, messages=[ONE])).apply()
    identifier = terraform.state()[ADDRESS]["id"]
    for number in range(2):
        api.database.say(identifier, "user", f"from the application {number}")

    replacing = terraform.write(thread(api, messages=[message("other")])).plan()
    destroying = terraform.plan("-destroy")

    [replace], [destroy] = replacing.warnings, destroying.warnings
    assert replace.summary == "Replacing a thread that others have written to"
    assert destroy.summary == "Destroying a thread that others have written to"
    assert (
        replace.detail
        == destroy.detail
        == (
            f"{identifier} holds 2 items that this resource did not create, lost with the thread. "
            "To keep it, set retain_on_destroy = true and apply that first."
        )
    )


def test_trimming_deletes_what_terraform_made_and_releases_what_was_imported(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(thread(api, messages=[ONE, TWO])).apply()
    identifier = terraform.state()[ADDRESS]["id"]
    terraform.run("state", "rm", ADDRESS)
    terraform.run("import", ADDRESS, identifier)
    terraform.write(thread(api, messages=[ONE, TWO, THREE])).apply()

    terraform.write(thread(api, messages=[ONE])).apply()

    assert api.database.messages(identifier) == [("user", "one"), ("assistant", "two")]
    assert terraform.plan().actions == {}
