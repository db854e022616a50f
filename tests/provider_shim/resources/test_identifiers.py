"""An id that can't be one is refused before it is sent anywhere; any characters may be in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_shim.contract.identifiers import import_id, objects_in, path_of
from provider_shim.resources.identifiers import checked_id, split_ids
from provider_shim.terraform.diagnostics import Failure

ALLOWED = (
    "Allowed: the id of a thread, such as conv_1, of at most 512 characters. Copy the id from the API or "
    "from the state."
)


@pytest.mark.parametrize(
    ("identifier", "problem"),
    [
        ("", "The id is empty"),
        (" \n", "The id is empty"),
        ("..", 'The id ".." is the name of a folder'),
        ("conv_\ud800", "The id 'conv_\\ud800' has half a character in it"),
        ("c" * 10_000, f'The id "{"c" * 40}…" has 10,000 characters'),
    ],
    ids=["nothing", "blank", "folder", "half a character", "10 kB"],
)
def test_what_is_no_id_is_refused(identifier: str, problem: str) -> None:
    with pytest.raises(Failure) as failure:
        checked_id(identifier, "a thread", "conv_1")

    assert failure.value.diagnostics[0].detail == f"{problem}. {ALLOWED}"


@pytest.mark.parametrize(
    "identifier",
    ["conv_68f0-A.b:c", "bGl0/ZWxs?bG0=#1" * 32, "a b", "conv_é", "%2e%2e", "../x", "1\n2", "..."],
)
def test_any_characters_make_an_id_and_stay_one_step_of_a_path(identifier: str) -> None:
    assert checked_id(identifier, "a thread", "conv_1") == identifier
    path = path_of("threads", identifier, "messages", "msg_1")
    assert path.count("/") == 4
    assert not set(path) & set("?#\\ \n")
    assert objects_in(path) == [("threads", identifier), ("messages", "msg_1")]


@pytest.mark.parametrize(
    ("identifier", "ids"),
    [
        ("conv_1/msg_1", ("conv_1", "msg_1")),
        ("vs%2F1/file%2Fa%252F", ("vs/1", "file/a%2F")),
        ("conv é/msg=1", ("conv é", "msg=1")),
    ],
)
def test_an_import_id_of_two_splits_at_its_one_slash(identifier: str, ids: tuple[str, str]) -> None:
    assert split_ids(identifier, "THREAD_ID/MESSAGE_ID", "conv_…/msg_…") == ids


@pytest.mark.parametrize("identifier", ["", "conv_1", "conv_1/", "/msg_1", "conv_1/msg/1"])
def test_an_import_id_of_two_with_another_number_of_slashes_is_refused(identifier: str) -> None:
    with pytest.raises(Failure) as failure:
        split_ids(identifier, "THREAD_ID/MESSAGE_ID", "conv_…/msg_…")

    assert "Write a slash within one of the ids as %2F" in failure.value.diagnostics[0].detail


@given(st.lists(st.text(min_size=1), min_size=1, max_size=2))
def test_an_import_by_identity_names_the_same_ids_whatever_is_in_them(ids: list[str]) -> None:
    identifier = import_id(ids)

    assert [*split_ids(identifier, "A/B", "a/b")] == ids if len(ids) > 1 else identifier == ids[0]
