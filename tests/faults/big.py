"""Large stacks and odd texts, planned and applied by the real Terraform."""

import time
from typing import Any, Final

import pytest

from tests.faults.ground import Ground, Site, report, site
from tests.support.cdktf_project import CdktfError, CdktfProject
from tests.support.terraform import TerraformError
from tests.support.threads import ADDRESS

PLANES: Final = "".join(chr(plane << 16 | 0x2345) for plane in range(17)) + "\U0010ffff\ufffe\ufeff\u202e\x7f"
"""A character of each of Unicode's planes, and some that programs trip over."""
BEYOND: Final = 2**53 + 1
"""The first whole number that a float can't hold."""

PROGRAM: Final = """
from cdktf import App, TerraformStack
from cdktf_openai_thread import OpenaiProvider, Thread

app = App()
stack = TerraformStack(app, "support")
OpenaiProvider(stack, "openai", base_url={base_url!r})
Thread(stack, "thread", messages=[{{"role": "user", "content": "a\\ud800b"}}])
app.synth()
"""


def stack(ground: Ground, threads: dict[str, dict[str, Any]]) -> None:
    """Write a stack on the embedded API."""
    configuration = {"provider": {"openai": {"base_url": ground.database.base_url}}}
    ground.terraform.write({**configuration, "resource": {"openai_thread": threads}})


def message(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def large_message(place: Site, size: int = 2**20) -> bool:
    """Tell whether a message of this many characters comes back as it was, and plans no change."""
    text = "".join(chr(0x61 + number % 26) for number in range(size))
    with place.ground() as (ground, _):
        stack(ground, {"it": {"messages": [message(text)]}})
        ground.terraform.apply()
        [identifier] = ground.objects("openai_thread")
        same = ground.database.messages(identifier) == [("user", text)]
        return same and ground.terraform.plan().actions == {}


def many_messages(place: Site, count: int = 2_000) -> dict[str, object]:
    """Apply a thread of so many messages, append one, and plan."""
    with place.ground() as (ground, _):
        messages = [message(f"message {number}") for number in range(count)]
        began = time.monotonic()
        stack(ground, {"it": {"messages": messages}})
        ground.terraform.apply()
        stack(ground, {"it": {"messages": [*messages, message("one more")]}})
        said = ground.terraform.apply()
        seconds = time.monotonic() - began
        state = ground.terraform.state()[ADDRESS]
        there = ground.database.messages(state["id"])
        return {
            "messages": len(there),
            "in_order": [text for _, text in there] == [each["content"] for each in state["messages"]],
            "appended_in_place": said.actions == {ADDRESS: "update"},
            "second_plan": ground.terraform.plan().actions,
            "seconds": round(seconds, 1),
        }


def many_threads(place: Site, count: int = 3_000) -> dict[str, object]:
    """Plan and apply so many threads, and plan again."""
    with place.ground() as (ground, _):
        ground.terraform.seconds = 900
        stack(ground, {f"t{number}": {"metadata": {"n": f"{number}"}} for number in range(count)})
        began = time.monotonic()
        ground.terraform.plan()
        planned = time.monotonic()
        ground.terraform.apply_plan()
        applied = time.monotonic()
        again = ground.terraform.plan().actions
        planned_again = time.monotonic()
        made = len(ground.objects("openai_thread"))
        unsettled = len(ground.journal)
        ground.terraform.destroy()
        return {
            "threads": made,
            "second_plan": again,
            "unsettled": unsettled,
            "left": len(ground.objects("openai_thread")),
            "seconds": {
                "plan": round(planned - began, 1),
                "apply": round(applied - planned, 1),
                "second plan": round(planned_again - applied, 1),
                "destroy": round(time.monotonic() - planned_again, 1),
            },
        }


def odd_text(place: Site, text: str) -> bool:
    """Tell whether a text comes back as it was, as content and as metadata, and plans no change."""
    with place.ground() as (ground, _):
        stack(ground, {"it": {"metadata": {text[:10]: text}, "messages": [message(text)]}})
        ground.terraform.apply()
        state = ground.terraform.state()[ADDRESS]
        kept = ground.database.conversation(state["id"])
        assert kept is not None
        same = (
            ground.database.messages(state["id"]) == [("user", state["messages"][0]["content"])]
            and kept.metadata == state["metadata"]
        )
        return same and ground.terraform.plan().actions == {}


def half_a_pair(place: Site) -> dict[str, str]:
    """Give half a surrogate pair in Python and in HCL, which has it from JSON; return what comes of it."""
    with place.ground() as (ground, _):
        program = PROGRAM.format(base_url=ground.database.base_url)
        project = CdktfProject(ground.database.path.parent / "project").write(program)
        with pytest.raises(CdktfError) as failed:
            project.synth()
        assert "Traceback" not in failed.value.output
        stack(ground, {"it": {"messages": [message("a\ud800b")]}})
        assert "\\ud800" in (ground.terraform.folder / "main.tf.json").read_text()
        ground.terraform.apply()  # Terraform's own JSON reader makes it U+FFFD
        return {
            "python": " ".join(failed.value.output.split())[-400:],
            "hcl": ground.terraform.state()[ADDRESS]["messages"][0]["content"],
        }


def large_number(place: Site) -> bool:
    """Tell whether a number beyond 2**53, where one is allowed, comes back with all its digits."""
    with place.ground() as (ground, _):
        stack(ground, {"it": {"metadata": {"number": f"{BEYOND}"}}})
        text = ground.terraform.folder / "main.tf.json"
        text.write_text(text.read_text().replace(f'"number": "{BEYOND}"', f'"number": {BEYOND}'))
        ground.terraform.apply()
        kept = ground.terraform.state()[ADDRESS]["metadata"]["number"]
        return bool(kept == f"{BEYOND}") and ground.terraform.plan().actions == {}


def refused(place: Site, name: str, value: Any) -> str:
    """Return what is said of a value that no API could take."""
    with place.ground() as (ground, _):
        configuration = {"provider": {"openai": {"base_url": ground.database.base_url}}}
        if name == "timeout":
            configuration["provider"]["openai"][name] = value
            thread: dict[str, Any] = {}
        else:
            thread = {"messages": [message(value)]}
        ground.terraform.write({**configuration, "resource": {"openai_thread": {"it": thread}}})
        with pytest.raises(TerraformError) as failed:
            ground.terraform.apply()
        assert "Traceback" not in failed.value.output
        return " | ".join(f"{each.summary}: {each.detail}" for each in failed.value.errors)[:300]


def main() -> None:
    """Everything once."""
    with site() as place:
        report("A message of 1 MiB", same_and_no_change=large_message(place))
        report("Messages in a thread", **many_messages(place))
        report("Every Unicode plane", same_and_no_change=odd_text(place, PLANES))
        report("NUL in a message", said=refused(place, "content", "a\0b"))
        report("Half a surrogate pair", **half_a_pair(place))
        report("timeout = 2**53 + 1", said=refused(place, "timeout", BEYOND))
        report("A number beyond 2**53", same_and_no_change=large_number(place))
        report("Threads in a stack", **many_threads(place))


if __name__ == "__main__":
    main()
