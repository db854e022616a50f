"""Writes a picture as SVG: one file that needs nothing else, for light and dark screens."""

from html import escape
from itertools import pairwise
from typing import Final

from provider_shim.graph.layers import Point, Size
from provider_shim.graph.model import Box, Picture, Stack, bare, counted, ours
from provider_shim.graph.scene import Frame, Line, Measure, Placed, scene
from provider_shim.graph.text import clean, cut, width

_MARGIN: Final = 24.0
_LEGEND: Final = 30.0
_NARROWEST, _WIDEST = 128.0, 280.0
_NAME, _SMALL, _TITLE = 14.0, 11.5, 15.0
_BOLD: Final = 1.18
"""How much wider bold letters are."""
_TEXT_AT: Final = 46.0
"""Where a box's text begins: after the icon."""
_HEAD: Final = 8.0
"""The length of an arrow's head."""

# What is drawn of each look: its ink on a light and on a dark screen, and the tint below its icon.
_COLOURS: Final = {
    "file": ("#b45309", "#fbbf24", "#fef3c7", "#3b2f12"),
    "store": ("#7c3aed", "#c4b5fd", "#ede9fe", "#2d2250"),
    "thread": ("#1d5fd6", "#8ab8ff", "#dbe9ff", "#18305a"),
    "message": ("#0e7490", "#67d3e8", "#d5f2f8", "#10343d"),
    "output": ("#15803d", "#6fdc95", "#dcf5e4", "#12351f"),
    "other": ("#475569", "#aab6c8", "#e8edf3", "#2a3341"),
}
_LOOKS: Final = {
    "openai_file": "file",
    "openai_vector_store": "store",
    "openai_thread": "thread",
    "openai_thread_messages": "message",
    "openai_message": "message",
    "output": "output",
}
# Strokes in a square of 24.
_ICONS: Final = {
    "file": "M7 3.5h7l4 4v13H7zM14 3.5v4h4M10 12h5M10 15.5h5",
    "store": (
        "M5 6.5c0-1.7 3.1-3 7-3s7 1.3 7 3-3.1 3-7 3-7-1.3-7-3zv11c0 1.7 3.1 3 7 3s7-1.3 7-3v-11"
        "M5 12c0 1.7 3.1 3 7 3s7-1.3 7-3"
    ),
    "thread": "M3.5 5h12v8h-7l-3 3v-3h-2zM9 16v1h6l3 3v-3h2.5v-8H19",
    "message": "M4 5h16v11h-9l-4 4v-4H4zM8 9h8M8 12h5",
    "output": "M4 12h11M11 7.5l4.5 4.5-4.5 4.5M19.5 5v14",
    "other": "M12 3.5l7.5 4.2v8.6L12 20.5l-7.5-4.2V7.7zM4.5 7.7l7.5 4.3 7.5-4.3M12 12v8.5",
}

# Plain rules, no variables: other programs than browsers draw SVG as well.
_STYLE: Final = """\
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
.way{fill:none;stroke-width:1.6}.icon{fill:none;stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}
.soft{stroke-dasharray:4 3}.halo{stroke-width:4;stroke-linejoin:round;paint-order:stroke}
"""
_LIGHT: Final = """\
.ground{fill:#fff}.frame{fill:#f6f8fa;stroke:#d0d7de}.card{fill:#fff;stroke:#d0d7de}
.strong{fill:#1f2328}.weak{fill:#59636e}.halo{stroke:#f6f8fa}
"""
_DARK: Final = """\
.ground{fill:#0d1117}.frame{fill:#151b23;stroke:#3d444d}.card{fill:#1d2430;stroke:#3d444d}
.strong{fill:#f0f3f6}.weak{fill:#9ea9b5}.halo{stroke:#151b23}
"""


def svg(picture: Picture) -> str:
    """Return the picture as the text of an SVG file."""
    drawn = scene(picture, Measure(_box_size, _header_width, lambda label: width(clean(label), _SMALL)))
    legend = _legend(picture)
    wide = _n(max(drawn.size.width, width(legend, _SMALL)) + 2 * _MARGIN)
    high = _n(drawn.size.height + 2 * _MARGIN + (_LEGEND if legend else 0))
    size = f'width="{wide}" height="{high}"'
    names = _x(", ".join(clean(stack.name) for stack in picture.stacks))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {wide} {high}" role="img">',
        f"<title>Stacks: {names}</title>",
        f"<style>\n{_style()}</style>",
        f'<rect class="ground" {size} rx="12"/>',
        f'<g transform="translate({_n(_MARGIN)} {_n(_MARGIN)})">',
    ]
    parts += map(_frame, drawn.frames)
    parts += map(_way, drawn.lines)
    parts += map(_box, drawn.boxes)
    parts += [_label(line) for line in drawn.lines if line.label]
    if legend:
        parts.append(_text((2, drawn.size.height + 28), legend, "weak", _SMALL))
    return "\n".join([*parts, "</g>", "</svg>"]) + "\n"


def _style() -> str:
    light, dark = (
        "".join(
            f".{look}{{stroke:{colours[screen]}}}.{look}-head{{fill:{colours[screen]}}}"
            f".{look}-tint{{fill:{colours[screen + 2]}}}\n"
            for look, colours in _COLOURS.items()
        )
        for screen in (0, 1)
    )
    return f"{_STYLE}{_LIGHT}{light}@media (prefers-color-scheme:dark){{\n{_DARK}{dark}}}\n"


def _legend(picture: Picture) -> str:
    said = []
    if any(box.pile for box in picture.boxes):
        said.append("A pile is one box for many of a kind.")
    if picture.orders() or any(arrow.order_only for arrow in picture.arrows):
        said.append("A dashed arrow is order only: nothing flows.")
    return " ".join(said)


def _look(kind: str) -> str:
    return _LOOKS.get(bare(kind), "other")


def _box_size(box: Box) -> Size:
    widest = max(
        width(clean(box.name), _NAME * _BOLD), width(clean(box.kind), _SMALL), width(clean(box.note), _SMALL)
    )
    return Size(min(max(_NARROWEST, widest + _TEXT_AT + 14), _WIDEST), 68 if box.note else 52)


def _header_width(stack: Stack) -> float:
    return max(width(clean(stack.name), _TITLE * _BOLD), width(_subtitle(stack), _SMALL))


def _subtitle(stack: Stack) -> str:
    return f"stack · {counted(stack.others, '')} not shown" if stack.others else "stack"


def _frame(frame: Frame) -> str:
    name = clean(frame.stack.name)
    x, y = frame.corner
    shown = cut(name, _TITLE * _BOLD, frame.size.width - 36)
    return (
        f"<g><title>{_x(name)}</title>{_rect('frame', frame.corner, frame.size)}"
        + _text((x + 20, y + 22), _subtitle(frame.stack), "weak", _SMALL)
        + _text((x + 20, y + 40), shown, "strong", _TITLE)
        + "</g>"
    )


def _box(placed: Placed) -> str:
    box, (x, y) = placed.box, placed.corner
    look = _look(box.kind)
    kind, name, note = clean(box.kind), clean(box.name), clean(box.note)
    room = placed.size.width - _TEXT_AT - 10
    # Ours to make and destroy, or only looked at.
    card = "card" if ours(box.kind) and not box.kind.startswith("data.") else "card soft"
    behind = (6, 3) if box.pile else ()
    return (
        f"<g><title>{_x(f'{kind} {name}' + (f': {note}' if note else ''))}</title>"
        + "".join(_rect(card, (x + shift, y + shift), placed.size) for shift in (*behind, 0))
        + _rect(f"{look}-tint", (x + 9, y + 12), Size(28, 28))
        + f'<path class="icon {look}" transform="translate({_n(x + 13)} {_n(y + 16)}) scale(.8333)" '
        + f'd="{_ICONS[look]}"/>'
        + _text((x + _TEXT_AT, y + 20), cut(kind, _SMALL, room), "weak", _SMALL)
        + _text((x + _TEXT_AT, y + 38), cut(name, _NAME * _BOLD, room), "strong", _NAME)
        + (_text((x + _TEXT_AT, y + 56), cut(note, _SMALL, room), "weak", _SMALL) if note else "")
        + "</g>"
    )


def _rect(name: str, corner: Point, size: Size) -> str:
    return (
        f'<rect class="{name}" x="{_n(corner[0])}" y="{_n(corner[1])}" width="{_n(size.width)}" '
        f'height="{_n(size.height)}" rx="8"/>'
    )


def _way(line: Line) -> str:
    look = _look(line.kind)
    *before, (x, y) = line.points
    # Level below its label, and into its head.
    level = _HEAD + (10 + width(clean(line.label), _SMALL) if line.label else 0)
    points = [*before, (x - level, y), (x - _HEAD, y)]
    way = f"M{_n(points[0][0])} {_n(points[0][1])}" + "".join(
        _curve(start, end) for start, end in pairwise(points)
    )
    dashes = ' stroke-dasharray="5 4"' if line.order_only else ""
    head = f"M{_n(x)} {_n(y)}l-{_n(_HEAD + 1)} -4.5v9z"
    return f'<path class="way {look}"{dashes} d="{way}"/><path class="{look}-head" d="{head}"/>'


def _curve(start: Point, end: Point) -> str:
    """Go from one point to the next, level at both."""
    (x, y), (to_x, to_y) = start, end
    if _n(y) == _n(to_y):
        return "" if _n(x) == _n(to_x) else f"H{_n(to_x)}"
    # Against the stream, in a loop.
    reach = (to_x - x) / 2 if to_x > x else 40
    return f"C{_n(x + reach)} {_n(y)} {_n(to_x - reach)} {_n(to_y)} {_n(to_x)} {_n(to_y)}"


def _label(line: Line) -> str:
    x, y = line.points[-1]
    return _text((x - _HEAD - 6, y - 5), clean(line.label), "weak halo", _SMALL, anchor=' text-anchor="end"')


def _text(at: Point, text: str, name: str, size: float, *, anchor: str = "") -> str:
    weight = ' font-weight="600"' if name == "strong" else ""
    return (
        f'<text class="{name}" x="{_n(at[0])}" y="{_n(at[1])}" font-size="{_n(size)}"{weight}{anchor}>'
        f"{_x(text)}</text>"
    )


def _n(number: float) -> str:
    """Write a number to the tenth, and as short as it goes."""
    return f"{round(number, 1) + 0:g}" if abs(number) < 1e5 else f"{number:.0f}"  # noqa: PLR2004 - %g's own end


def _x(text: str) -> str:
    return escape(text, quote=True)
