"""Whatever dies, a thread that exists is found again."""

import json
from pathlib import Path

from tests.support.faulty import Fault, Seen
from tests.support.served import ServedApi
from tests.support.terraform import TerraformProject, killed
from tests.support.threads import ADDRESS, ONE, TWO, created, thread


def conversations(api: ServedApi) -> int:
    """Count the conversations that were made and not deleted."""
    return created(api) - sum(each.method == "DELETE" for each in api.seen)


def journal_file(terraform: TerraformProject) -> Path:
    return terraform.folder / ".openai-thread-journal.jsonl"


def journal(terraform: TerraformProject) -> list[dict[str, object]]:
    return [json.loads(line) for line in journal_file(terraform).read_text().splitlines()]


def test_a_thread_made_before_everything_died_is_taken_over(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(thread(api, metadata={"a": "1"}, messages=[ONE, TWO]))
    api.fail("POST", "/items", Fault(commit=True, then="hang"))

    killed(terraform, lambda: any(each.path.endswith("/items") for each in api.seen))
    api.heal()
    terraform.apply()
    state = terraform.state()[ADDRESS]

    assert conversations(api) == 1
    assert api.database.messages(state["id"]) == [("user", "one"), ("assistant", "two")]
    assert terraform.plan().actions == {}


def test_a_thread_whose_id_never_came_is_named_in_a_warning(
    terraform: TerraformProject, api: ServedApi
) -> None:
    def hang(request: Seen, _number: int) -> Fault | None:
        return Fault(commit=True, then="hang") if request.path == "/v1/conversations" else None

    terraform.write(thread(api, messages=[ONE]))
    api.decide = hang

    killed(terraform, lambda: bool(api.seen))
    api.heal()
    said = terraform.plan()

    assert said.warnings[0].summary == "An openai_thread may have been made, its id is not known"


def test_the_journal_holds_neither_text_nor_key(terraform: TerraformProject, api: ServedApi) -> None:
    terraform.environment["OPENAI_API_KEY"] = "sk-canary-in-the-journal"
    terraform.write(thread(api, metadata={"a": "canary"}, messages=[ONE])).apply()

    lines = journal(terraform)

    assert [each["event"] for each in lines] == ["run", "pending", "made"]
    assert "canary" not in json.dumps(lines)
    assert '"one"' not in json.dumps(lines)


def test_a_journal_is_removed_once_terraform_is_seen_to_hold_all_ids(
    terraform: TerraformProject, api: ServedApi
) -> None:
    terraform.write(thread(api, messages=[ONE])).apply()

    there = journal_file(terraform).exists()
    terraform.plan()

    assert (there, journal_file(terraform).exists()) == (True, False)
