"""A server that deletes no messages, that shows them in another shape, or that asks to wait."""

import json
from typing import Any

import pytest

from tests.support.faulty import Fault, Seen
from tests.support.served import ServedApi
from tests.support.terraform import TerraformError, TerraformProject

NOT_ALLOWED = Fault(status=405, body='{"error": {"message": "Method Not Allowed"}}')
TEXT = "a text that is in no log"


def configured(api: ServedApi, *contents: str, alone: bool) -> dict[str, Any]:
    """Return a thread with messages, and one more that a resource of its own adds."""
    thread = {"messages": [{"role": "user", "content": each} for each in contents]}
    resources: dict[str, Any] = {"openai_thread": {"t": thread}}
    if alone:
        message = {"thread_id": "${openai_thread.t.id}", "role": "user", "content": "alone"}
        resources["openai_message"] = {"m": message}
    provider = {"base_url": api.base_url, "timeout": 5, "api_key": "sk-canary-0123456789"}
    return {"provider": {"openai": provider}, "resource": resources}


def test_messages_that_a_server_never_deletes_are_an_error_alone_and_released_with_their_thread(
    terraform: TerraformProject, api: ServedApi
) -> None:
    def decide(seen: Seen, _: int) -> Fault | None:
        return NOT_ALLOWED if seen.method == "DELETE" and "/items/" in seen.path else None

    terraform.write(configured(api, "one", "two", alone=True)).apply()
    api.decide = decide
    with pytest.raises(TerraformError) as trimmed:
        terraform.write(configured(api, "one", alone=True)).apply()
    terraform.write(configured(api, "one", "two", alone=True))
    before = terraform.state()
    gone = terraform.destroy()

    (said,) = trimmed.value.errors
    assert "can't delete" in said.summary + said.detail
    assert set(before) == {"openai_thread.t", "openai_message.m"}
    assert len(before["openai_thread.t"]["message_ids"]) == 2
    (warned,) = gone.warnings
    assert warned.summary == "The message stays in its thread"
    assert terraform.state() == {}
    assert api.database.conversation(before["openai_thread.t"]["id"]) is None


def test_content_that_can_not_be_read_replaces_nothing_and_is_said_until_an_apply_has_saved_that(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(configured(api, "one", alone=True)).apply()
    before = terraform.state()

    odd = [{"type": "hologram", "data": [7]}]

    def decide(seen: Seen, _: int) -> Fault | None:
        if seen.method != "GET" or "/items" not in seen.path:
            return None
        ids = [*before["openai_thread.t"]["message_ids"], before["openai_message.m"]["id"]]
        items = [{"id": each, "type": "message", "role": "user", "content": odd} for each in ids]
        one = next((each for each in items if each["id"] in seen.path.partition("?")[0]), None)
        page = {"object": "list", "data": items, "last_id": ids[-1], "has_more": False}
        return Fault(status=200, body=json.dumps(one or page))

    api.decide = decide
    plans = [terraform.plan(), terraform.plan()]
    said = terraform.apply()
    after = terraform.plan()

    title = "A message comes back in another shape"
    assert [each.actions for each in (*plans, said, after)] == [{}] * 4
    assert [{each.summary for each in one.warnings} for one in (*plans, said)] == [{title}] * 3
    assert after.warnings == []
    assert terraform.state() == before


def test_each_wait_and_repetition_is_one_line_of_the_log_without_a_text_or_a_secret(
    terraform: TerraformProject, api: ServedApi
) -> None:
    faults = [
        Fault(status=429, headers={"retry-after-ms": "1200"}),
        Fault(status=429, headers={"retry-after": "1"}),
    ]
    api.decide = lambda seen, _: faults.pop() if faults and seen.method == "POST" else None
    terraform.environment["TF_LOG_PROVIDER"] = "INFO"
    configuration = configured(api, TEXT, alone=False)
    # The second one waits for its turn while the first one is told to pause.
    configuration["resource"]["openai_thread"]["u"] = {"metadata": {"n": "2"}}
    said = terraform.write(configuration).apply().output
    lines = [each.partition(": ")[2] for each in said.splitlines() if "provider.terraform-provider" in each]

    repeated = [
        each for each in lines if "too many requests, which asks for 1" in each and "again in" in each
    ]
    assert len(repeated) == 2, lines
    assert any("has waited" in each and "for its turn" in each for each in lines), lines
    assert not [each for each in lines if TEXT in each or "canary" in each]
