"""Bars and lines as SVG, readable on light and on dark pages."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from html import escape
from math import ceil, floor, log10

_WIDTH, _LEFT, _RIGHT, _BAR, _GAP, _TITLE = 720, 190, 100, 20, 8, 40

_HIGH, _BELOW, _LABEL = 200, 44, 20
"""Of a panel of lines: the lines, what is below them, and a line of the legend."""
_DASHES = ("none", "7 4", "2 3")
"""What tells lines of one colour apart."""

_STYLE = """
  .page { fill: #ffffff; } text { fill: #24292f; font: 13px system-ui, sans-serif; }
  .title { font-weight: 600; } .bar { fill: #9aa4b2; } .ours { fill: #0f766e; }
  .line, .line.ours { fill: none; stroke: #9aa4b2; stroke-width: 2; } .line.ours { stroke: #0f766e; }
  .grid { stroke: #d0d7de; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #1b1f24; } text { fill: #e6edf3; } .bar { fill: #6b7685; } .ours { fill: #2dd4bf; }
    .line { stroke: #6b7685; } .line.ours { stroke: #2dd4bf; } .grid { stroke: #3d444d; }
  }
"""


def bars(panels: Mapping[str, Mapping[str, float]], ours: Collection[str], alt: str) -> str:
    """Draw panels of bars: title, then label and figure of each, those called ``ours`` in colour."""
    drawn: list[str] = []
    top = 12
    for title, figures in panels.items():
        drawn.append(f'<text class="title" x="16" y="{top + 18}">{escape(title)}</text>')
        top += _TITLE - 8
        most = max(figures.values())
        for label, figure in figures.items():
            width = max(1.0, figure / most * (_WIDTH - _LEFT - _RIGHT))
            kind = "bar ours" if label in ours else "bar"
            middle = top + _BAR - 5
            drawn.append(f'<text x="{_LEFT - 10}" y="{middle}" text-anchor="end">{escape(label)}</text>')
            drawn.append(
                f'<rect class="{kind}" x="{_LEFT}" y="{top}" width="{width:.1f}" height="{_BAR}" rx="3"/>'
            )
            drawn.append(f'<text x="{_LEFT + width + 8:.1f}" y="{middle}">{short(figure)}</text>')
            top += _BAR + _GAP
        top += 14
    return _page(drawn, top, alt)


def lines(panels: Mapping[str, Mapping[str, Mapping[int, float]]], ours: Collection[str], alt: str) -> str:
    """Draw panels of lines, both axes in powers of ten: title, then by label a figure for each size."""
    drawn: list[str] = []
    top = 12
    for title, series in panels.items():
        drawn.append(f'<text class="title" x="16" y="{top + 18}">{escape(title)}</text>')
        top += _TITLE
        x = _scale([size for points in series.values() for size in points], 60, _WIDTH - _LEFT)
        figures = [figure for points in series.values() for figure in points.values()]
        y = _scale(figures, top + _HIGH, top)
        for power, at in _powers(figures, y):
            drawn.append(f'<line class="grid" x1="60" y1="{at:.1f}" x2="{_WIDTH - _LEFT}" y2="{at:.1f}"/>')
            drawn.append(f'<text x="52" y="{at + 4:.1f}" text-anchor="end">{power:g}</text>')
        for size in sorted({size for points in series.values() for size in points}):
            under = top + _HIGH + 20
            drawn.append(f'<text x="{x(size):.1f}" y="{under}" text-anchor="middle">{size:,}</text>')
        named = top + _LABEL
        dashes = {True: iter(_DASHES), False: iter(_DASHES)}
        for label, points in series.items():
            look = f'class="line{" ours" * (label in ours)}" stroke-dasharray="{next(dashes[label in ours])}"'
            path = " ".join(f"{x(size):.1f},{y(figure):.1f}" for size, figure in sorted(points.items()))
            drawn.append(f'<polyline {look} points="{path}"/>')
            sample = f"{_WIDTH - _LEFT + 14},{named - 4} {_WIDTH - _LEFT + 40},{named - 4}"
            drawn.append(f'<polyline {look} points="{sample}"/>')
            drawn.append(f'<text x="{_WIDTH - _LEFT + 46}" y="{named}">{escape(label)}</text>')
            named += _LABEL
        top += _HIGH + _BELOW
    return _page(drawn, top, alt)


def _scale(values: Iterable[float], low: float, high: float) -> Callable[[float], float]:
    """Return where a value lies between two ends, which are the powers of ten around all of them."""
    powers = [log10(max(each, 0.001)) for each in values]
    first, last = floor(min(powers)), ceil(max(powers))
    return lambda value: low + (high - low) * (log10(max(value, 0.001)) - first) / max(last - first, 1)


def _powers(values: Sequence[float], at: Callable[[float], float]) -> list[tuple[float, float]]:
    powers = [log10(max(each, 0.001)) for each in values]
    return [(10.0**each, at(10.0**each)) for each in range(floor(min(powers)), ceil(max(powers)) + 1)]


def _page(drawn: Sequence[str], top: float, alt: str) -> str:
    body = "\n".join(drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" role="img" '
        f'aria-label="{escape(alt)}">\n<style>{_STYLE}</style>\n'
        f'<rect class="page" width="{_WIDTH}" height="{top}" rx="8"/>\n{body}\n</svg>\n'
    )


def short(figure: float) -> str:
    """Write a figure with as many decimals as mean anything."""
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.1f}" if figure >= 10 else f"{figure:.2f}"  # noqa: PLR2004 - three digits
