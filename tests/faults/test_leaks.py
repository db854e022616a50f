"""Secrets, doors, garbage, values, writes: each script once and small."""

from contextlib import chdir
from pathlib import Path

import pytest

from provider_shim.contract.check import check
from provider_shim.contract.thread import THREAD
from provider_shim.terraform.values import is_unknown
from tests.faults.big import BEYOND, PLANES, large_message, large_number, many_messages, odd_text, refused
from tests.faults.canary import KEY, searched
from tests.faults.doors import can_be_another, fuzzed_ids, redirected, strangers
from tests.faults.frames import fuzzed
from tests.faults.ground import Site
from tests.faults.plans import asked, examples
from tests.faults.writes import killed


def test_the_key_is_in_no_output_and_in_no_file(place: Site) -> None:
    assert searched(place, "environment")[KEY] == []


def test_nobody_comes_in_and_no_key_lies_on_the_disk(tmp_path: Path) -> None:
    found = strangers(tmp_path, 2)

    assert (found["refused"], found["plain_refused"]) == (4, 2)
    assert (found["folder_mode"], found["in_folder"], found["files_with_a_key"]) == (
        "0o700",
        ["provider"],
        [],
    )


@pytest.mark.skipif(not can_be_another(), reason="only root can act as another user, here through perl")
def test_another_user_can_not_connect(tmp_path: Path) -> None:
    found = strangers(tmp_path, 0)

    assert (found["our_user"], found["another_user"]) == ("connected", "Permission denied")


def test_no_call_follows_a_redirect_to_another_origin(tmp_path: Path) -> None:
    assert redirected(tmp_path)["followed"] == 0


def test_no_request_leaves_its_collection_whatever_the_id(tmp_path: Path) -> None:
    found = fuzzed_ids(tmp_path, 300)

    assert found["outside"] == 0
    assert 0 < found["accepted"] < found["ids"]


def test_plans_keep_terraforms_rules() -> None:
    with asked() as one:
        applied = examples(one, 200)

    assert all(applied.values())


def test_garbage_on_the_socket_neither_ends_the_provider_nor_makes_a_traceback(tmp_path: Path) -> None:
    with chdir(tmp_path):
        found = fuzzed(tmp_path, 200)

    assert (found["alive"], found["tracebacks"]) == (True, 0)
    assert "INTERNAL" not in found["answers"]


def test_no_acknowledged_write_is_lost_when_a_server_is_killed(tmp_path: Path) -> None:
    found = killed(tmp_path / "threads.db", 2)

    assert (found["lost"], found["refused"], found["integrity"]) == (0, [], ["ok"])


def test_a_long_message_comes_back_as_it_was(place: Site) -> None:
    assert large_message(place, 2**17)


def test_many_messages_are_appended_to_in_place(place: Site) -> None:
    found = many_messages(place, 50)

    assert (found["messages"], found["in_order"], found["appended_in_place"]) == (51, True, True)
    assert found["second_plan"] == {}


def test_a_character_of_every_plane_comes_back_as_it_was(place: Site) -> None:
    assert odd_text(place, PLANES)


def test_what_no_api_could_take_is_refused_with_its_place(place: Site) -> None:
    assert "messages[0].content has a NUL character" in refused(place, "content", "a\0b")
    assert f"timeout is {BEYOND}" in refused(place, "timeout", BEYOND)
    [surrogate] = check(THREAD, {"messages": [{"role": "user", "content": "a\ud800b"}]}, is_unknown)
    assert "surrogate" in surrogate.detail


def test_a_number_beyond_what_a_float_holds_keeps_its_digits(place: Site) -> None:
    assert large_number(place)
