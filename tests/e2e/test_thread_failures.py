"""Half way and unsure: what the state holds when the API fails."""

import pytest

from tests.support.faulty import Fault
from tests.support.served import ServedApi
from tests.support.terraform import TerraformError, TerraformProject
from tests.support.threads import ADDRESS, ONE, TWO, message, thread

pytestmark = pytest.mark.peers

BROKEN = Fault(status=400, body='{"error": {"message": "Not this one", "type": "invalid_request_error"}}')
FIVE = [message(f"message {number}") for number in range(5)]


@pytest.mark.parametrize("kind", ["threads"])
def test_a_create_that_fails_at_message_3_of_5_is_tainted_with_its_id(
    terraform: TerraformProject, api: ServedApi, kind: str
) -> None:
    api.fail("POST", "/messages", BROKEN, after=2)
    terraform.write(thread(api, kind, messages=FIVE))

    with pytest.raises(TerraformError, match="Not this one"):
        terraform.apply()
    state = terraform.state()[ADDRESS]
    api.heal()
    said = terraform.plan()

    assert state["id"].startswith("thread_")
    assert len(state["message_ids"]) == 2
    assert said.actions == {ADDRESS: "replace"}


def test_a_create_that_fails_in_its_second_batch_is_tainted_with_its_id(
    terraform: TerraformProject, api: ServedApi
) -> None:
    api.fail("POST", "/items", BROKEN, after=1)
    terraform.write(thread(api, messages=[message(f"message {number}") for number in range(25)]))

    with pytest.raises(TerraformError, match="Not this one"):
        terraform.apply()
    state = terraform.state()[ADDRESS]
    api.heal()
    terraform.apply()

    assert len(state["message_ids"]) == 20
    assert api.database.conversation(state["id"]) is None
    assert len(api.database.messages(terraform.state()[ADDRESS]["id"])) == 25


def test_an_update_that_fails_keeps_what_was_done_and_the_next_apply_finishes_it(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(thread(api, messages=[ONE])).apply()
    identifier = terraform.state()[ADDRESS]["id"]
    api.fail("POST", "/items", BROKEN)
    terraform.write(thread(api, metadata={"a": "1"}, messages=[ONE, TWO]))

    with pytest.raises(TerraformError, match="Not this one"):
        terraform.apply()
    between = terraform.state()[ADDRESS]
    api.heal()
    said = terraform.apply()

    assert between["metadata"] == {"a": "1"}
    assert len(between["messages"]) == 1
    assert said.actions == {ADDRESS: "update"}
    assert api.database.messages(identifier) == [("user", "one"), ("assistant", "two")]
    assert terraform.plan().actions == {}


HTML = "<html><body>Not Found</body></html>"
UNSURE = {
    "404 of a proxy": Fault(status=404, body='{"message": "no route"}'),
    "404 as HTML": Fault(status=404, body=HTML, headers={"content-type": "text/html"}),
    "404 of another id": Fault(
        status=404, body='{"error": {"message": "Conversation with id \'conv_other\' not found."}}'
    ),
    "401": Fault(status=401, body='{"error": {"message": "Incorrect API key", "code": "invalid_api_key"}}'),
    "403": Fault(status=403, body='{"error": {"message": "Not allowed"}}'),
    "500": Fault(status=500),
    "truncated JSON": Fault(status=200, body='{"id": "conv_'),
    "HTML": Fault(status=200, body=HTML, headers={"content-type": "text/html"}),
    "reset": Fault(then="reset"),
}


def test_only_the_apis_own_answer_for_this_id_removes_from_the_state(
    terraform: TerraformProject, api: ServedApi
) -> None:
    configuration = thread(api, messages=[ONE])
    configuration["provider"]["openai"]["max_retries"] = 0
    terraform.write(configuration).apply()
    before = terraform.state()

    for name, fault in UNSURE.items():
        api.decide = lambda _request, _number, fault=fault: fault  # type: ignore[misc]
        with pytest.raises(TerraformError):
            terraform.refresh()
        assert terraform.state() == before, name


def test_an_apis_error_tells_message_status_code_request_id_path_and_what_to_do(
    terraform: TerraformProject, api: ServedApi
) -> None:
    refusal = Fault(
        status=400,
        headers={"x-request-id": "req_42"},
        body='{"error": {"message": "Too odd", "type": "invalid_request_error", "param": "metadata.a", '
        '"code": "odd_value"}}',
    )
    api.fail("POST", "/conversations", refusal)

    with pytest.raises(TerraformError) as failed:
        terraform.write(thread(api, metadata={"a": "1"})).apply()

    [error] = failed.value.errors
    for part in ("Too odd", "400", "odd_value", "req_42"):
        assert part in error.detail
