"""What a picture is made of, before anything is laid out or drawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

NOUNS: Final = {
    "openai_vector_store_file": "file in a vector store",
    "output": "output",
    "variable": "variable",
    "local": "local",
    "module": "module",
}
"""What one of a kind is called where `noun` can't tell it from its type."""


class GraphError(Exception):
    """Nothing can be drawn; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Box:
    """One resource, data source, module, variable, local or output; or many that are alike."""

    stack: str
    kind: str
    """A Terraform type, with ``data.`` before a data source's; or one of the other words of `NOUNS`."""
    name: str
    note: str = ""
    """A few words on what is in it."""
    objects: int | None = 1
    """How many it stands for; None where only the deploy knows."""

    @property
    def pile(self) -> bool:
        """Whether it stands for more than one, or may."""
        return self.objects != 1


@dataclass(frozen=True, slots=True)
class Arrow:
    """Something flows from one box to another, each given by its place in `Picture.boxes`."""

    source: int
    target: int
    label: str = ""
    order_only: bool = False
    """Nothing flows: ``depends_on`` only."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack, and how many resources are in it that have nothing to do with ours."""

    name: str
    others: int = 0
    after: tuple[str, ...] = ()
    """The stacks that are deployed before this one."""


@dataclass(frozen=True, slots=True)
class Picture:
    """All stacks of an app with what is drawn of them."""

    stacks: tuple[Stack, ...]
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]

    def orders(self) -> list[tuple[str, str]]:
        """Return which stack is deployed before which, where no arrow says it."""
        names = {stack.name for stack in self.stacks}
        flows = {(self.boxes[arrow.source].stack, self.boxes[arrow.target].stack) for arrow in self.arrows}
        return [
            (before, stack.name)
            for stack in self.stacks
            for before in stack.after
            if before in names and before != stack.name and (before, stack.name) not in flows
        ]


def bare(kind: str) -> str:
    """Return the kind without a data source's ``data.``."""
    return kind.removeprefix("data.")


def ours(kind: str) -> bool:
    """Say whether a kind is one of this package's resources or data sources."""
    return bare(kind).startswith("openai_")


def counted(number: int, kind: str) -> str:
    """Return a number with the noun of a kind: ``1 thread``, ``3,000 threads``."""
    return f"{number:,} {noun(kind)}{'' if number == 1 else 's'}"


def noun(kind: str) -> str:
    """Return what one of a kind is called: ``vector store``; ``resource`` where there is no better word."""
    name = bare(kind)
    # A data source that reads several has no word for one.
    if name in NOUNS or not ours(kind) or name.endswith(("s", "_search")):
        return NOUNS.get(name, "resource")
    return name.removeprefix("openai_").replace("_", " ")


def joined(arrows: Iterable[Arrow]) -> tuple[Arrow, ...]:
    """Return one arrow for all between the same two boxes, none from a box to itself."""
    between: dict[tuple[int, int], list[Arrow]] = {}
    for arrow in arrows:
        if arrow.source != arrow.target:
            between.setdefault((arrow.source, arrow.target), []).append(arrow)
    return tuple(
        Arrow(
            source,
            target,
            ", ".join(sorted({each.label for each in all_ if each.label})),
            all(each.order_only for each in all_),
        )
        for (source, target), all_ in between.items()
    )
