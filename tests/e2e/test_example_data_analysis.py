"""examples/data_analysis with the real cdktf: deployed, deployed again, destroyed."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.database import Database
from tests.support.example import Example, counted


@pytest.mark.cdktf
def test_the_example_deploys_changes_nothing_the_second_time_and_destroy_leaves_nothing(
    tmp_path: Path,
) -> None:
    project = Example("data_analysis", tmp_path)
    folder = project.folder
    database = Database(folder / "threads.db")

    project.deploy("--outputs-file", "outputs.json")
    outputs = json.loads((folder / "outputs.json").read_text())["data_analysis"]
    thread = database.conversation(outputs["thread_id"])
    found = database.ask(lambda client: passages(client, outputs["vector_store_id"]))
    again = project.deploy()
    stored = database.ask(counted)
    project.destroy()
    left = database.ask(counted)

    assert thread is not None
    assert thread.metadata == {"project": "quarterly_analysis"}
    assert [each["type"] for each in json.loads(outputs["response_tools"])] == [
        "code_interpreter",
        "file_search",
    ]
    assert found == "metrics.md"
    assert "No changes" in again
    assert stored == (4, 1)
    assert left == (0, 0)
    assert database.conversation(outputs["thread_id"]) is None
    assert list((folder / "threads.db.files").iterdir()) == []


async def passages(client: Any, vector_store_id: str) -> str:
    """Return the name of the document that answers a question best."""
    page = await client.vector_stores.search(vector_store_id, query="return rate above 3 %")
    return str(page.data[0].filename)
