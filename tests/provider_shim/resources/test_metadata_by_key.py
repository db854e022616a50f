"""Metadata by key, on servers of every manner: a model of who wrote what, against the real provider.

Terraform's steps (refresh, plan, apply, import) run in process; an application writes between any two.
"""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.provider_shim.resources.planned import Deployed
from tests.support.faulty import faulty
from tests.support.hostile import Manners, hostile

KEYS, VALUES = st.sampled_from("abc"), st.sampled_from("xy")
CONFIGURED = st.none() | st.dictionaries(KEYS, VALUES)
BY_SERVER = {"made-by": "the server"}, {"seen-by": "the server"}
MANNERS = {
    "replaces": Manners(),
    "merges": Manners(merges=True),
    "adds keys by itself": Manners(added_on_create=BY_SERVER[0], added_on_update=BY_SERVER[1]),
    "merges and adds": Manners(merges=True, added_on_create=BY_SERVER[0], added_on_update=BY_SERVER[1]),
}


class Writers(RuleBasedStateMachine):
    """A thread with several writers."""

    manners = Manners()
    kind = "conversations"

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.open = AsyncExitStack()
        self.held: dict[str, str] = {}
        """Pairs in Terraform's state."""
        self.imported: set[str] = set()

    def do(self, what: Any) -> Any:
        return self.runner.run(what)

    @initialize(configured=CONFIGURED)
    def create(self, configured: dict[str, str] | None) -> None:
        async def starting() -> None:
            folder = Path(self.open.enter_context(tempfile.TemporaryDirectory()))
            app = hostile(folder / "threads.db", self.manners)
            self.server = await self.open.enter_async_context(faulty(app, lambda _request, _number: None))
            self.http = await self.open.enter_async_context(
                httpx2.AsyncClient(base_url=self.server.url, trust_env=False)
            )
            self.deployed = await Deployed.on(self.server.url, api=self.kind)
            await self.deployed.apply({"metadata": configured})

        self.do(starting())
        self.held = dict(configured or {})
        assert self.there() == {**self.held, **self.manners.added_on_create}

    def path(self) -> str:
        assert self.deployed.state is not None
        return f"/{self.kind}/{self.deployed.state['id']}"

    def there(self) -> dict[str, str]:
        """Return what the API holds."""
        found: dict[str, str] = self.do(self.http.get(self.path())).json()["metadata"]
        return found

    def write(self, whole: dict[str, str | None]) -> None:
        answer = self.do(self.http.post(self.path(), json={"metadata": whole}))
        assert answer.status_code == 200

    @rule(key=KEYS, value=VALUES)
    def application_sets(self, key: str, value: str) -> None:
        self.write({**self.there(), key: value})

    @rule(key=KEYS)
    def application_removes(self, key: str) -> None:
        self.write(
            {
                **{each: value for each, value in self.there().items() if each != key},
                **({key: None} if self.manners.merges else {}),
            }
        )

    @rule()
    def refresh(self) -> None:
        self.do(self.deployed.read())
        there = self.there()
        self.held = {key: there[key] for key in self.held if key in there}
        self.imported &= set(self.held)

    @rule()
    def imports(self) -> None:
        assert self.deployed.state is not None
        self.do(self.deployed.import_state(self.deployed.state["id"]))
        self.held = self.there()
        self.imported = set(self.held)

    @rule(configured=CONFIGURED)
    def apply(self, configured: dict[str, str] | None) -> None:
        self.refresh()
        configured = configured or {}
        before, writes = self.there(), self.server.posts(self.path())
        removed = set(self.held) - set(configured) - self.imported
        theirs = {key: value for key, value in before.items() if key not in {*removed, *configured}}

        said = self.do(self.deployed.apply({"metadata": configured}))

        after = self.there()
        differs = bool(removed) or any(before.get(key) != value for key, value in configured.items())
        sent = self.server.posts(self.path()) - writes
        added = self.manners.added_on_update if sent else {}
        assert after == {**theirs, **configured, **added}
        assert bool(sent) is differs
        released = self.imported - set(configured)
        summaries = [each.summary for each in said]
        assert ("Released, not deleted" in summaries) is bool(released)
        overwritten = [
            key
            for key in configured
            if key not in self.held and before.get(key, configured[key]) != configured[key]
        ]
        assert ("Metadata of others is overwritten" in summaries) is bool(overwritten)
        self.imported = {key for key in self.imported & set(configured) if self.held[key] == configured[key]}
        self.held = dict(configured)
        self.nothing_is_left_to_do(configured)

    def nothing_is_left_to_do(self, configured: dict[str, str]) -> None:
        self.do(self.deployed.read())
        change = self.do(self.deployed.plan({"metadata": configured}))
        assert change.planned == self.deployed.state
        assert change.diagnostics == []

    @invariant()
    def the_state_holds_ours_and_what_was_imported(self) -> None:
        if hasattr(self, "deployed"):
            assert self.deployed.state is not None
            assert (self.deployed.state["metadata"] or {}) == self.held

    def teardown(self) -> None:
        async def ending() -> None:
            if hasattr(self, "deployed"):
                await self.deployed.provider.close()
            await self.open.aclose()

        self.do(ending())
        self.runner.close()


@pytest.mark.parametrize("kind", ["conversations", "threads"])
@pytest.mark.parametrize("manners", MANNERS)
def test_ours_are_kept_up_and_others_keys_survive_whoever_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, manners: str, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    machine = type("These", (Writers,), {"manners": MANNERS[manners], "kind": kind})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=8, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
