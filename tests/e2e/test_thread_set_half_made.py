"""A set of threads whose apply ended half way: what was made stays, and is gone on with.

The rarer ways are tried by `make table`.
"""

import os
import signal
import time

import pytest

from tests.support.faulty import Fault, Seen
from tests.support.served import ServedApi
from tests.support.terraform import TerraformError, TerraformProject, killed
from tests.support.thread_sets import ADDRESS, deleted, ids, thread_set, warned
from tests.support.threads import ONE, TWO, created

THREADS = {f"tenant {number}": {"metadata": {"n": str(number)}} for number in range(60)}
BROKEN = Fault(status=401, body='{"error": {"message": "No such key", "code": "invalid_api_key"}}')


def half_made(terraform: TerraformProject, api: ServedApi, half: int = 30) -> dict[str, str]:
    """Apply, and let the API fail after half of the creates; return the ids that the state holds."""
    api.fail("POST", "/conversations", BROKEN, after=half)
    with pytest.raises(TerraformError):
        terraform.apply()
    api.heal()
    there = {key: each for key, each in ids(terraform.state()).items() if each is not None}
    assert len(there) == half
    api.seen.clear()
    return there


def test_the_next_apply_makes_what_is_missing_and_deletes_nothing(
    terraform: TerraformProject, api: ServedApi
) -> None:
    there = half_made(terraform.write(thread_set(api, THREADS)), api)
    changed = {**THREADS, "tenant 1": {"metadata": {"n": "other"}, "messages": [ONE]}}

    said = terraform.write(thread_set(api, changed)).apply()

    assert said.actions == {ADDRESS: "replace"}
    assert (created(api), deleted(api)) == (30, 0)
    assert there.items() <= ids(terraform.state()).items()
    assert warned(said, "The threads of a half-made set go on").detail
    assert api.database.messages(there["tenant 1"]) == [("user", "one")]
    assert terraform.plan().actions == {}


def test_a_thread_without_all_of_its_messages_makes_the_set_half_made(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(thread_set(api, {"a": {"messages": [ONE]}, "b": {"messages": [TWO]}}, parallelism=1))
    api.fail("POST", "/items", BROKEN, after=1)
    with pytest.raises(TerraformError):
        terraform.apply()
    api.heal()
    there = ids(terraform.state())
    api.seen.clear()

    terraform.apply()

    assert (created(api), deleted(api)) == (0, 0)
    assert ids(terraform.state()) == there
    assert api.database.messages(there["b"]) == [("assistant", "two")]


@pytest.mark.table
def test_a_complete_set_that_is_tainted_is_made_anew(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(thread_set(api, {"a": {}, "b": {}})).apply()
    before = ids(terraform.state())
    terraform.run("taint", ADDRESS)
    api.seen.clear()

    terraform.apply()

    assert (created(api), deleted(api)) == (2, 2)
    assert not set(before.values()) & set(ids(terraform.state()).values())


@pytest.mark.table
def test_a_half_made_set_can_be_destroyed(terraform: TerraformProject, api: ServedApi) -> None:
    there = half_made(terraform.write(thread_set(api, THREADS)), api)

    terraform.destroy()

    assert deleted(api) == len(there)
    assert not terraform.state()


@pytest.mark.table
def test_with_create_before_destroy_all_are_made_anew_and_the_half_made_ones_go(
    terraform: TerraformProject, api: ServedApi
) -> None:
    config = thread_set(api, THREADS, lifecycle={"create_before_destroy": True})
    there = half_made(terraform.write(config), api)

    terraform.apply()

    assert (created(api), deleted(api)) == (len(THREADS), len(there))
    assert not set(there.values()) & set(ids(terraform.state()).values())
    assert terraform.plan().actions == {}


@pytest.mark.table
def test_an_update_that_fails_half_way_is_gone_on_with(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(thread_set(api, {"a": {}, "b": {}})).apply()
    before = ids(terraform.state())
    terraform.write(thread_set(api, {**THREADS, "a": {"messages": [ONE]}}))
    api.seen.clear()
    api.fail("POST", "/conversations", BROKEN, after=30)
    with pytest.raises(TerraformError):
        terraform.apply()
    api.heal()
    after_failure = ids(terraform.state())

    said = terraform.apply()

    assert said.actions == {ADDRESS: "update"}
    assert after_failure.items() <= {**ids(terraform.state()), "b": before["b"]}.items()
    assert created(api) <= 70
    assert len({*ids(terraform.state()).values()}) == len(THREADS) + 1
    assert terraform.plan().actions == {}


def test_what_a_killed_run_made_is_taken_over(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.write(thread_set(api, THREADS))

    killed(terraform, lambda: created(api) >= 20)
    time.sleep(0.2)
    terraform.apply()

    made, there = created(api), ids(terraform.state())
    assert len(set(there.values())) == len(THREADS)
    assert made <= len(THREADS) + 10  # of those under way the answer did not come
    assert terraform.plan().actions == {}


def test_ctrl_c_leaves_what_was_made_in_the_state(terraform: TerraformProject, api: ServedApi) -> None:
    def slow(_request: Seen, _number: int) -> Fault | None:
        time.sleep(0.02)
        return None

    terraform.write(thread_set(api, THREADS))
    api.decide = slow
    process = terraform.start("apply", "-auto-approve", "-no-color")
    while created(api) < 20:
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGINT)
    text, _ = process.communicate(timeout=60)
    made = created(api)
    there = {key: each for key, each in ids(terraform.state()).items() if each}
    api.seen.clear()

    terraform.apply()

    assert made == len(there) < len(THREADS), text
    assert (created(api), deleted(api)) == (len(THREADS) - made, 0)
