"""The matching against a model: random runs that plan, make, die, import and forget to store.

The model knows what nobody can see: which account made an object, and in which states it is.
"""

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from provider_shim.journal.journal import Journal
from provider_shim.journal.matches import Account, Standing
from provider_shim.journal.records import Run

ACCOUNTS = {"a": Account("key a", ("org", "a")), "b": Account("key b", ("org", "b"))}
CONTENTS = ("one", "two")
TYPE = "openai_thread"
Owner = Literal["a", "b"]


@dataclass
class Made:
    """An object at the API, as the model knows it."""

    owner: Owner
    content: str
    stored: bool = False
    given: int = 0
    """To how many resources of the stack it was given, in a state or on its way there."""
    said: bool = False


@dataclass
class Engine:
    """A run of Terraform: two providers by alias, and what its state will be once it is stored."""

    name: str
    journals: dict[Owner, Journal] = field(default_factory=dict)
    new: list[str] = field(default_factory=list)


class Runs(RuleBasedStateMachine):
    """One stack, one journal, two accounts, equal contents."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / "journal.jsonl"
        self.objects: dict[str, Made] = {}
        self.runs = 0
        self.engine = Engine("")

    @initialize()
    def begin(self) -> None:
        self.start()

    def start(self) -> None:
        self.runs += 1
        self.engine = Engine(f"engine {self.runs}")

    def journal(self, owner: Owner) -> Journal:
        """Return the provider of an alias; Terraform starts it when it is needed.

        One at a time: locks belong to the process, and all are in this one.
        """
        if owner not in self.engine.journals:
            for other in list(self.engine.journals):
                self.engine.journals.pop(other).close()
            name = self.engine.name
            known = ACCOUNTS[owner]
            self.engine.journals[owner] = Journal(
                self.path, lambda: Run(0, name, stack="stack"), lambda: known, "https://api.example"
            )
        return self.engine.journals[owner]

    @property
    def state(self) -> set[str]:
        return {each for each, made in self.objects.items() if made.stored}

    @rule(
        owner=st.sampled_from(["a", "b"]),
        content=st.sampled_from(CONTENTS),
        readable=st.booleans(),
        ended=st.booleans(),
    )
    def create(self, owner: Owner, content: str, *, readable: bool, ended: bool) -> None:
        """Make a resource, which takes over what an earlier run has made.

        Terraform ends a provider when that provider's own resources are done, and starts it again if need be.
        """
        if ended and owner in self.engine.journals:
            self.engine.journals.pop(owner).close()
        journal, state = self.journal(owner), self.state
        free = {
            identifier
            for identifier, made in self.objects.items()
            if made.owner == owner and made.content == content and not made.given
        }
        pending = journal.begin(TYPE, content, None, state if readable else None)
        for record in pending.named:
            assert record.id is not None
            assert record.id not in self.engine.new
            self.objects[record.id].said = True
        identifier = pending.adopted or f"conv_{len(self.objects) + 1}"
        if pending.adopted is not None:
            assert readable
            assert pending.adopted in free
        elif readable:
            assert not free
            self.objects[identifier] = Made(owner, content)
        else:
            assert all(self.objects[each].said for each in free)
            self.objects[identifier] = Made(owner, content)
        self.objects[identifier].given += 1
        self.engine.new.append(identifier)
        pending.made(identifier)

    @rule(owner=st.sampled_from(["a", "b"]), content=st.sampled_from(CONTENTS))
    def plan(self, owner: Owner, content: str) -> None:
        """Plan a create: no word of what is in the state, of another account, or of this run."""
        for record, what in self.journal(owner).judged(TYPE, content, self.state):
            assert record.id is not None
            made = self.objects[record.id]
            assert made.owner == owner
            assert record.id not in self.engine.new
            assert (what is Standing.STORED) == made.stored

    @rule(owner=st.sampled_from(["a", "b"]))
    def refresh(self, owner: Owner) -> None:
        """Read what is in the state."""
        self.journal(owner).stored(*(each for each in self.state if self.objects[each].owner == owner))

    @rule()
    def stores(self) -> None:
        """End the run in order."""
        for identifier in self.engine.new:
            self.objects[identifier].stored = True
        self._end()

    @rule()
    def dies(self) -> None:
        """End the run before its state was stored: nobody has what it made."""
        for identifier in self.engine.new:
            made = self.objects[identifier]
            made.given -= 1
        self._end()

    def _end(self) -> None:
        for each in self.engine.journals.values():
            each.close()
        self.start()

    @invariant()
    def no_object_is_in_two_resources(self) -> None:
        assert all(made.given <= 1 for made in self.objects.values())

    @invariant()
    def no_id_is_forgotten(self) -> None:
        known = self.journal("a").anew()
        ids = {record.id for record in known.values()}

        assert {each for each, made in self.objects.items() if not made.stored} <= ids

    def teardown(self) -> None:
        for each in self.engine.journals.values():
            each.close()
        self.folder.cleanup()


Runs.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestRuns = Runs.TestCase
