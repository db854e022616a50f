"""What the engine lets go of by itself, beside retain_on_destroy: which one wins."""

from typing import Any

import pytest

from provider_shim.system.engine import keeps_what_leaves
from tests.support.environment import engine
from tests.support.served import ServedApi
from tests.support.terraform import TerraformError, TerraformProject

ITEM = {"type": "message", "role": "user", "content": "Of an application"}


def test_terraforms_own_word_wins_and_where_it_asks_the_provider_the_flag_does(
    terraform: TerraformProject, api: ServedApi
) -> None:
    provider = {"provider": {"openai": {"base_url": api.base_url}}}
    threads: dict[str, dict[str, Any]] = {
        "forgotten": {"force_destroy": True},
        "retained": {"retain_on_destroy": True},
        "deleted": {},
    }
    terraform.write({**provider, "resource": {"openai_thread": threads}}).apply()
    ids = {name: terraform.state()[f"openai_thread.{name}"]["id"] for name in threads}

    removed = [
        {"from": f"openai_thread.{name}", "lifecycle": {"destroy": name != "forgotten"}} for name in threads
    ]
    said = terraform.write({**provider, "removed": removed}).apply()

    assert terraform.state() == {}
    assert [name for name in threads if api.database.conversation(ids[name])] == ["forgotten", "retained"]
    named = "".join(each.detail for each in said.warnings if "retain_on_destroy" in each.detail)
    assert ids["retained"] in named
    assert ids["forgotten"] not in named


@pytest.fixture
def passing_over(terraform: TerraformProject) -> TerraformProject:
    """Return a folder for an engine that has lifecycle.destroy in a resource."""
    version = terraform.version()
    if not keeps_what_leaves(str(engine().resolve()), "{}.{}".format(*version)):
        pytest.skip("no lifecycle.destroy in a resource before Terraform 1.16 and OpenTofu 1.12")
    return terraform


def test_what_a_resource_is_told_to_leave_stays_whatever_the_flags_say(
    passing_over: TerraformProject, api: ServedApi
) -> None:
    provider = {"provider": {"openai": {"base_url": api.base_url}}}
    flags: dict[str, dict[str, Any]] = {
        "plain": {},
        "forced": {"force_destroy": True},
        "retained": {"retain_on_destroy": True},
    }

    def write(**texts: str) -> dict[str, str]:
        """Configure each thread with one message; return the ids in the state."""
        threads = {
            name: {
                **flags[name],
                "messages": [{"role": "user", "content": text}],
                "lifecycle": {"destroy": False},
            }
            for name, text in texts.items()
        }
        passing_over.write({**provider, "resource": {"openai_thread": threads}})
        return {address.partition(".")[2]: each["id"] for address, each in passing_over.state().items()}

    async def somebody_writes(client: Any) -> None:
        for identifier in old.values():
            await client.conversations.items.create(identifier, items=[ITEM])

    write(plain="A", forced="A", retained="A")
    passing_over.apply()
    old = write(plain="B", forced="B", retained="B")
    api.database.ask(somebody_writes)
    with pytest.raises(TerraformError) as refused:
        passing_over.plan()
    write(plain="A", forced="B", retained="B")
    replaced = passing_over.plan()
    passing_over.apply_plan()
    new = write(plain="A", forced="B", retained="B")
    destroyed = passing_over.plan("-destroy")
    passing_over.execute("apply", "plan.bin")  # OpenTofu calls it an error that something is left

    (said,) = refused.value.errors
    assert "not told of lifecycle.destroy = false: set retain_on_destroy beside it" in said.detail
    assert [each.address for each in replaced.warnings] == ["openai_thread.retained"]
    assert "Not with lifecycle.destroy = false" in replaced.warnings[0].detail
    assert destroyed.warnings == []
    assert passing_over.state() == {}
    assert new["plain"] == old["plain"]
    assert all(api.database.conversation(each) for each in [*old.values(), *new.values()])
