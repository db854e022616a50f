"""An id that can't be one is refused before it is sent anywhere."""

import pytest

from provider_shim.resources.identifiers import checked_id
from provider_shim.terraform.diagnostics import Failure

ALLOWED = "Allowed: the id of a thread, such as conv_1, of letters, digits, - and _."


@pytest.mark.parametrize(
    ("identifier", "problem"),
    [
        ("", "The id is empty"),
        ("  ", "The id is empty"),
        ("conv_1/../2", "The id 'conv_1/../2' has characters that no id has"),
        ("conv_é", "The id 'conv_é' has characters that no id has"),
        ("conv_1\n", "The id 'conv_1\\n' has characters that no id has"),
        ("c" * 10_000, f'The id "{"c" * 40}…" has 10000 characters'),
    ],
    ids=["nothing", "blank", "slash", "accent", "newline", "10 kB"],
)
def test_what_is_no_id_is_refused(identifier: str, problem: str) -> None:
    with pytest.raises(Failure) as failure:
        checked_id(identifier, "a thread", "conv_1")

    assert failure.value.diagnostics[0].detail == f"{problem}. {ALLOWED}"


def test_an_id_passes() -> None:
    assert checked_id("conv_68f0-A.b:c", "a thread", "conv_1") == "conv_68f0-A.b:c"
