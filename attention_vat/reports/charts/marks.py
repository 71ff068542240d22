"""Small parts that several charts share."""

from typing import Any, Tuple

import numpy


def mark(index: int, x: float, y: float, size: float = 4.5) -> str:
    """
    The sign of a model around a point, a circle for the first one and a square for the second one: shapes besides
    colours, for people who do not see the colours apart.
    """
    if index == 0:
        return f'<circle class="model0" cx="{x:.1f}" cy="{y:.1f}" r="{size}"/>'
    half = 0.93 * size
    side = f'width="{2 * half:.1f}" height="{2 * half:.1f}"'
    return f'<rect class="model{index}" x="{x - half:.1f}" y="{y - half:.1f}" {side}/>'


def legend_mark(index: int) -> str:
    """The sign of a model, for a line of text."""
    return f'<svg class="mark" viewBox="0 0 12 12" aria-hidden="true">{mark(index, 6, 6)}</svg>'


def quartiles(values: Any) -> Tuple[float, float, float]:
    """The first quartile, the median and the third quartile."""
    low, median, high = (float(numpy.quantile(values, share)) for share in (0.25, 0.5, 0.75))
    return low, median, high
