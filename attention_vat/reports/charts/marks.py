"""Small parts that several charts share."""

from typing import Any, Tuple

import numpy

# Models after these have the colours of the first ones again.
COLOURS = 8


def model_class(index: int) -> str:
    """The class of what is drawn for a model, by which style sheets know its colour."""
    return f"model{index % COLOURS}"


def mark(index: int, x: float, y: float, size: float = 4.5) -> str:
    """
    The sign of a model around a point: a circle, a square, a triangle and a diamond for the first four, then again.
    Shapes besides colours are for people who do not see the colours apart.
    """
    name, shape = model_class(index), index % 4
    if shape == 0:
        return f'<circle class="{name}" cx="{x:.1f}" cy="{y:.1f}" r="{size}"/>'
    half = 0.93 * size
    if shape == 1:
        side = f'width="{2 * half:.1f}" height="{2 * half:.1f}"'
        return f'<rect class="{name}" x="{x - half:.1f}" y="{y - half:.1f}" {side}/>'
    reach = 1.2 * size
    corners = [(0, -reach), (reach, reach), (-reach, reach)]
    if shape == 3:
        corners = [(0, -reach), (reach, 0), (0, reach), (-reach, 0)]
    points = "L".join(f"{x + right:.1f} {y + down:.1f}" for right, down in corners)
    return f'<path class="{name}" d="M{points}Z"/>'


def legend_mark(index: int) -> str:
    """The sign of a model, for a line of text."""
    return f'<svg class="mark" viewBox="0 0 12 12" aria-hidden="true">{mark(index, 6, 6)}</svg>'


def quartiles(values: Any) -> Tuple[float, float, float]:
    """The first quartile, the median and the third quartile."""
    low, median, high = (float(numpy.quantile(values, share)) for share in (0.25, 0.5, 0.75))
    return low, median, high
