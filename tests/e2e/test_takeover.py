"""A state of a retired provider: every resource, blocks absent and present, on each way."""

from pathlib import Path

import pytest

from tests.support.served import ServedApi
from tests.support.takeovers import WAYS, at_the_api, table, taken_over
from tests.support.terraform import TerraformProject


@pytest.mark.parametrize("way", WAYS)
def test_a_state_of_a_retired_provider_is_taken_over_and_nothing_changes(
    tmp_path: Path, api: ServedApi, way: str
) -> None:
    terraform = TerraformProject(tmp_path / "taken")
    rows = table(at_the_api(api))

    first = taken_over(terraform, rows, api, way)
    terraform.apply_plan()
    after = terraform.plan()
    state = terraform.state()

    assert first.actions == (dict.fromkeys(rows, "move") if way == "moved" else {})
    assert after.actions == {}
    assert {address: each["id"] for address, each in state.items() if "store_file" not in address} == {
        address: attributes["id"] for address, (attributes, _) in rows.items() if "store_file" not in address
    }
    assert state["openai_vector_store_file.present"]["id"] == "/".join(
        state["openai_vector_store_file.present"][name] for name in ("vector_store_id", "file_id")
    )
