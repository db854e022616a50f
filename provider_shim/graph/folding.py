"""Folds boxes that are alike into one, so that a picture of 3,000 threads is a picture."""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from provider_shim.graph.model import Arrow, Box, Picture, counted, joined

SHOWN_EACH: Final = 8
"""Up to so many boxes alike are drawn one by one."""

FULL: Final = 40
"""A stack with more boxes than this is folded by type, whatever the arrows say."""

_ROUNDS: Final = 4
"""How many arrows away boxes are still told apart."""


def folded(picture: Picture) -> Picture:
    """Return the picture with one box for each lot of boxes that are alike.

    Alike are those of one type in one stack whose arrows come from and lead to boxes that are alike
    themselves: 3,000 threads with a message each are one box of threads and one of messages.
    """
    classes = _classes(picture)
    boxes = Counter(box.stack for box in _fold(picture, classes).boxes)
    return _fold(
        picture,
        [
            (box.stack, box.kind) if boxes[box.stack] > FULL else common
            for box, common in zip(picture.boxes, classes, strict=True)
        ],
    )


def _classes(picture: Picture) -> Sequence[Hashable]:
    """Return for each box what those that are alike have in common."""
    classes = _numbered((box.stack, box.kind) for box in picture.boxes)
    for _ in range(_ROUNDS):
        around: list[set[Hashable]] = [set() for _ in picture.boxes]
        for arrow in picture.arrows:
            how = arrow.label, arrow.order_only
            around[arrow.source].add(("to", classes[arrow.target], *how))
            around[arrow.target].add(("from", classes[arrow.source], *how))
        classes = _numbered(zip(classes, map(frozenset, around), strict=True))
    return classes


def _numbered(values: Iterable[Hashable]) -> list[int]:
    seen: dict[Hashable, int] = {}
    return [seen.setdefault(value, len(seen)) for value in values]


def _fold(picture: Picture, classes: Sequence[Hashable]) -> Picture:
    members: dict[Hashable, list[int]] = {}
    for index, key in enumerate(classes):
        members.setdefault(key, []).append(index)
    boxes: list[Box] = []
    moved: dict[int, int] = {}
    for indexes in members.values():
        lots = [indexes] if len(indexes) > SHOWN_EACH else [[index] for index in indexes]
        for lot in lots:
            moved.update(dict.fromkeys(lot, len(boxes)))
            boxes.append(_one([picture.boxes[index] for index in lot]))
    arrows = joined(
        Arrow(moved[arrow.source], moved[arrow.target], arrow.label, arrow.order_only)
        for arrow in picture.arrows
    )
    return Picture(picture.stacks, tuple(boxes), arrows)


def _one(boxes: list[Box]) -> Box:
    if len(boxes) == 1:
        return boxes[0]
    names = sorted((box.name for box in boxes), key=_natural)
    known = sum(box.objects or 0 for box in boxes)
    unknown = any(box.objects is None for box in boxes)
    return replace(
        boxes[0],
        name=f"{names[0]} … {names[-1]}",
        note=counted(known, boxes[0].kind) + (" and more" if unknown else ""),
        objects=None if unknown else known,
    )


def _natural(name: str) -> list[tuple[int, str]]:
    """Order thread_2 before thread_10."""
    parts = re.split(r"([0-9]+)", name)
    return [(int(part[:18]), "") if part.isdigit() and part.isascii() else (-1, part) for part in parts]
