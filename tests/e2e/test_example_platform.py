"""examples/platform with the real cdktf: three stacks deployed, changed and destroyed together."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.cdktf_project import CdktfError, CdktfProject
from tests.support.database import Database
from tests.support.example import Example, counted

STACKS = ("knowledge", "threads", "app")
TEAMS = ("billing", "orders", "returns")


@pytest.mark.cdktf
def test_a_change_of_knowledge_flows_through_three_stacks_and_destroy_leaves_nothing(tmp_path: Path) -> None:
    project = Example("platform", tmp_path)
    database = Database(project.folder / "platform.db")
    article = project.folder / "articles" / "returns.md"

    project.deploy("*", "--outputs-file", "outputs.json")
    given = outputs(project)
    before = metadata(database, given)
    unchanged = [project.stack(name).is_unchanged() for name in STACKS]
    article.write_text(article.read_text() + "\nShoes can be returned within 60 days.\n")
    changed = project.deploy("*", "--outputs-file", "outputs.json")
    after = metadata(database, given)
    found = database.ask(lambda client: answered(client, given))
    destroyed = project.destroy("*")

    assert unchanged == [True, True, True]
    assert outputs(project) == given
    assert {name: {**pairs, "knowledge": ""} for name, pairs in before.items()} == {
        **{team: {"team": team, "stage": "staging", "knowledge": ""} for team in TEAMS},
        "escalations": {"team": "support", "stage": "staging", "knowledge": ""},
    }
    assert len({pairs["knowledge"] for pairs in before.values()}) == 1
    assert {pairs["knowledge"] for pairs in before.values()}.isdisjoint(
        pairs["knowledge"] for pairs in after.values()
    )
    assert "within 60 days" in found
    assert_in_order(
        changed,
        "openai_file.returns: Creation complete",
        "openai_vector_store.articles: Modifications complete",
        "openai_file.returns (deposed object",
    )
    assert_in_order(destroyed, "openai_thread.escalations: Destr", "openai_file.returns: Destr")
    assert database.ask(counted) == (0, 0)
    assert metadata(database, given) == {}


def test_production_retains_its_threads_and_the_policy_sees_that_it_does(tmp_path: Path) -> None:
    project = Example("platform", tmp_path, environment={"STAGE": "production"})
    project.synth()
    written = json.loads((project.folder / "cdktf.out/stacks/threads/cdk.tf.json").read_text())
    program = (project.folder / "main.py").read_text()
    careless = program.replace('retain=stage == "production"', "retain=False")
    with pytest.raises(CdktfError) as raised:
        project.write(careless).synth()

    assert program != careless
    kinds = ("openai_thread", "openai_thread_set")
    made = [each for kind in kinds for each in written["resource"][kind].values()]
    assert [each["retain_on_destroy"] for each in made] == [True] * 2
    for refused in (
        "[threads/teams] production needs retain_on_destroy=True: billing",
        "[threads/escalations] production needs retain_on_destroy=True: thread",
    ):
        assert refused in raised.value.output


def assert_in_order(said: str, *parts: str) -> None:
    """Assert that a text has each of the parts, one behind the other."""
    found = [said.find(part) for part in parts]

    assert -1 not in found, said
    assert found == sorted(found)


def outputs(project: CdktfProject) -> dict[str, Any]:
    """Return what the application is given."""
    return dict(json.loads((project.folder / "outputs.json").read_text())["app"])


def metadata(database: Database, given: dict[str, Any]) -> dict[str, Any]:
    """Return the metadata of each thread that the API has."""
    ids = {**given["conversations"], "escalations": given["escalations"]}
    threads = {team: database.conversation(id_) for team, id_ in ids.items()}
    return {team: thread.metadata for team, thread in threads.items() if thread is not None}


async def answered(client: Any, given: dict[str, Any]) -> str:
    """Search as the application does: with the tools that it was given."""
    (tool,) = json.loads(given["tools"])
    (store,) = tool["vector_store_ids"]
    page = await client.vector_stores.search(store, query="how long can shoes be returned")
    return str(page.data[0].content[0].text)
