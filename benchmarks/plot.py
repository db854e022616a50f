"""Bars as SVG, readable on light and on dark pages."""

from collections.abc import Collection, Mapping
from html import escape

_WIDTH, _LEFT, _RIGHT, _BAR, _GAP, _TITLE = 720, 190, 100, 20, 8, 40

_STYLE = """
  .page { fill: #ffffff; } text { fill: #24292f; font: 13px system-ui, sans-serif; }
  .title { font-weight: 600; } .bar { fill: #9aa4b2; } .ours { fill: #0f766e; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #1b1f24; } text { fill: #e6edf3; } .bar { fill: #6b7685; } .ours { fill: #2dd4bf; }
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
    body = "\n".join(drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" role="img" '
        f'aria-label="{escape(alt)}">\n<style>{_STYLE}</style>\n'
        f'<rect class="page" width="{_WIDTH}" height="{top}" rx="8"/>\n{body}\n</svg>\n'
    )


def short(figure: float) -> str:
    """Write a figure with as many decimals as mean anything."""
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.1f}" if figure >= 10 else f"{figure:.2f}"  # noqa: PLR2004 - three digits
