"""A layered layout: columns from left to right, as things flow, with few crossings.

After Sugiyama, in the usual steps: columns, order within each, heights, routes. Pure geometry; what the
things are is the caller's. The layout libraries on PyPI know no frames or want a compiler, and the one
written in Python has not been released since 2023.
"""

from bisect import bisect_right, insort
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from math import isqrt
from statistics import fmean
from typing import Final

SWEEPS: Final = 12
SETTLING: Final = 60
"""Rounds until heights no longer move by what one would see."""
SLIM: Final = 8.0
"""The height that an arrow takes where it passes a column."""

NUDGE: Final = 1e-6
"""What a unit of height counts for beside a place in the column: it orders arrows at the same thing."""

Point = tuple[float, float]
_Ends = dict[int, list[tuple[int, float]]]
"""The other ends of the arrows at each cell, with a nudge for where on it they are."""


@dataclass(frozen=True, slots=True)
class Size:
    """What a thing takes."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Link:
    """An arrow, and how far below the top of each end it leaves and arrives."""

    source: Hashable
    target: Hashable
    leaves: float
    arrives: float
    room: float = 0
    """What it needs between the column before its target and the target."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """Distances."""

    across: float
    """Between columns."""
    down: float
    """Between things in a column."""


@dataclass(frozen=True, slots=True)
class Borders:
    """What has a column of its own at the left and at the right, and its distance from the others."""

    left: Collection[Hashable] = ()
    right: Collection[Hashable] = ()
    gap: float = 0


NO_BORDERS: Final = Borders()


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is: left and top of each thing, the points of each link, and the size of it all."""

    corners: dict[Hashable, Point]
    widths: dict[Hashable, float]
    """Of each thing, as it was given or as it fills its column."""
    routes: list[list[Point]]
    size: Size


@dataclass(slots=True)
class _Cell:
    """A place in a column: a thing's, or one that a link runs through."""

    size: Size
    column: int = 0
    top: float = 0


@dataclass(frozen=True, slots=True)
class _Step:
    """The part of a link between two neighbouring columns."""

    left: int
    right: int
    leaves: float
    arrives: float


def layered(
    sizes: Mapping[Hashable, Size],
    links: Sequence[Link],
    gaps: Gaps,
    borders: Borders = NO_BORDERS,
    *,
    fill: bool = False,
) -> Layout:
    """Place everything in ``sizes``.

    Args:
        sizes: The things, in the order they have in a column where nothing else decides.
        links: What flows. A link that closes a circle is drawn, but decides nothing.
        gaps: The distances to keep.
        borders: Where links from and to elsewhere end.
        fill: Make each thing as wide as its column.
    """
    number = {each: index for index, each in enumerate(sizes)}
    cells = [_Cell(size) for size in sizes.values()]
    ends = [(number[link.source], number[link.target]) for link in links]
    _set_columns(
        cells, ends, {number[each] for each in borders.left}, {number[each] for each in borders.right}
    )
    ways = [_way(cells, source, target) for source, target in ends]
    steps = [
        _Step(
            left,
            right,
            link.leaves if left == way[0] else SLIM / 2,
            link.arrives if right == way[-1] else SLIM / 2,
        )
        for link, way in zip(links, ways, strict=True)
        for left, right in pairwise(way)
        if cells[left].column < cells[right].column
    ]
    down = 0.0
    for band in _bands(cells, ways):
        columns: list[list[int]] = [[] for _ in range(max(cells[each].column for each in band) + 1)]
        for each in band:
            columns[cells[each].column].append(each)
        own = [step for step in steps if step.left in band]
        filled = [column for column in columns if column]
        _set_heights(_untangled(filled, own), cells, own, gaps.down)
        highest = min(cells[each].top for each in band)
        for each in band:
            cells[each].top += down - highest
        down = max(cells[each].top + cells[each].size.height for each in band) + gaps.down

    widths, lefts = _across(cells, zip(links, ways, strict=True), gaps, borders)
    if fill:
        for cell in cells:
            cell.size = Size(widths[cell.column], cell.size.height)
    return Layout(
        {each: (lefts[cells[index].column], cells[index].top) for each, index in number.items()},
        {each: cells[index].size.width for each, index in number.items()},
        [
            _route([cells[each] for each in way], link, lefts, widths)
            for link, way in zip(links, ways, strict=True)
        ],
        Size(lefts[-1] + widths[-1] if lefts else 0, max(down - gaps.down, 0)),
    )


def _across(
    cells: list[_Cell], linked: Iterable[tuple[Link, list[int]]], gaps: Gaps, borders: Borders
) -> tuple[list[float], list[float]]:
    """Return each column's width, and its left."""
    widths = [0.0] * (max((cell.column for cell in cells), default=-1) + 1)
    for cell in cells:
        widths[cell.column] = max(widths[cell.column], cell.size.width)
    before = [gaps.across] * len(widths)
    if borders.left and len(widths) > 1:
        before[1] = borders.gap
    if borders.right and widths:
        before[-1] = borders.gap
    for link, way in linked:
        column = cells[way[-1]].column
        before[column] = max(before[column], link.room)
    lefts: list[float] = []
    for column, gap in enumerate(before):
        lefts.append(lefts[-1] + widths[column - 1] + gap if lefts else 0)
    return widths, lefts


def _bands(cells: list[_Cell], ways: list[list[int]]) -> list[set[int]]:
    """Return the cells that hang together, in order; what hangs on nothing comes last, in rows."""
    near: dict[int, list[int]] = {}
    for left, right in chain.from_iterable(map(pairwise, ways)):
        near.setdefault(left, []).append(right)
        near.setdefault(right, []).append(left)
    bands: list[set[int]] = []
    seen: set[int] = set()
    for begin in near:
        if begin in seen:
            continue
        waiting, band = [begin], {begin}
        while waiting:
            new = set(near[waiting.pop()]) - band
            waiting += new
            band |= new
        seen |= band
        bands.append(band)
    lone = [index for index in range(len(cells)) if index not in near]
    if lone:
        begin = cells[lone[0]].column
        across = max(max(cell.column for cell in cells) - begin, isqrt(len(lone) - 1)) + 1
        for at, index in enumerate(lone):
            cells[index].column = begin + at % across
        bands += [set(lone[at : at + across]) for at in range(0, len(lone), across)]
    return bands


def _set_columns(cells: list[_Cell], ends: list[tuple[int, int]], first: set[int], last: set[int]) -> None:
    """Give each cell the column after the last of what flows into it."""
    inner = [index for index in range(len(cells)) if index not in first | last]
    flowing = [(s, t) for s, t in ends if s != t and not {s, t} & (first | last)]
    place = {each: at for at, each in enumerate(_in_order(inner, flowing))}
    forward = sorted(
        ((s, t) for s, t in flowing if place[s] < place[t]), key=lambda each: (place[each[0]], place[each[1]])
    )
    begin = int(bool(first))
    for index in inner:
        cells[index].column = begin
    for source, target in forward:
        cells[target].column = max(cells[target].column, cells[source].column + 1)
    # What nothing flows into stands right before the first that it flows into.
    fed = {target for _, target in forward}
    for index in inner:
        onward = [cells[target].column for source, target in forward if source == index]
        if onward and index not in fed:
            cells[index].column = min(onward) - 1
    end = max((cells[index].column for index in inner), default=begin - 1) + 1
    for index in last:
        cells[index].column = end


def _in_order(inner: list[int], flowing: list[tuple[int, int]]) -> list[int]:
    """Return sources before targets; in a circle, the first of it first."""
    before: dict[int, set[int]] = {index: set() for index in inner}
    for source, target in flowing:
        before[target].add(source)
    order: list[int] = []
    while before:
        free = [index for index, sources in before.items() if not sources] or [next(iter(before))]
        order += free
        for index in free:
            del before[index]
        for sources in before.values():
            sources.difference_update(free)
    return order


def _way(cells: list[_Cell], source: int, target: int) -> list[int]:
    """Return the cells of a link from end to end; adds one to each column that it passes."""
    between = range(cells[source].column + 1, cells[target].column)
    passes = range(len(cells), len(cells) + len(between))
    cells.extend(_Cell(Size(0, SLIM), column) for column in between)
    return [source, *passes, target]


def _untangled(columns: list[list[int]], steps: list[_Step]) -> list[list[int]]:
    """Return the columns in an order with few crossings: each cell near the middle of its neighbours."""
    to_left: _Ends = {}
    to_right: _Ends = {}
    for step in steps:
        to_left.setdefault(step.right, []).append((step.left, step.leaves * NUDGE))
        to_right.setdefault(step.left, []).append((step.right, step.arrives * NUDGE))
    best, fewest = columns, _crossings(columns, to_right)
    for sweep in range(SWEEPS):
        neighbours = to_right if sweep % 2 else to_left
        columns = [list(column) for column in columns]
        for column in reversed(columns) if sweep % 2 else columns:
            at = _positions(columns)
            column.sort(
                key=lambda each: fmean(
                    [at[other] + nudge for other, nudge in neighbours.get(each, [])] or [at[each]]
                )
            )
        if (crossings := _crossings(columns, to_right)) < fewest:
            best, fewest = columns, crossings
    return best


def _positions(columns: list[list[int]]) -> dict[int, float]:
    """Return how far down each cell is in its column: 0 to 1."""
    return {each: (at + 0.5) / len(column) for column in columns for at, each in enumerate(column)}


def _crossings(columns: list[list[int]], to_right: _Ends) -> int:
    at = _positions(columns)
    count = 0
    for column in columns:
        seen: list[float] = []
        for each in column:
            arriving = [at[other] + nudge for other, nudge in to_right.get(each, [])]
            count += sum(len(seen) - bisect_right(seen, position) for position in arriving)
            for position in arriving:
                insort(seen, position)
    return count


def _set_heights(columns: list[list[int]], cells: list[_Cell], steps: list[_Step], gap: float) -> None:
    """Give each cell its top: as level with its neighbours as the order and the gap allow."""
    wishes: dict[int, list[tuple[int, float]]] = {}
    for step in steps:
        wishes.setdefault(step.right, []).append((step.left, step.leaves - step.arrives))
        wishes.setdefault(step.left, []).append((step.right, step.arrives - step.leaves))

    def settle(column: list[int]) -> None:
        wanted = [
            fmean([cells[other].top + offset for other, offset in wishes.get(each, [])] or [cells[each].top])
            for each in column
        ]
        _stack(column, cells, wanted, gap)

    for column in columns:
        _stack(column, cells, [0.0] * len(column), gap)
    for sweep in range(SETTLING):
        for column in reversed(columns) if sweep % 2 else columns:
            settle(column)
    # Those have neighbours on one side only: quite level in the end.
    settle(columns[0])
    settle(columns[-1])


def _stack(column: list[int], cells: list[_Cell], wanted: list[float], gap: float) -> None:
    """Set the tops in a column as near to the wanted ones as the order and the gap allow.

    Least squares under an order is isotonic regression: neighbours that are in each other's way move
    together, to their mean.
    """
    offsets, down = [], 0.0
    for each in column:
        offsets.append(down)
        down += cells[each].size.height + gap
    blocks: list[tuple[float, int]] = []
    for wish, offset in zip(wanted, offsets, strict=True):
        mean, count = wish - offset, 1
        while blocks and blocks[-1][0] > mean:
            above, many = blocks.pop()
            mean = (mean * count + above * many) / (count + many)
            count += many
        blocks.append((mean, count))
    means = [mean for mean, count in blocks for _ in range(count)]
    for each, mean, offset in zip(column, means, offsets, strict=True):
        cells[each].top = mean + offset


def _route(way: list[_Cell], link: Link, lefts: list[float], widths: list[float]) -> list[Point]:
    source, *passes, target = way
    points = [(lefts[source.column] + source.size.width, source.top + link.leaves)]
    for each in passes:
        middle = each.top + SLIM / 2
        points += [(lefts[each.column], middle), (lefts[each.column] + widths[each.column], middle)]
    return [*points, (lefts[target.column], target.top + link.arrives)]
