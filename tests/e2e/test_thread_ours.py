"""Only our messages: what others write into a thread is theirs."""

import pytest

from tests.support.served import ServedApi
from tests.support.terraform import TerraformError, TerraformProject
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


def test_replace_and_destroy_are_refused_with_the_number_of_items_of_others(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(thread(api, messages=[ONE])).apply()
    identifier = terraform.state()[ADDRESS]["id"]
    for number in range(2):
        api.database.say(identifier, "user", f"from the application {number}")

    with pytest.raises(TerraformError) as destroying:
        terraform.plan("-destroy")
    with pytest.raises(TerraformError) as replacing:
        terraform.write(thread(api, messages=[message("other")])).plan()

    [replace], [destroy] = replacing.value.errors, destroying.value.errors
    assert replace.summary == "Replacing a thread that others have written to"
    assert destroy.summary == "Destroying a thread that others have written to"
    for each in (replace, destroy):
        assert each.detail.startswith(
            f"{identifier} holds 2 items that no resource of this stack made, and that would be lost. To "
            "lose them with it: force_destroy = true. To keep the thread at the API: retain_on_destroy ="
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


def test_imported_messages_keep_their_thread_when_it_is_tainted(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(thread(api, messages=[ONE])).apply()
    identifier = terraform.state()[ADDRESS]["id"]
    terraform.run("state", "rm", ADDRESS)
    terraform.run("import", ADDRESS, identifier)
    terraform.run("taint", ADDRESS)

    said = terraform.apply()

    assert "The thread is kept: others have written to it" in [each.summary for each in said.warnings]
    assert api.database.conversation(identifier) is not None
    assert terraform.state()[ADDRESS]["id"] != identifier
