"""What decides about a set of threads, without Terraform and without an API."""

import asyncio
from typing import Any

import pytest

from provider_shim.contract.path import Key
from provider_shim.resources.by_key import gathered, keys_named
from provider_shim.resources.parallel import in_parallel
from provider_shim.resources.thread_set_import import import_ids
from provider_shim.resources.thread_set_layout import (
    IN_A_SET,
    Kept,
    configured,
    entry_of,
    flags_destroyed,
    flags_removed,
    flags_replaced,
    is_half_made,
    private_of,
    thread_of,
    unmade,
)
from provider_shim.terraform.diagnostics import Failure, warning


def entry(**given: Any) -> dict[str, Any]:
    return {**dict.fromkeys(IN_A_SET), "id": "conv_1", **given}


# --- flags ------------------------------------------------------------------------------


def test_a_destroyed_thread_goes_by_its_own_flags_then_by_those_of_its_set() -> None:
    of_set = {"force_destroy": True, "retain_on_destroy": True}

    found = flags_destroyed(entry(retain_on_destroy=False), of_set)

    assert found == {"force_destroy": True, "retain_on_destroy": False, "purge_on_destroy": None}


def test_a_removed_key_goes_by_the_new_flags_of_its_set_then_by_its_own() -> None:
    new = {"force_destroy": False, "purge_on_destroy": True}

    found = flags_removed(entry(retain_on_destroy=True, force_destroy=True), new)

    assert found == {"force_destroy": False, "retain_on_destroy": True, "purge_on_destroy": True}


def test_a_thread_that_is_made_anew_goes_by_what_the_new_configuration_says_alone() -> None:
    assert flags_replaced({"force_destroy": True}, {"force_destroy": False}) == {
        "force_destroy": False,
        "retain_on_destroy": None,
        "purge_on_destroy": None,
    }


def test_the_flags_of_a_set_hold_where_a_thread_says_nothing_and_are_not_kept_with_it() -> None:
    given = entry(force_destroy=False)

    thread = thread_of(given, {"force_destroy": True, "retain_on_destroy": True}, "conversations")

    assert (thread["force_destroy"], thread["retain_on_destroy"]) == (False, True)
    assert configured(given, {"retain_on_destroy": True})["retain_on_destroy"] is True
    assert entry_of(thread, given) == given


# --- half made --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("threads", "ids", "expected"),
    [
        ({"a": entry()}, {"a": "conv_1"}, False),
        ({}, {}, False),
        ({"a": unmade(entry())}, {}, True),
        ({"a": entry()}, {}, True),
    ],
    ids=["complete", "empty", "a thread is missing", "messages are missing"],
)
def test_a_set_is_half_made_until_each_thread_is_there_with_all_its_messages(
    threads: dict[str, Any], ids: dict[str, str], *, expected: bool
) -> None:
    assert is_half_made({"threads": threads, "ids": ids}) is expected


# --- private data -----------------------------------------------------------------------


def test_what_all_threads_have_in_private_is_there_once() -> None:
    alike: dict[str, Any] = {"v": 1, "account": ["org", "proj"]}
    privates: dict[str, dict[str, Any]] = {
        "a": alike,
        "b": {**alike, "metadata": {"imported": ["x"]}, "leaving": {"destroy": True}},
        "c": {"v": 1},
        "d": {"v": 1, "account": ["other", ""]},
    }

    kept = private_of(privates, {"c": "threads"}, privates)

    assert kept == {
        "v": 1,
        "shared": {"account": ["org", "proj"]},
        "threads": {
            "b": {"metadata": {"imported": ["x"]}},
            "c": {"api": "threads", "account": None},
            "d": {"account": ["other", ""]},
        },
    }
    assert Kept(kept).of("a") == alike
    assert Kept(kept).of("c") == {"v": 1, "api": "threads"}
    assert Kept(kept).api_of("c", "other-1", "conversations") == "threads"
    assert Kept(kept).api_of("c", "conv_1", "threads") == "conversations"


def test_of_plain_threads_nothing_is_kept() -> None:
    assert private_of({"a": {"v": 1}}, {"a": None}, ["a", "b"]) == {"v": 1}


# --- texts ------------------------------------------------------------------------------


def test_what_is_said_of_many_is_said_once() -> None:
    same = [(f"k{number}", warning("Kept", "In the state.", ("tools",))) for number in range(30)]
    different = [(f"k{number}", warning("Gone", f"conv_{number}.")) for number in range(8)]

    [kept, gone] = gathered([*same, *different])

    assert kept.detail.startswith('In the state.\n\n30 threads: "k0", "k1"')
    assert kept.detail.endswith("and 10 more.")
    assert kept.path == ("threads",)
    assert gone.detail.startswith('threads["k0"]: conv_0.\n\nthreads["k1"]: conv_1.')
    assert gone.detail.endswith('The same of 3 more: "k5", "k6", "k7".')


def test_what_is_said_of_one_has_its_path() -> None:
    [found] = gathered([('a"b', warning("Kept", "In the state.", ("messages", 0)))])

    assert found.path == ("threads", Key('a"b'), "messages", 0)
    assert found.detail == 'threads["a\\"b"]: In the state.'


def test_keys_are_named_as_terraform_writes_them() -> None:
    assert keys_named(["", 'a"b']) == '"", "a\\"b"'


# --- import -----------------------------------------------------------------------------


def test_an_import_takes_a_json_object() -> None:
    assert import_ids('{"acme": "conv_1", "": "conv_2"}') == {"acme": "conv_1", "": "conv_2"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("conv_1", "is no JSON"),
        ('["conv_1"]', "is no JSON object"),
        ("{}", "is an empty object"),
        ('{"a": 1}', 'something else than an id for the key "a"'),
        ('{"a": ""}', 'something else than an id for the key "a"'),
        ('{"a": "conv_1", "a": "conv_2"}', 'has the key "a" twice'),
        ('{"a": "conv_1", "b": "conv_1"}', 'has conv_1 for both "a" and "b"'),
        ("[" * 100_000, "is no JSON"),
    ],
)
def test_anything_else_is_refused(given: str, said: str) -> None:
    with pytest.raises(Failure) as raised:
        import_ids(given)

    assert said in raised.value.diagnostics[0].detail
    assert '{"acme": "conv_…"' in raised.value.diagnostics[0].detail


# --- in parallel ------------------------------------------------------------------------


def test_so_many_are_under_way_and_no_more() -> None:
    under_way, most, told = 0, 0, list[int]()

    async def step(_key: str) -> bool:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        return True

    asyncio.run(in_parallel(map(str, range(250)), 7, step, told.append))

    assert most == 7
    assert told == [100, 200]


def test_none_is_begun_once_a_step_says_so() -> None:
    begun: list[str] = []

    async def step(key: str) -> bool:
        begun.append(key)
        await asyncio.sleep(0)
        return key != "3"

    asyncio.run(in_parallel(map(str, range(100)), 2, step))

    assert len(begun) <= 6
