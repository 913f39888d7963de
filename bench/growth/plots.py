"""Growth drawn as SVG: a panel for each operation, sizes along a logarithmic axis, and what a logarithm would allow.

Only what was measured decides what is drawn, so that the same figures give the same file. Colours follow the reader's
preference for light or dark.
"""

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from bench.growth.measuring import Figure, Line
from bench.growth.rule import logarithmic

_ACROSS: Final = 3
_WIDTH: Final = 260
_HEIGHT: Final = 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 14, 30, 30
_INSET: Final = 20
_TITLE: Final = 30
_ROOM: Final = 1.15
"""How far the vertical axis goes on behind the largest value."""

_STYLE: Final = """
  text { font: 11px system-ui, sans-serif; fill: #444; }
  .title { font-size: 14px; font-weight: 600; fill: #111; }
  .name { font-weight: 600; fill: #111; }
  .value { font-weight: 600; fill: #0b5cad; text-anchor: middle; }
  .size { text-anchor: middle; }
  .tick { text-anchor: end; }
  .grid { stroke: #ddd; stroke-width: 1; }
  .cost { stroke: #0b5cad; stroke-width: 2; fill: none; }
  .dot { fill: #0b5cad; }
  .allowed { stroke: #b3541e; stroke-width: 1.5; stroke-dasharray: 5 4; fill: none; }
  @media (prefers-color-scheme: dark) {
    text { fill: #bbb; }
    .title, .name { fill: #eee; }
    .value { fill: #7cb8f5; }
    .grid { stroke: #333; }
    .cost { stroke: #7cb8f5; }
    .dot { fill: #7cb8f5; }
    .allowed { stroke: #f0a070; }
  }
"""


def drawing(dimension: str, lines: Sequence[Line]) -> str:
    """Return an SVG document."""
    rows = -(-len(lines) // _ACROSS)
    width, height = _ACROSS * _WIDTH, _TITLE + rows * _HEIGHT + 8
    title = f"CPU milliseconds of one operation by number of {dimension}"
    panels = "\n".join(
        f'<g transform="translate({place % _ACROSS * _WIDTH} {_TITLE + place // _ACROSS * _HEIGHT})">\n'
        f"{''.join(_panel(line))}</g>"
        for place, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(title)}">\n<style>{_STYLE}</style>\n'
        f'<clipPath id="panel"><rect x="{_LEFT}" y="{_TOP}" width="{_WIDTH - _LEFT - _RIGHT}" '
        f'height="{_HEIGHT - _TOP - _BOTTOM}"/></clipPath>\n'
        f'<text class="title" x="{_LEFT}" y="20">{escape(title)}; dashed: what a logarithm allows</text>\n'
        f"{panels}\n</svg>\n"
    )


def _panel(line: Line) -> Iterator[str]:
    figures = line.figures
    first, last = figures[0], figures[-1]
    bound = first.cpu * logarithmic(first.size, last.size)
    highest = max(each.cpu for each in figures)
    top = max(_ROOM * highest, min(_ROOM * bound, 2 * highest))
    yield f'<text class="name" x="{_LEFT}" y="18">{escape(line.operation)}</text>\n'
    for value in (0.0, top / 2, top):
        y = _down(value, top)
        yield f'<line class="grid" x1="{_LEFT}" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}"/>\n'
        yield f'<text class="tick" x="{_LEFT - 5}" y="{y + 4:.1f}">{value:.2g}</text>\n'
    # Straight, since the axis is the logarithm; where it leaves the panel it is cut off.
    yield _polyline("allowed", [(_right(figures, first), first.cpu), (_right(figures, last), bound)], top)
    yield _polyline("cost", [(_right(figures, each), each.cpu) for each in figures], top)
    for each in figures:
        x, y = _right(figures, each), _down(each.cpu, top)
        yield f'<circle class="dot" cx="{x}" cy="{y}" r="3"/>\n'
        beside = -8 if each.cpu < top / 4 else 16
        yield f'<text class="value" x="{x}" y="{y + beside:.1f}">{each.cpu:.3g}</text>\n'
        yield f'<text class="size" x="{x}" y="{_HEIGHT - _BOTTOM + 16}">{_short(each.size)}</text>\n'


def _polyline(kind: str, points: Sequence[tuple[float, float]], top: float) -> str:
    drawn = " ".join(f"{x},{_down(value, top)}" for x, value in points)
    return f'<polyline class="{kind}" clip-path="url(#panel)" points="{drawn}"/>\n'


def _right(figures: Sequence[Figure], figure: Figure) -> float:
    """Return how far right a size stands, by its logarithm; at both ends there is room for labels."""
    least, most = (math.log1p(each.size) for each in (figures[0], figures[-1]))
    part = (math.log1p(figure.size) - least) / (most - least) if most > least else 0.5
    return round(_LEFT + _INSET + part * (_WIDTH - _RIGHT - _LEFT - 2 * _INSET), 1)


def _down(value: float, top: float) -> float:
    return round(_HEIGHT - _BOTTOM - value / top * (_HEIGHT - _TOP - _BOTTOM), 1)


def _short(size: int) -> str:
    """Return a number as a label has room for: 10 M, 10 k, 256."""
    for unit, name in ((1_000_000, " M"), (1_000, " k")):
        if size >= unit:
            return f"{size / unit:g}{name}"
    return str(size)
