"""Values with their intervals on one small axis."""

from typing import Optional, Sequence, Tuple

from attention_vat.reports.charts.axes import short, ticks
from attention_vat.reports.charts.marks import mark, model_class


def intervals(
    values: Sequence[Optional[float]],
    bounds: Sequence[Tuple[Optional[float], Optional[float]]],
    scale: Tuple[float, float] = (0.0, 1.0),
) -> str:
    """
    A line per model with a mark at its value and a bar over its interval, on a common axis.

    # Parameters

    values : `Sequence[Optional[float]]`
    bounds : `Sequence[Tuple[Optional[float], Optional[float]]]`
        `low` and `high` of each.
    scale : `Tuple[float, float]`, optional (default = `(0, 1)`)
        The ends of the axis.
    """
    start, end = scale
    width, row = 240, 16
    height = row * len(values) + 18

    def x(value: float) -> float:
        return round(6 + (width - 12) * (min(max(value, start), end) - start) / (end - start), 1)

    parts = [f'<line class="axis" x1="{x(start)}" x2="{x(end)}" y1="{height - 15}" y2="{height - 15}"/>']
    for tick in ticks(start, end, 5):
        anchor = "start" if tick == start else "end" if tick == end else "middle"
        parts.append(
            f'<line class="axis" x1="{x(tick)}" x2="{x(tick)}" y1="2" y2="{height - 12}" stroke-dasharray="1 3"/>'
            f'<text class="tick" x="{x(tick)}" y="{height - 2}" text-anchor="{anchor}">{short(tick)}</text>'
        )
    for index, (value, (low, high)) in enumerate(zip(values, bounds)):
        y = row * index + row / 2
        if low is not None and high is not None:
            parts.append(f'<line class="bar {model_class(index)}" x1="{x(low)}" x2="{x(high)}" y1="{y}" y2="{y}"/>')
        if value is not None:
            parts.append(mark(index, x(value), y))
    # The same numbers stand next to it as text.
    return f'<svg class="interval" viewBox="0 0 {width} {height}" aria-hidden="true">{"".join(parts)}</svg>'
