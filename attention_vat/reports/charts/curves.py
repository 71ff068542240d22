"""Numbers that depend on a setting, such as the size of a perturbation."""

import math
from typing import List, Mapping, NamedTuple, Optional, Sequence

from attention_vat.reports.charts.axes import Axes, short, ticks
from attention_vat.reports.charts.marks import mark, model_class
from attention_vat.reports.numbers import number

# Points further apart than this, as a ratio, would crowd at the start of a plain axis.
_CROWDED = 20


class Point(NamedTuple):
    """
    # Parameters

    x, y : `float`
    low, high : `float`, optional
        The interval of `y`.
    """

    x: float
    y: float
    low: Optional[float] = None
    high: Optional[float] = None


def curves(values: Mapping[str, Sequence[Point]], x_label: str, title: str, y_label: str = "") -> str:
    """
    A line per model through its points, with a band over their intervals. If the points would crowd at the start of the
    axis, it is logarithmic, with a place for 0.

    # Parameters

    values : `Mapping[str, Sequence[Point]]`
        By model, from small to large `x`, which is not negative.
    x_label : `str`
    title, y_label : `str`
        What the number is, and what stands at its axis.
    """
    points = [point for some in values.values() for point in some]
    reach = [value for point in points for value in (point.y, point.low, point.high) if value is not None]
    scale = min([0.0, *reach]), max([1e-3, *reach])
    xs = sorted({point.x for point in points})
    positive = [x for x in xs if x > 0]
    if len(positive) > 2 and positive[-1] >= _CROWDED * positive[0]:
        # 0 is half a power of ten before the first one.
        zero, marks, x_label = math.log10(positive[0]) - 0.5, xs, f"{x_label} (logarithmic)"
    else:
        zero, marks = None, ticks(0.0, positive[-1] if positive else 1.0, most=7)

    def place(x: float) -> float:
        return x if zero is None else math.log10(x) if x > 0 else zero

    axes = Axes((place(marks[0]), max(place(x) for x in [marks[-1], *xs])), scale)

    def at(x: float, y: float) -> str:
        return f"{axes.x(place(x))} {axes.y(y)}"

    axes.y_axis(ticks(*scale), y_label)
    axes.x_axis([axes.x(place(x)) for x in marks], [short(x) for x in marks], x_label)
    for index, some in enumerate(values.values()):
        band = [(point.x, point.low, point.high) for point in some if point.low is not None and point.high is not None]
        if len(band) > 1:
            outline = [at(x, high) for x, _, high in band] + [at(x, low) for x, low, _ in reversed(band)]
            axes.add(f'<path class="band {model_class(index)}" d="M{"L".join(outline)}Z"/>')
        if len(some) > 1:
            axes.add(
                f'<path class="curve {model_class(index)}" d="M{"L".join(at(point.x, point.y) for point in some)}"/>'
            )
        axes.add(*(mark(index, axes.x(place(point.x)), axes.y(point.y), 3.5) for point in some))
    words: List[str] = []
    for name, some in values.items():
        words.append(f"{name}: " + ", ".join(f"{number(point.y)} at {short(point.x)}" for point in some))
    return axes.svg("curves", f"{title} by {x_label}. {'. '.join(words)}.")
