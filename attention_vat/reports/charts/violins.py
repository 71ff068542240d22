"""How a measure depends on the largest attention weight of a sentence."""

from typing import List, Mapping, NamedTuple, Sequence, Tuple

import numpy

from attention_vat.reports.charts.axes import Axes, ticks
from attention_vat.reports.charts.marks import mark, model_class, quartiles
from attention_vat.reports.markup import escape
from attention_vat.reports.numbers import interval, number


class Places(NamedTuple):
    """
    What violins stand side by side for.

    # Parameters

    edges : `Sequence[float]`
        A value of `x` belongs to the place between two of them.
    names : `Sequence[str]`
        Of the places, one less.
    title : `str`
        What stands below them.
    summary : `str`
        The same in the description of the chart, after the measure.
    """

    edges: Sequence[float]
    names: Sequence[str]
    title: str
    summary: str


# The bins of Jain & Wallace (2019).
EDGES = (0.0, 0.25, 0.5, 0.75, 1.0)
BY_LARGEST_WEIGHT = Places(
    EDGES,
    [f"{low:g}–{high:g}" for low, high in zip(EDGES, EDGES[1:])],
    "largest attention weight of the sentence",
    "by largest attention weight",
)
# Fewer sentences than this are drawn as points: a curve would pretend to know more.
FEW = 8
Points = Tuple[Sequence[float], Sequence[float]]


def violins(
    values: Mapping[str, Points],
    title: str,
    y_label: str = "",
    scale: Tuple[float, float] = (0.0, 1.0),
    places: Places = BY_LARGEST_WEIGHT,
) -> str:
    """
    The distribution of a measure over the sentences whose largest attention weight lies in a quarter from 0 to 1, after
    Jain & Wallace (2019, Figs. 7 and 8), or over other groups: a curve turned upright for each model, with a bar over
    the middle half of the sentences and a mark at their median.

    # Parameters

    values : `Mapping[str, Tuple[Sequence[float], Sequence[float]]]`
        By model the largest weights, or what else `places` divides, and the values of the measure.
    title, y_label : `str`
        What the measure is, and what stands at its axis.
    scale : `Tuple[float, float]`, optional (default = `(0, 1)`)
        The ends of its axis.
    places : `Places`, optional (default = `BY_LARGEST_WEIGHT`)
    """
    names = places.names
    axes = Axes((0, len(names)), scale)
    axes.y_axis(ticks(*scale), y_label)
    words: List[str] = []
    room = 1 / max(1, len(values))
    for index, (model, (most, measure)) in enumerate(values.items()):
        numbers = numpy.clip(numpy.asarray(measure, dtype=float), *scale)
        # The last bin has both its ends.
        bins = numpy.clip(numpy.digitize(numpy.asarray(most, dtype=float), places.edges) - 1, 0, len(names) - 1)
        said = []
        for place, name in enumerate(names):
            some = numbers[bins == place]
            if not len(some):
                continue
            low, median, high = quartiles(some)
            text = f"{name}: median {number(median)}, {len(some):,} {'sentence' if len(some) == 1 else 'sentences'}"
            said.append(text)
            middle, half = place + (index + 0.5) * room, 0.46 * room
            axes.add(f"<g><title>{escape(f'{model}, {text}, half of them in {interval(low, high)}')}</title>")
            if len(some) < FEW:
                axes.add(*(mark(index, axes.x(middle), axes.y(value), 2.5) for value in some))
            else:
                axes.add(f'<path class="violin {model_class(index)}" d="{_outline(axes, some, middle, half)}"/>')
                axes.line(f"middle {model_class(index)}", axes.x(middle), axes.y(low), axes.x(middle), axes.y(high))
                axes.add(f'<g class="on">{mark(index, axes.x(middle), axes.y(median), 3.5)}</g>')
            axes.add("</g>")
        words.append(f"{model}: {'; '.join(said)}")
    axes.x_axis([axes.x(i + 0.5) for i in range(len(names))], names, places.title)
    return axes.svg("violins", f"{title} {places.summary}. {'. '.join(words)}.")


def _outline(axes: Axes, values: numpy.ndarray, middle: float, half: float) -> str:
    """The closed path of a violin whose widest place is `half` to each side of `middle`."""
    low, high = axes.y_range
    grid = numpy.linspace(values.min(), values.max(), 48)
    # Silverman's rule; a constant still needs some width. What would lie beyond the axis is folded back.
    spread = min(values.std(), (numpy.quantile(values, 0.75) - numpy.quantile(values, 0.25)) / 1.34) or values.std()
    bandwidth = max(0.9 * spread * len(values) ** -0.2, 0.004 * (high - low))
    # Counted first, so that 25,000 sentences cost no more than a few hundred.
    counts, edges = numpy.histogram(values, bins=400, range=(low, high))
    points = (edges[1:] + edges[:-1]) / 2
    height = sum(
        (counts * numpy.exp(-0.5 * ((grid[:, None] - mirrored) / bandwidth) ** 2)).sum(axis=1)
        for mirrored in (points, 2 * low - points, 2 * high - points)
    )
    widths = half * height / height.max()
    up = [f"{axes.x(middle + width)} {axes.y(value)}" for value, width in zip(grid, widths)]
    down = [f"{axes.x(middle - width)} {axes.y(value)}" for value, width in zip(grid[::-1], widths[::-1])]
    return "M" + "L".join(up + down) + "Z"
