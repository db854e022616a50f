"""What destroys what: every event, and what happens to the thread. Pure.

A row is one thread in one situation. `expected` says what the rules promise for it; test_ownership.py
holds the real Terraform against that, and docs/explanation/ownership.md tells it in prose.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

Event = Literal[
    "content changed",
    "drift",
    "-replace",
    "tainted",
    "replace_triggered_by",
    "destroy",
    "removed",
    "saved plan",
    "saved destroy plan",
    "second writer",
    "deposed",
    "state out of reach",
]
Api = Literal["conversations", "threads"]
Order = Literal["delete first", "create first"]
Flag = Literal["no flag", "force_destroy", "retain_on_destroy"]
Place = Literal["nowhere", "old", "new", "both", "provider", "environment"]

EVENTS: tuple[Event, ...] = Event.__args__  # type: ignore[attr-defined]
APIS: tuple[Api, ...] = ("conversations", "threads")
ORDERS: tuple[Order, ...] = ("delete first", "create first")
FLAGS: tuple[tuple[Flag, Place], ...] = (
    ("no flag", "nowhere"),
    *(
        (flag, place)
        for flag in ("force_destroy", "retain_on_destroy")
        for place in ("old", "new", "both", "provider", "environment")
    ),
)
EVERYWHERE = ("provider", "environment")
"""Places of a flag that holds for a whole stack, and that is set with the event."""
BY_ITS_STATE = ("destroy", "saved destroy plan", "removed", "deposed")
"""Events in which the object goes without a successor that a plan knows of."""
WRITTEN_LATER = ("saved plan", "saved destroy plan", "second writer")
"""Events in which others write only after the plan."""


DOCUMENTED: Mapping[Event, str] = {
    "content changed": "a change that makes a new object",
    "-replace": "`-replace`",
    "replace_triggered_by": "`replace_triggered_by`",
    "destroy": "destroy",
    "removed": "removal from the configuration",
    "drift": "drift that only a new object could repair",
    "tainted": "tainted",
    "saved plan": "a saved plan, and items written after it",
    "saved destroy plan": "a saved plan of a destroy, and items written after it",
    "second writer": "a second writer beside the apply",
    "deposed": "left over from a failed apply with `create_before_destroy` (deposed)",
    "state out of reach": "the state can't be read, and so not which messages are the stack's own",
}
"""How docs/explanation/ownership.md calls the events."""


class Row(NamedTuple):
    """One thread, and what happens to it."""

    event: Event
    api: Api
    order: Order
    flag: Flag
    place: Place
    own: bool
    """Whether an openai_message of the stack is in the thread."""
    others: bool
    """Whether a customer's message is in the thread."""

    @property
    def everywhere(self) -> str:
        """The flag that the whole stack has, "" if none."""
        return f"{self.flag} in the {self.place}" if self.place in EVERYWHERE else ""

    def __str__(self) -> str:
        flag = self.flag if self.flag == "no flag" else f"{self.flag} {self.place}"
        return (
            f"{self.event}, {self.api}, {self.order}, {flag}, "
            f"{'own messages' if self.own else 'none of its own'}, {'others' if self.others else 'nobody'}"
        )


class Expected(NamedTuple):
    """What the rules promise for a row."""

    plan: Literal["error", "no change", "replace", "delete"]
    says: Literal["", "error", "missing", "unsure", "left over", "stays"] = ""
    """What the plan says of the thread, beside what it does."""
    fate: Literal["untouched", "deleted", "kept", "retained"] = "untouched"
    """What became of the thread at the API. Kept and retained ones are listed by orphans."""


def expected(row: Row) -> Expected:
    """Return what the rules promise."""
    going = row.event in BY_ITS_STATE
    planned = row.flag if _reaches(row, by_its_state=going) else "no flag"
    # The deletion of what was replaced create first is told of nothing but the old state.
    deleted = row.flag if _reaches(row, by_its_state=going or row.order == "create first") else "no flag"
    seen = row.others and row.event not in WRITTEN_LATER
    says: Literal["", "missing", "unsure", "left over", "stays"] = ""
    if planned == "no flag" and row.event != "tainted":
        if row.event == "drift" and seen:
            return Expected("no change", "missing")
        if row.event == "state out of reach" and (seen or row.own):
            says = "unsure"
        elif row.event == "deposed" and seen:
            says = "left over"
        elif seen:
            return Expected("error", "error")
    # Terraform shows nothing of the second plan of a replacement that it asks for itself.
    if planned == "retain_on_destroy" and row.event not in ("-replace", "replace_triggered_by", "tainted"):
        says = "stays"
    fate: Literal["deleted", "kept", "retained"] = "deleted"
    if deleted == "retain_on_destroy":
        fate = "retained"
    elif row.others and deleted == "no flag":
        fate = "kept"
    return Expected("delete" if going else "replace", says, fate)


def _reaches(row: Row, *, by_its_state: bool) -> bool:
    """Tell whether the row's flag is heard: what goes has the old one, what is replaced the new one."""
    return row.place in (*EVERYWHERE, "both", "old" if by_its_state else "new")


def _is_possible(row: Row) -> bool:
    match row.event:
        case "removed":
            return row.place not in ("new", "both")
        case "deposed":
            # With retain_on_destroy nothing is deleted, so no deletion fails.
            retained = row.flag == "retain_on_destroy" and row.place in ("old", "both")
            return row.order == "create first" and not retained
        case _:
            return True


TABLE = [
    row
    for event, api, order, (flag, place), own, others in itertools.product(
        EVENTS, APIS, ORDERS, FLAGS, (False, True), (False, True)
    )
    if _is_possible(row := Row(event, api, order, flag, place, own, others))
]

Stack = tuple[str, str, str, bool]
"""Event, API, the flag for all, and whether the plan is an error."""


def stack_of(row: Row) -> Stack:
    """Return what a row shares with all that one Terraform run can try at once."""
    return row.event, row.api, row.everywhere, expected(row).plan == "error"


def stacks(rows: Iterable[Row]) -> dict[Stack, list[Row]]:
    """Put rows together that one run can try."""
    made: defaultdict[Stack, list[Row]] = defaultdict(list)
    for row in rows:
        made[stack_of(row)].append(row)
    return dict(made)


def pairwise(rows: list[Row]) -> list[Row]:
    """Choose rows of few stacks in which every two values that are possible together are together once.

    The places of a flag count as two: on the resource, and everywhere. Within them they take turns. What a
    whole stack has (its API, a flag everywhere) meets every event in TABLE only: that takes a stack each.
    """
    pairs = [frozenset(_pairs(row)) for row in rows]
    missing = frozenset[tuple[str, str]]().union(*pairs)
    chosen: list[Row] = []
    met: set[Stack] = set()
    while missing:
        # A new stack is begun where no present one brings anything: Terraform's runs are what takes time.
        best = max(
            range(len(rows)),
            key=lambda each: (
                bool(pairs[each] & missing) and stack_of(rows[each]) in met,
                len(pairs[each] & missing),
                rows[each].api == APIS[len(met) % 2],
                rows[each].others,
                rows[each].own,
                (FLAGS.index((rows[each].flag, rows[each].place)) + len(chosen)) % 5,
            ),
        )
        chosen.append(rows[best])
        met.add(stack_of(rows[best]))
        missing -= pairs[best]
    return chosen


def _pairs(row: Row) -> Iterator[tuple[str, str]]:
    place = "everywhere" if row.place in EVERYWHERE else "nowhere" if row.place == "nowhere" else "resource"
    stopped = "stopped by the plan" if expected(row).plan == "error" else "not stopped"
    of_a_row = [row.order, row.flag, f"own {row.own}", f"others {row.others}", stopped]
    of_a_stack = [row.api, place, row.everywhere]
    yield from itertools.combinations([row.event, *of_a_row], 2)
    yield from itertools.product(of_a_stack, of_a_row)
    yield row.api, place
