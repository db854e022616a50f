"""What destroys what, with the real Terraform: the rows of ownership_table.py, and the page that tells them.

Rows that one run of Terraform can try at once share a stack; each is a thread of its own in it.
"""

import json
import re
import threading
from collections.abc import Collection
from typing import Any

import pytest
from openai import NotFoundError

from tests.support.command_line import run
from tests.support.environment import ROOT
from tests.support.faulty import Fault, Seen
from tests.support.ownership_table import (
    DOCUMENTED,
    TABLE,
    Row,
    Stack,
    expected,
    pairwise,
    stacks,
)
from tests.support.served import ServedApi
from tests.support.terraform import Diagnostic, Said, TerraformError, TerraformProject

CUSTOMER = "What a customer wrote"
SEEDED = ("one", "two", "three")
ELSEWHERE = "-state=elsewhere.tfstate"
"""Where nobody else finds the state: who asks Terraform for it is given an empty one."""
ELSEWHERE_SAID = "Deprecated flag: -state"
BROKEN = Fault(status=400, body='{"error": {"message": "Not now", "type": "invalid_request_error"}}')
SAID = {
    "error": r"(Replacing|Destroying) a thread that others have written to",
    "missing": "Messages are missing, and others have written to the thread",
    "unsure": r"Replacing a thread that others may have written to",
    "left over": "A thread that others have written to is left over",
    "stays": "The thread stays at the API",
}
FATE_SAID = {
    "kept": "The thread is kept: others have written to it",
    "retained": "The thread stays at the API",
}
WAYS_OUT = (
    "force_destroy = true",
    "retain_on_destroy = true",
    "OPENAI_THREAD_FORCE_DESTROY=true",
    "OPENAI_THREAD_RETAIN_ON_DESTROY=true",
)


class Trial:
    """A stack, from its first apply to the plan after the event."""

    def __init__(self, terraform: TerraformProject, api: ServedApi, rows: list[Row]) -> None:
        self.terraform, self.api, self.rows = terraform, api, rows
        self.event, self.kind, self.everywhere = rows[0].event, rows[0].api, rows[0].everywhere
        self.options = [ELSEWHERE] if self.event == "state out of reach" else []
        self.ids: list[str] = []
        self.problems: list[str] = []

    def run(self) -> list[str]:
        """Let it happen; return what is not as the rules promise."""
        self.write(event=False)
        self.terraform.apply(*self.options)
        if self.event == "deposed":
            self.fail_to_delete()
        else:
            self.ids = self.threads_in_state()
        later = self.event in ("saved plan", "saved destroy plan", "second writer")
        if self.event == "drift":
            self.lose_a_message()
        if self.event == "tainted":
            for number in range(len(self.rows)):
                self.terraform.run("taint", address(number))
        if not later:
            self.customers_write()
        self.write(event=True)
        if expected(self.rows[0]).plan == "error":
            self.refused()
            return self.problems
        planned = self.terraform.plan(*self.plan_options())
        self.check_plan(planned)
        if self.event == "second writer":
            self.write_during_the_apply()
        elif later:
            self.customers_write()
        applied = self.terraform._report("apply", *self.options, "plan.bin")
        self.check_fate(applied)
        self.check_after()
        return self.problems

    # --- what happens -------------------------------------------------------------------

    def write(self, *, event: bool) -> None:
        """Write the configuration, as it was before the event or as it is with it."""
        provider = {"base_url": self.api.base_url, "api": self.kind, "max_retries": 0}
        self.terraform.environment.pop("OPENAI_THREAD_FORCE_DESTROY", None)
        self.terraform.environment.pop("OPENAI_THREAD_RETAIN_ON_DESTROY", None)
        if event and self.everywhere:
            flag, _, place = self.everywhere.partition(" in the ")
            if place == "provider":
                provider[flag] = True
            else:
                self.terraform.environment[f"OPENAI_THREAD_{flag.upper()}"] = "true"
        resources: dict[str, dict[str, Any]] = {}
        if not (event and self.event == "removed"):
            for number, row in enumerate(self.rows):
                self.write_row(resources, number, row, event=event)
        configuration: dict[str, Any] = {"provider": {"openai": provider}}
        self.terraform.write(configuration | ({"resource": resources} if resources else {}))

    def write_row(self, resources: dict[str, dict[str, Any]], number: int, row: Row, *, event: bool) -> None:
        content = ("content changed", "saved plan", "second writer", "state out of reach")
        changed = event and self.event in content
        if self.event == "deposed" and (event or self.ids):
            changed = True
        texts = (SEEDED[0], "another", SEEDED[2]) if changed else SEEDED
        thread: dict[str, Any] = {
            "messages": [{"role": "user", "content": text} for text in texts],
            "lifecycle": {"create_before_destroy": row.order == "create first"},
        }
        if row.place in ("both", "new" if event else "old"):
            thread[row.flag] = True
        if self.event == "replace_triggered_by":
            trigger = {"input": "after" if event else "before"}
            resources.setdefault("terraform_data", {})[f"row_{number}"] = trigger
            thread["lifecycle"]["replace_triggered_by"] = [f"terraform_data.row_{number}"]
        resources.setdefault("openai_thread", {})[f"row_{number}"] = thread
        if row.own:
            message = {"thread_id": f"${{{address(number)}.id}}", "role": "user", "content": "of the stack"}
            resources.setdefault("openai_message", {})[f"row_{number}"] = message

    def plan_options(self) -> list[str]:
        if self.event in ("destroy", "saved destroy plan"):
            return ["-destroy"]
        if self.event == "-replace":
            return [f"-replace={address(number)}" for number in range(len(self.rows))]
        return self.options

    def customers_write(self) -> None:
        bodies = [
            (thread, {"role": "user", "content": CUSTOMER})
            for thread, row in zip(self.ids, self.rows, strict=True)
            if row.others
        ]
        self.say(bodies)

    def say(self, bodies: list[tuple[str, dict[str, str]]]) -> None:
        async def adding(client: Any) -> None:
            for thread, body in bodies:
                if self.kind == "threads":
                    await client.post(f"/threads/{thread}/messages", body=body, cast_to=object)
                else:
                    items = [{"type": "message", **body}]
                    await client.post(f"/conversations/{thread}/items", body={"items": items}, cast_to=object)

        self.api.database.ask(adding)

    def lose_a_message(self) -> None:
        """Delete the first seeded message of each thread: no later one can take its place."""

        async def deleting(client: Any) -> None:
            for values in self.in_state("openai_thread").values():
                parts = "messages" if self.kind == "threads" else "items"
                path = f"/{self.kind}/{values['id']}/{parts}/{values['message_ids'][0]}"
                await client.delete(path, cast_to=object)

        self.api.database.ask(deleting)

    def fail_to_delete(self) -> None:
        """Change the content while nothing can be deleted: the old threads are left over, deposed."""
        self.ids = self.threads_in_state()

        def decide(request: Seen, _number: int) -> Fault | None:
            whole = len(request.path.split("?")[0].removeprefix("/v1/").split("/")) == 2
            return BROKEN if request.method == "DELETE" and whole else None

        self.api.decide = decide
        self.write(event=False)
        with pytest.raises(TerraformError, match="Not now"):
            self.terraform.apply()
        self.api.heal()

    def write_during_the_apply(self) -> None:
        """Let customers write when the apply makes its first call: a second writer beside it."""
        done: list[bool] = []

        def decide(_request: Seen, _number: int) -> Fault | None:
            if not done:
                done.append(True)
                writer = threading.Thread(target=self.customers_write)
                writer.start()
                writer.join()
            return None

        self.api.decide = decide

    # --- what is promised ---------------------------------------------------------------

    def refused(self) -> None:
        """Expect an error for each thread, nothing done, and nothing stuck once the change is taken back."""
        with pytest.raises(TerraformError) as failed:
            self.terraform.plan(*self.plan_options())
        for number, row in enumerate(self.rows):
            found = about(self.ids[number], failed.value.errors)
            every = "\n".join(map(str, failed.value.errors))
            self.expect(row, len(found) == 1, f"{len(found)} errors. All:\n{every}")
            for each in found:
                self.expect(row, re.fullmatch(SAID["error"], each.summary), f"says {each.summary}")
                self.expect(row, "holds 1 item " in each.detail, f"the number is wrong: {each.detail}")
                self.expect(
                    row, all(way in each.detail for way in WAYS_OUT), f"a way is missing: {each.detail}"
                )
            self.expect_fate(row, number, "untouched", "")
        self.write(event=False)
        self.expect_nothing_to_do(self.terraform.plan(*self.options))

    def check_plan(self, said: Said) -> None:
        for number, row in enumerate(self.rows):
            promised = expected(row)
            does: str | None = promised.plan
            if promised.plan == "no change":
                does = "update" if row.place == "old" else None  # the flag alone leaves the state
            if self.event != "deposed":  # Terraform's report does not count what is deposed
                self.expect(
                    row,
                    said.actions.get(address(number)) == does,
                    f"plans {said.actions.get(address(number))}",
                )
            found = about(self.ids[number], said.warnings)
            summaries = [each.summary for each in found]
            right = (
                len(found) == 1 and re.fullmatch(SAID[promised.says], summaries[0])
                if promised.says
                else not found
            )
            self.expect(row, right, f"the plan says {summaries}, and not {promised.says or 'nothing'}")
        self.nothing_else(said.warnings)

    def check_fate(self, said: Said) -> None:
        arguments = ["orphans", "--base-url", self.api.base_url]
        listed = run(*arguments, cwd=self.terraform.folder, **self.terraform.environment)
        # Where the state is out of reach, orphans can't tell what is in it, and says so with its exit code.
        unknown = self.rows[0].event == "state out of reach"
        self.expect(self.rows[0], unknown or not listed.returncode, f"orphans ends with {listed.returncode}")
        for number, row in enumerate(self.rows):
            fate, thread = expected(row).fate, self.ids[number]
            self.expect_fate(row, number, fate, listed.stdout)
            found = about(thread, said.warnings)
            if row.flag == "retain_on_destroy" and fate == "kept":
                continue
            # What is updated or deposed is planned again by the apply, and the plan's word with it.
            again = {SAID[says] for says in ("missing", "left over") if says == expected(row).says}
            summaries = sorted({each.summary for each in found} - again)
            promised = [FATE_SAID[fate]] if fate in FATE_SAID else []
            self.expect(row, summaries == promised, f"the apply says {summaries}, and not {promised}")
        self.nothing_else(said.warnings)

    def expect_fate(self, row: Row, number: int, fate: str, listed: str) -> None:
        there = self.texts(self.ids[number])
        self.expect(
            row,
            (there is None) == (fate == "deleted"),
            f"is {'gone' if there is None else 'there'}, not {fate}",
        )
        if there is not None and row.others:
            self.expect(row, CUSTOMER in there, f"has lost what the customer wrote: {there}")
        kept = fate in FATE_SAID
        self.expect(row, (self.ids[number] in listed) is kept, f"orphans {'lacks' if kept else 'lists'} it")

    def check_after(self) -> None:
        if self.event in ("destroy", "saved destroy plan"):
            self.expect(self.rows[0], not self.in_state("openai_thread"), "something is left in the state")
            return
        said = self.terraform.plan(*self.options)
        self.expect_nothing_to_do(said)
        self.expect(self.rows[0], not self.deposed(), "something deposed is left in the state")
        now = self.in_state("openai_thread")
        for number, row in enumerate(self.rows):
            if expected(row).plan == "replace":
                new = now[f"row_{number}"]["id"]
                self.expect(row, new not in self.ids, "was not replaced")
                self.expect(row, self.texts(new) is not None, "the new one does not exist")

    def expect_nothing_to_do(self, said: Said) -> None:
        self.expect(self.rows[0], not said.actions, f"the plan after it is not empty: {said.actions}")
        for number, row in enumerate(self.rows):
            found = [each.summary for each in about(self.ids[number], said.warnings)]
            again = [SAID["missing"]] if expected(row).says == "missing" else []
            self.expect(row, found == again, f"the plan after it says {found}")
        self.nothing_else(said.warnings)

    def nothing_else(self, said: Collection[Diagnostic]) -> None:
        """Expect no word about anything but the threads of the rows."""
        rest = [
            each
            for each in said
            if not any(thread in each.detail for thread in self.ids) and each.summary != ELSEWHERE_SAID
        ]
        self.expect(self.rows[0], not rest, f"something else is said: {[str(each) for each in rest]}")

    def expect(self, row: Row, right: object, problem: str) -> None:
        if not right:
            self.problems.append(f"{row}: {problem}")

    # --- looking ------------------------------------------------------------------------

    def texts(self, thread: str) -> list[str] | None:
        """Return what is in a thread, None if there is no such thread."""
        parts = "messages" if self.kind == "threads" else "items"

        async def reading(client: Any) -> list[str] | None:
            answer = await client.get(
                f"/{self.kind}/{thread}/{parts}?limit=100", cast_to=dict[str, Any], options={"max_retries": 0}
            )
            return re.findall(r'"(?:text|value)": "([^"]*)"', json.dumps(answer["data"]))

        try:
            return self.api.database.ask(reading)
        except NotFoundError:
            return None

    def state(self) -> list[dict[str, Any]]:
        name = "elsewhere.tfstate" if self.options else "terraform.tfstate"
        resources: list[dict[str, Any]] = json.loads((self.terraform.folder / name).read_text())["resources"]
        return resources

    def in_state(self, type_name: str) -> dict[str, dict[str, Any]]:
        return {
            each["name"]: instance["attributes"]
            for each in self.state()
            if each["type"] == type_name
            for instance in each["instances"]
            if "deposed" not in instance
        }

    def deposed(self) -> list[str]:
        return [
            each["name"] for each in self.state() for instance in each["instances"] if "deposed" in instance
        ]

    def threads_in_state(self) -> list[str]:
        held = self.in_state("openai_thread")
        return [held[f"row_{number}"]["id"] for number in range(len(self.rows))]


def address(number: int) -> str:
    return f"openai_thread.row_{number}"


def about(thread: str, said: Collection[Diagnostic]) -> list[Diagnostic]:
    return [each for each in said if re.search(rf"{re.escape(thread)}\b", each.detail)]


def _named(stack: Stack) -> str:
    event, api, everywhere, error = stack
    return ", ".join(filter(None, (event, api, everywhere, "error" * error)))


def _stacks(rows: list[Row]) -> list[Any]:
    return [pytest.param(which, id=_named(stack)) for stack, which in stacks(rows).items()]


def test_the_page_tells_what_the_table_promises() -> None:
    page = (ROOT / "docs/explanation/ownership.md").read_text()
    held = page.partition("<!-- test: table held by tests/e2e/test_ownership.py -->")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in held.splitlines()[3:]]
    told = {event: (plan, apply) for event, plan, apply in rows}
    plans = {
        ("error", "error"): "error",
        ("no change", "missing"): "no change",
        ("replace", "unsure"): "a warning",
        ("delete", "left over"): "a warning",
        ("replace", ""): "as ",
        ("delete", ""): "as ",
    }

    assert set(told) == set(DOCUMENTED.values())
    for row in TABLE:
        if row.flag == "no flag" and row.others:
            promised = expected(row)
            plan, apply = told[DOCUMENTED[row.event]]
            assert plan.startswith(plans[promised.plan, promised.says]), row
            assert (apply == "\N{EN DASH}") is (promised.fate == "untouched"), row
            assert ("kept" in apply) is (promised.fate == "kept"), row


@pytest.mark.table
@pytest.mark.parametrize("rows", _stacks(TABLE))
def test_the_whole_table(terraform: TerraformProject, api: ServedApi, rows: list[Row]) -> None:
    problems = Trial(terraform, api, rows).run()

    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("rows", _stacks(pairwise(TABLE)))
def test_rows_in_which_every_two_circumstances_meet(
    terraform: TerraformProject, api: ServedApi, rows: list[Row]
) -> None:
    problems = Trial(terraform, api, rows).run()

    assert not problems, "\n".join(problems)
