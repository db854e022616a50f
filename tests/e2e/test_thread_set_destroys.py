"""What destroys what in a set of threads: each key by the rules of a single thread."""

import json
from typing import Any

import pytest

from tests.support.served import ServedApi
from tests.support.terraform import TerraformError, TerraformProject
from tests.support.thread_sets import ADDRESS, deleted, ids, thread_set, warned
from tests.support.threads import ONE, TWO, created, message

LOST = "Destroying a thread that others have written to"
CUSTOMER = "What a customer wrote"
FIVE: dict[str, Any] = {key: {"metadata": {"key": key}, "messages": [ONE]} for key in "abcde"}


def without(*keys: str) -> dict[str, Any]:
    return {key: thread for key, thread in FIVE.items() if key not in keys}


def test_others_items_protect_a_key_that_leaves_until_a_flag_allows_it(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(thread_set(api, FIVE)).apply()
    before = ids(terraform.state())
    for key in "ab":
        api.database.say(before[key], "user", CUSTOMER)

    unchanged = terraform.plan()
    with pytest.raises(TerraformError) as destroyed:
        terraform.destroy()
    with pytest.raises(TerraformError) as removed:
        terraform.write(thread_set(api, without("a", "c"))).plan()
    with pytest.raises(TerraformError) as changed:
        terraform.write(thread_set(api, {**FIVE, "b": {"messages": [TWO]}, "c": {"messages": [TWO]}})).plan()
    with pytest.raises(TerraformError) as replaced:
        terraform.write(thread_set(api, FIVE)).plan(f"-replace={ADDRESS}")

    assert unchanged.actions == {}
    assert [each.summary for each in removed.value.errors] == [LOST]
    assert 'threads["a"]' in removed.value.errors[0].detail
    assert [each.summary for each in changed.value.errors] == [
        "Replacing a thread that others have written to"
    ]
    assert 'threads["b"]' in changed.value.errors[0].detail
    assert before["a"] in destroyed.value.errors[0].detail
    assert before["b"] in destroyed.value.errors[0].detail
    assert before["a"] in replaced.value.errors[0].detail

    said = terraform.write(thread_set(api, without("a", "c"), force_destroy=True)).apply()

    assert '2 threads will be destroyed ("a", …)' in [each.summary for each in said.warnings]
    assert api.database.conversation(before["a"]) is None
    assert api.database.conversation(before["c"]) is None
    assert api.database.conversation(before["b"]) is not None
    assert terraform.plan().actions == {}


def test_a_key_that_leaves_follows_the_new_flags_of_its_set_then_its_own(
    terraform: TerraformProject, api: ServedApi
) -> None:
    threads = {**FIVE, "a": {**FIVE["a"], "retain_on_destroy": True}}
    terraform.write(thread_set(api, threads)).apply()
    before = ids(terraform.state())

    own = terraform.write(thread_set(api, without("a", "b"))).apply()
    terraform.write(thread_set(api, without("a", "b", "c"), retain_on_destroy=True)).apply()
    terraform.write(thread_set(api, without("a", "b", "c", "d"), retain_on_destroy=False)).apply()
    there = {key: api.database.conversation(each) is not None for key, each in before.items()}

    assert there == {"a": True, "b": False, "c": True, "d": False, "e": True}
    assert f'threads["a"]: {before["a"]}' in warned(own, "The thread stays at the API").detail


def test_what_is_written_between_plan_and_apply_is_kept(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(thread_set(api, FIVE)).apply()
    before = ids(terraform.state())
    terraform.write(thread_set(api, without("a", "b"))).plan()
    api.database.say(before["a"], "user", CUSTOMER)

    said = terraform.apply_plan()

    assert before["a"] in warned(said, "The thread is kept: others have written to it").detail
    assert api.database.conversation(before["a"]) is not None
    assert api.database.conversation(before["b"]) is None
    assert set(ids(terraform.state())) == {"c", "d", "e"}


def test_drift_is_repaired_for_each_key(terraform: TerraformProject, api: ServedApi) -> None:
    threads = {**FIVE, "d": {"messages": [ONE, TWO]}}
    terraform.write(thread_set(api, threads)).apply()
    state = terraform.state()[ADDRESS]["threads"]
    before = ids(terraform.state())
    api.database.delete_conversation(before["a"])
    api.database.ask(lambda client: client.conversations.update(before["b"], metadata={"key": "x", "o": "o"}))
    api.database.say(before["c"], "user", CUSTOMER)
    api.database.delete_message(before["d"], state["d"]["message_ids"][1])
    api.seen.clear()

    said = terraform.plan()
    planned = terraform.planned()["resource_changes"][0]["change"]
    calls = len(api.seen)
    terraform.apply_plan()
    after = ids(terraform.state())
    b = api.database.conversation(before["b"])

    assert said.actions == {ADDRESS: "update"}
    assert planned["after_unknown"]["threads"]["a"]["id"] is True
    assert set(planned["before"]["threads"]) == set("bcde")
    assert calls <= 2 * len(FIVE)
    assert (created(api), deleted(api)) == (1, 0)
    assert {key: after[key] == before[key] for key in after} == {
        "a": False,
        "b": True,
        "c": True,
        "d": True,
        "e": True,
    }
    assert b is not None
    assert b.metadata == {"key": "b", "o": "o"}
    assert api.database.messages(before["d"]) == [("user", "one"), ("assistant", "two")]
    assert terraform.plan().actions == {}


def test_threads_that_are_known_only_after_apply(terraform: TerraformProject, api: ServedApi) -> None:
    def config(threads: dict[str, Any]) -> dict[str, Any]:
        made = {"input": json.dumps(threads)}
        known = thread_set(api, "${jsondecode(terraform_data.names.output)}")
        return {**known, "resource": {**known["resource"], "terraform_data": {"names": made}}}

    terraform.write(config(FIVE)).apply()
    before = ids(terraform.state())
    api.database.say(before["a"], "user", CUSTOMER)

    said = terraform.write(config(without("a", "b"))).plan()
    applied = terraform.apply_plan()

    assert warned(said, "Which threads there will be is known only after apply").detail
    assert warned(applied, "The thread is kept: others have written to it").detail
    assert set(ids(terraform.state())) == {"c", "d", "e"}
    assert api.database.conversation(before["a"]) is not None
    assert api.database.conversation(before["b"]) is None


def test_threads_are_imported_by_their_keys_so_a_key_can_be_renamed(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(thread_set(api, FIVE)).apply()
    before = ids(terraform.state())
    renamed = {"eve" if key == "e" else key: thread for key, thread in FIVE.items()}
    said = terraform.write(thread_set(api, renamed)).plan()
    terraform.run("state", "rm", ADDRESS)
    wrong = terraform.execute(
        "import", ADDRESS, json.dumps({**before, "b": "conv_nowhere", "c": before["a"]})
    )

    terraform.run("import", ADDRESS, json.dumps({"eve": before.pop("e"), **before}))

    assert 'Is that a key renamed, "e" to "eve"?' in warned(said, '1 thread will be destroyed ("e")').detail
    assert f"has {before['a']} for both" in " ".join(wrong.stderr.split("│"))
    assert terraform.plan().actions == {}
    terraform.write(thread_set(api, {key: {} for key in renamed}))
    released = terraform.apply()
    assert warned(released, "Released, not deleted").detail
    assert api.database.messages(before["a"]) == [("user", "one")]


def test_what_stays_the_same_is_not_touched(terraform: TerraformProject, api: ServedApi) -> None:
    threads = {"": {}, "a.b": {}, "${x}": {}, 'ü"\\': {}, "😀": {}, "equal": FIVE["a"], "the same": FIVE["a"]}
    escaped = {key.replace("${", "$${"): thread for key, thread in threads.items()}
    terraform.write(thread_set(api, escaped)).apply()
    before = ids(terraform.state())
    api.seen.clear()

    later = dict(reversed([*escaped.items(), ("new", message("one") and {"messages": [TWO]})]))
    said = terraform.write(thread_set(api, later, parallelism=3)).apply()

    assert set(before) == set(threads)
    assert len(set(before.values())) == len(threads)
    assert before.items() <= ids(terraform.state()).items()
    assert said.warnings == []
    assert [each.path for each in api.seen if each.method != "GET"][:1] == ["/v1/conversations"]
    assert sum(each.method != "GET" for each in api.seen) == 2  # the new thread, its message
