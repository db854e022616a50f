"""Where everything is: boxes within their stacks' frames, frames beside each other, lines between."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from provider_shim.graph.layers import Borders, Gaps, Link, Point, Size, layered
from provider_shim.graph.model import Arrow, Box, Picture, Stack

PADDING: Final = 24.0
HEADER: Final = 56.0
_IN_FRAME: Final = Gaps(across=48, down=16)
_FRAMES: Final = Gaps(across=52, down=28)
_BORDER: Final = 14.0
"""From a box to where the frame's padding begins, where arrows cross the border."""
_LABEL_ROOM: Final = 44.0
"""What the distance of two columns needs beside a label: the arrow's head, and a bend."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A stack's frame."""

    stack: Stack
    corner: Point
    size: Size


@dataclass(frozen=True, slots=True)
class Placed:
    """A box with its corner."""

    box: Box
    corner: Point
    size: Size


@dataclass(frozen=True, slots=True)
class Line:
    """An arrow's way, from the first point to the last."""

    points: list[Point]
    label: str
    order_only: bool
    kind: str
    """What it comes from; empty from a stack as a whole."""


@dataclass(frozen=True, slots=True)
class Scene:
    """All there is to draw."""

    frames: list[Frame]
    boxes: list[Placed]
    lines: list[Line]
    size: Size


@dataclass(frozen=True, slots=True)
class Measure:
    """How large things are, which depends on who draws."""

    box: Callable[[Box], Size]
    header: Callable[[Stack], float]
    """The width of a frame's title."""
    label: Callable[[str], float]
    """The width of an arrow's label."""


def scene(picture: Picture, measure: Measure) -> Scene:
    """Lay a picture out."""
    sizes = [measure.box(box) for box in picture.boxes]
    middle = [sizes[arrow.target].height / 2 for arrow in picture.arrows]
    drawn = _composed(picture, measure, sizes, middle)
    return _composed(picture, measure, sizes, _arrivals(picture, sizes, drawn))


def _arrivals(picture: Picture, sizes: list[Size], drawn: Scene) -> list[float]:
    """Return how far down each arrow arrives: those of one label together, as their sources stand."""
    sources: dict[int, dict[str, list[float]]] = {}
    for arrow in picture.arrows:
        heights = sources.setdefault(arrow.target, {}).setdefault(arrow.label, [])
        heights.append(drawn.boxes[arrow.source].corner[1])
    arrivals = []
    for arrow in picture.arrows:
        labels = sources[arrow.target]
        order = sorted(labels, key=lambda label: fmean(labels[label]))
        part = (order.index(arrow.label) + 1) / (len(order) + 1)
        arrivals.append(sizes[arrow.target].height * part)
    return arrivals


@dataclass(frozen=True, slots=True)
class _Inner:
    """What is within a frame, and the ways in it. Those between frames end at its border."""

    corners: dict[int, Point]
    widths: dict[int, float]
    size: Size
    within: dict[int, list[Point]]
    """By arrow."""
    leaving: dict[int, list[Point]]
    """By box: to the right border."""
    entering: dict[Hashable, list[Point]]
    """By box and label: from the left border."""


def _composed(picture: Picture, measure: Measure, sizes: list[Size], arrivals: list[float]) -> Scene:
    inners = {stack.name: _inner(picture, measure, sizes, arrivals, stack) for stack in picture.stacks}
    ends = [
        (picture.boxes[arrow.source].stack, picture.boxes[arrow.target].stack) for arrow in picture.arrows
    ]
    crossing = [index for index, (source, target) in enumerate(ends) if source != target]
    links = []
    for index in crossing:
        arrow, (source, target) = picture.arrows[index], ends[index]
        leaves = inners[source].leaving[arrow.source][-1][1]
        links.append(Link(source, target, leaves, inners[target].entering[_entry(arrow)][0][1]))
    links += [Link(before, after, HEADER / 2, HEADER / 2) for before, after in picture.orders()]
    layout = layered({name: inner.size for name, inner in inners.items()}, links, _FRAMES)
    corners = layout.corners

    outer = dict(zip(crossing, layout.routes, strict=False))
    lines = []
    for index, arrow in enumerate(picture.arrows):
        source, target = ends[index]
        if index in outer:
            leaving, entering = inners[source].leaving[arrow.source], inners[target].entering[_entry(arrow)]
            points = [*_moved(leaving, corners[source]), *outer[index], *_moved(entering, corners[target])]
        else:
            points = _moved(inners[source].within[index], corners[source])
        lines.append(Line(points, arrow.label, arrow.order_only, picture.boxes[arrow.source].kind))
    lines += [Line(route, "", order_only=True, kind="") for route in layout.routes[len(crossing) :]]
    boxes = [
        Placed(
            box,
            _moved([inners[box.stack].corners[index]], corners[box.stack])[0],
            Size(inners[box.stack].widths[index], sizes[index].height),
        )
        for index, box in enumerate(picture.boxes)
    ]
    frames = [Frame(stack, corners[stack.name], inners[stack.name].size) for stack in picture.stacks]
    return Scene(frames, boxes, lines, layout.size)


def _entry(arrow: Arrow) -> Hashable:
    return "entry", arrow.target, arrow.label


def _inner(
    picture: Picture, measure: Measure, sizes: list[Size], arrivals: list[float], stack: Stack
) -> _Inner:
    here = [index for index, box in enumerate(picture.boxes) if box.stack == stack.name]
    things: dict[Hashable, Size] = {index: sizes[index] for index in here}
    within: dict[int, Link] = {}
    leaving: dict[int, Link] = {}
    entering: dict[Hashable, Link] = {}
    for index, arrow in enumerate(picture.arrows):
        leaves = sizes[arrow.source].height / 2
        room = measure.label(arrow.label) + _LABEL_ROOM if arrow.label else 0
        if arrow.source in things and arrow.target in things:
            within[index] = Link(arrow.source, arrow.target, leaves, arrivals[index], room)
        elif arrow.source in things:
            leaving[arrow.source] = Link(arrow.source, ("exit", arrow.source), leaves, 0)
        elif arrow.target in things:
            entering[_entry(arrow)] = Link(_entry(arrow), arrow.target, 0, arrivals[index], room - _BORDER)
    exits = [link.target for link in leaving.values()]
    things.update(dict.fromkeys([*entering, *exits], Size(0, 0)))
    layout = layered(
        things,
        [*within.values(), *leaving.values(), *entering.values()],
        _IN_FRAME,
        Borders([*entering], exits, _BORDER),
        fill=True,
    )
    size = Size(
        max(layout.size.width, measure.header(stack)) + 2 * PADDING,
        layout.size.height + HEADER + (PADDING if here else 0),
    )
    routes = [_moved(route, (PADDING, HEADER)) for route in layout.routes]
    to_border, from_border = routes[len(within) :], routes[len(within) + len(leaving) :]
    return _Inner(
        dict(zip(here, _moved([layout.corners[index] for index in here], (PADDING, HEADER)), strict=True)),
        {index: layout.widths[index] for index in here},
        size,
        dict(zip(within, routes, strict=False)),
        {box: [*route, (size.width, route[-1][1])] for box, route in zip(leaving, to_border, strict=False)},
        {entry: [(0, route[0][1]), *route] for entry, route in zip(entering, from_border, strict=True)},
    )


def _moved(points: list[Point], corner: Point) -> list[Point]:
    return [(x + corner[0], y + corner[1]) for x, y in points]
