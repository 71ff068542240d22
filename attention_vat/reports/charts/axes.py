"""A plot's rectangle with a scale in each direction."""

import math
from typing import List, Optional, Sequence, Tuple

from attention_vat.reports.markup import escape

# Space around the rectangle for the numbers and names of the axes.
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 16, 38


class Axes:
    """
    Collects the parts of a chart. `x` and `y` turn values into places; what the methods draw is in `parts`, in order.

    # Parameters

    x_range, y_range : `Tuple[float, float]`
        The values at the ends of the axes.
    width, height : `float`, optional (default = `460`, `250`)
        Of the whole chart.
    """

    def __init__(
        self,
        x_range: Tuple[float, float],
        y_range: Tuple[float, float],
        width: float = 460,
        height: float = 250,
    ) -> None:
        self.x_range, self.y_range = x_range, y_range
        self.width, self.height = width, height
        self.left, self.right, self.top, self.bottom = LEFT, width - RIGHT, TOP, height - BOTTOM
        self.parts: List[str] = []

    def x(self, value: float) -> float:
        """The horizontal place of a value, in pixels."""
        low, high = self.x_range
        return round(self.left + (self.right - self.left) * (value - low) / (high - low), 1)

    def y(self, value: float) -> float:
        """The vertical place of a value, in pixels."""
        low, high = self.y_range
        return round(self.bottom - (self.bottom - self.top) * (value - low) / (high - low), 1)

    def add(self, *parts: str) -> None:
        """Adds elements of SVG."""
        self.parts += parts

    def line(self, kind: str, x1: float, y1: float, x2: float, y2: float) -> None:
        """Between two places."""
        self.add(f'<line class="{kind}" x1="{x1}" x2="{x2}" y1="{y1}" y2="{y2}"/>')

    def text(self, kind: str, x: float, y: float, text: str, anchor: str = "middle", more: str = "") -> None:
        """Adds a text."""
        self.add(f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escape(text)}</text>')

    def y_axis(self, values: Sequence[float], label: str = "", percent: bool = False, grid: bool = True) -> None:
        """Adds the vertical axis with its ticks."""
        for value in values:
            if grid:
                self.line("grid", self.left, self.y(value), self.right, self.y(value))
            words = f"{100 * value:.3g}%" if percent else short(value)
            self.text("tick", self.left - 6, self.y(value) + 4, words, "end")
        if label:
            middle = (self.top + self.bottom) / 2
            self.text("label", 11, middle, label, more=f' transform="rotate(-90 11 {middle:.1f})"')

    def x_axis(self, places: Sequence[float], names: Sequence[str], label: str = "") -> None:
        """Its line, names below places of it, and what it is."""
        self.line("axis", self.left, self.bottom, self.right, self.bottom)
        for place, name in zip(places, names):
            self.text("tick", place, self.bottom + 15, name)
        if label:
            self.text("label", (self.left + self.right) / 2, self.height - 5, label)

    def svg(self, kind: str, description: str) -> str:
        """The chart, with what it shows in words."""
        return svg(kind, self.width, self.height, description, self.parts)


def svg(kind: str, width: float, height: float, description: str, parts: Sequence[str]) -> str:
    """A picture for the page, with what it shows in words."""
    words = escape(description)
    return (
        f'<svg class="chart {kind}" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{words}">'
        f"<title>{words}</title>{''.join(parts)}</svg>"
    )


def ticks(low: float, high: float, most: int = 6) -> List[float]:
    """
    Round numbers from `low` to `high`, at most `most`.

    # Examples

        ticks(0, 0.69)  # [0.0, 0.2, 0.4, 0.6]
    """
    if not high > low:
        return [low]
    raw = (high - low) / (most - 1)
    power = 10.0 ** math.floor(math.log10(raw))
    # A little tolerance: a step that fits exactly must not be lost to rounding.
    step = next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= raw * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def short(value: Optional[float]) -> str:
    """A number of an axis."""
    return "–" if value is None else f"{value:g}".replace("-", "−")
