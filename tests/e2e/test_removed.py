"""A removed block beside retain_on_destroy: which one wins."""

from typing import Any

from tests.support.served import ServedApi
from tests.support.terraform import TerraformProject


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
