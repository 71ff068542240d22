"""Pictures of an evaluation of one or more models: SVG elements with text descriptions."""

import textwrap
from typing import Any, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy

from attention_vat.common.written_numbers import interval, number
from attention_vat.plots.style import CARD, LINE, SOFT, drawing, legend, mark, model_style, svg_of

Scale = Tuple[float, float]
# Points whose ratio is larger would crowd at the start of a linear axis.
_CROWDED = 20
# Fewer sentences than this are drawn as points: a curve would suggest more than is known.
FEW = 8


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


class Places(NamedTuple):
    """
    The groups whose violins stand side by side.

    # Parameters

    edges : `Sequence[float]`
        A value of `x` belongs to the group between two of them.
    names : `Sequence[str]`
        The names of the groups, one fewer.
    title : `str`
        The label below them.
    summary : `str`
        The same in the description of the chart, after the measure.
    """

    edges: Sequence[float]
    names: Sequence[str]
    title: str
    summary: str


# The bins of Jain & Wallace (2019).
BY_LARGEST_WEIGHT = Places(
    (0.0, 0.25, 0.5, 0.75, 1.0),
    ["0–0.25", "0.25–0.5", "0.5–0.75", "0.75–1"],
    "largest attention weight of the sentence",
    "by largest attention weight",
)


def curves(values: Mapping[str, Sequence[Point]], x_label: str, title: str, y_label: str = "") -> str:
    """
    Draws a line per model through its points, with a band over their intervals. If the points would crowd at the start
    of the axis, it is logarithmic, with a place for 0.

    # Parameters

    values : `Mapping[str, Sequence[Point]]`
        By model, sorted by `x`, which is not negative.
    x_label : `str`
    title, y_label : `str`
        The name of the number, and the label of its axis.
    """
    reach = [y for some in values.values() for point in some for y in point[1:] if y is not None]
    xs = sorted({point.x for some in values.values() for point in some})
    positive = [x for x in xs if x > 0]
    words = [
        f"{name}: " + ", ".join(f"{number(point.y)} at {_short(point.x)}" for point in some)
        for name, some in values.items()
    ]
    crowded = len(positive) > 2 and positive[-1] >= _CROWDED * positive[0]
    x_label += " (logarithmic)" if crowded else ""
    description = f"{title} by {x_label}. {'. '.join(words)}."
    with drawing(description) as (figure, (axis,)):
        if crowded:
            axis.set_xscale("symlog", linthresh=positive[0], linscale=0.45)
            axis.set_xticks(xs, [_short(x) for x in xs])
            axis.set_xticks([], minor=True)
        for index, some in enumerate(values.values()):
            band = [point for point in some if point.low is not None and point.high is not None]
            columns = numpy.array(band, dtype=float).reshape(-1, 4).T
            color = {"color": model_style(index).color, "clip_on": False}
            if len(band) > 1:
                axis.fill_between(
                    columns[0],
                    columns[2],
                    columns[3],
                    alpha=0.18,
                    lw=0,
                    gid=mark(f"band {model_style(index).name}"),
                    **color,
                )
            x, y = [point.x for point in some], [point.y for point in some]
            if len(some) > 1:
                axis.plot(x, y, lw=2, gid=mark(f"curve {model_style(index).name}"), **color)
            _points(axis, index, x, y, 6)
        axis.set_ylim(min([0.0, *reach]), max([1e-3, *reach]))
        _named(figure, axis, values, x_label, y_label)
        return svg_of(figure, "curves", description)


def density(name: str, index: int, attention: Sequence[float], importance: Sequence[float], bins: int = 16) -> str:
    """
    Draws the attention of words against their importance, both relative to the sentence's largest. The darker a square,
    the more words it holds (logarithmic).

    # Parameters

    name, index : `str`, `int`
        The model's name and index.
    attention, importance : `Sequence[float]`
        A number from 0 to 1 per word.
    bins : `int`, optional (default = `16`)
        Squares in each direction.
    """
    from matplotlib.collections import PatchCollection
    from matplotlib.colors import to_rgba
    from matplotlib.patches import Rectangle

    counts, _, _ = numpy.histogram2d(attention, importance, bins=bins, range=[[0, 1], [0, 1]])
    shade = numpy.log1p(counts) / max(1e-9, float(numpy.log1p(counts).max()))
    description = (
        f"Attention against importance of {len(attention):,} words, {name}, both relative to the largest of their "
        "sentence. On the diagonal both agree."
    )
    with drawing(description, size=(3.5, 3.5)) as (figure, (axis,)):
        places = [*zip(*numpy.nonzero(counts))]
        squares = PatchCollection(
            [Rectangle((column / bins, row / bins), 1 / bins, 1 / bins) for column, row in places],
            facecolors=[to_rgba(model_style(index).color, 0.08 + 0.92 * shade[place]) for place in places],
            clip_on=False,
            gid=mark(f"squares {model_style(index).name}"),
        )
        axis.add_collection(squares)
        axis.plot([0, 1], [0, 1], color=SOFT, lw=1, ls="--", alpha=0.8)
        axis.grid(False)
        axis.spines[:].set_visible(True)
        axis.spines[:].set_color(LINE)
        marks = (0.0, 0.5, 1.0)
        axis.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="attention", ylabel="importance")
        axis.set_xticks(marks, [_short(value) for value in marks])
        axis.set_yticks(marks, [_short(value) for value in marks])
        return svg_of(figure, "density", description)


def histogram(values: Mapping[str, Sequence[float]], label: str, scale: Scale = (-1.0, 1.0), bins: int = 20) -> str:
    """
    Draws the share of sentences in each bin, one bar per model, with a mark at each mean.

    # Parameters

    values : `Mapping[str, Sequence[float]]`
        The defined values of each model.
    label : `str`
        What the values are.
    scale : `Tuple[float, float]`, optional (default = `(-1, 1)`)
        The ends of the axis.
    bins : `int`, optional (default = `20`)
    """
    means = []
    for name, numbers in values.items():
        if len(numbers):
            low, _, high = _quartiles(numbers)
            middle = number(float(numpy.mean(numbers)))
            means.append(f"{name}: mean {middle}, half of the sentences in {interval(low, high)}")
    description = f"Histogram: {label}. " + ". ".join(means) + "."
    edges = numpy.linspace(*scale, bins + 1)
    slot = 0.92 * (edges[1] - edges[0]) / max(1, len(values))
    with drawing(description) as (figure, (axis,)):
        for index, numbers in enumerate(values.values()):
            # A share, so that models with different numbers of undefined sentences can be compared.
            shares = numpy.histogram(numpy.clip(numbers, *scale), edges)[0] / max(len(numbers), 1)
            starts = edges[:-1] + 0.04 * (edges[1] - edges[0]) + index * slot
            for start, share in zip(starts, shares):
                if share > 0:
                    axis.bar(start, share, slot, align="edge", color=model_style(index).color, clip_on=False)
                    axis.patches[-1].set_gid(mark(f"bar {model_style(index).name}"))
        top = axis.get_ylim()[1] if axis.patches else 0.01
        for index, numbers in enumerate(values.values()):
            if len(numbers):
                mean = float(numpy.clip(numpy.mean(numbers), *scale))
                axis.plot([mean, mean], [0, top], color=CARD, lw=4)
                axis.plot(
                    [mean, mean],
                    [0, top],
                    color=model_style(index).color,
                    lw=2,
                    gid=mark(f"mean {model_style(index).name}"),
                )
                _points(axis, index, [mean], [top], 8)
        axis.set(xlim=scale, ylim=(0, top))
        axis.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g}%")
        _few_ticks(axis)
        _named(figure, axis, values, label)
        return svg_of(figure, "histogram", description)


def intervals(
    title: str,
    values: Sequence[Optional[float]],
    bounds: Sequence[Tuple[Optional[float], Optional[float]]],
    scale: Scale = (0.0, 1.0),
) -> str:
    """
    Draws a line per model with a mark at its value and a bar over its interval, on a common axis. The same numbers
    stand next to it as text.

    # Parameters

    title : `str`
        What the values are.
    values : `Sequence[Optional[float]]`
    bounds : `Sequence[Tuple[Optional[float], Optional[float]]]`
        `low` and `high` of each.
    scale : `Tuple[float, float]`, optional (default = `(0, 1)`)
        The ends of the axis.
    """
    with drawing(title, size=(3.2, 0.32 + 0.22 * len(values))) as (figure, (axis,)):
        for index, (value, ends) in enumerate(zip(values, bounds)):
            if None not in ends:
                line = {
                    "color": model_style(index).color,
                    "lw": 3,
                    "alpha": 0.55,
                    "solid_capstyle": "round",
                    "clip_on": False,
                }
                axis.plot(
                    numpy.clip(ends, *scale), [index, index], gid=mark(f"reach {model_style(index).name}"), **line
                )
            if value is not None:
                _points(axis, index, [float(numpy.clip(value, *scale))], [index], 8)
        axis.grid(axis="x", ls=":")
        axis.grid(visible=False, axis="y")
        axis.set(xlim=scale, ylim=(len(values) - 0.5, -0.5), yticks=[])
        _few_ticks(axis)
        return svg_of(figure, "interval", title)


def violins(
    values: Mapping[str, Tuple[Sequence[float], Sequence[float]]],
    title: str,
    y_label: str = "",
    scale: Scale = (0.0, 1.0),
    places: Places = BY_LARGEST_WEIGHT,
) -> str:
    """
    Draws the distribution of a measure over the sentences whose largest attention weight lies in each quarter from 0 to
    1, as in Jain & Wallace (2019, Figs. 7 and 8), or over other groups: an upright curve for each model, with a bar
    over the middle half of the sentences and a mark at their median.

    # Parameters

    values : `Mapping[str, Tuple[Sequence[float], Sequence[float]]]`
        By model, the largest weights, or another quantity that `places` divides, and the values of the measure.
    title, y_label : `str`
        The name of the measure, and the label of its axis.
    scale : `Tuple[float, float]`, optional (default = `(0, 1)`)
        The ends of its axis.
    places : `Places`, optional (default = `BY_LARGEST_WEIGHT`)
    """
    names, words, room = places.names, [], 1 / max(1, len(values))
    with drawing(f"{title} {places.summary}") as (figure, (axis,)):
        for index, (model, (most, measure)) in enumerate(values.items()):
            numbers = numpy.clip(numpy.asarray(measure, dtype=float), *scale)
            # The last bin includes both ends.
            bins = numpy.clip(numpy.digitize(numpy.asarray(most, dtype=float), places.edges) - 1, 0, len(names) - 1)
            said: List[str] = []
            for place, name in enumerate(names):
                some = numbers[bins == place]
                if not len(some):
                    continue
                low, median, high = _quartiles(some)
                said.append(
                    f"{name}: median {number(median)}, {len(some):,} {'sentence' if len(some) == 1 else 'sentences'}"
                )
                middle, hover = place + (index + 0.5) * room, f"{model}, {said[-1]}, half of them in "
                hover += interval(low, high)
                if len(some) < FEW:
                    _points(axis, index, [middle] * len(some), some, 5, hover)
                    continue
                parts = axis.violinplot(
                    [some], [middle], widths=0.92 * room, showextrema=False, points=48, bw_method="silverman"
                )
                parts["bodies"][0].set(
                    facecolor=model_style(index).color,
                    alpha=0.35,
                    lw=0,
                    clip_on=False,
                    gid=mark(f"violin {model_style(index).name}", hover),
                )
                axis.plot(
                    [middle] * 2,
                    [low, high],
                    color=model_style(index).color,
                    lw=3,
                    gid=mark(f"middle {model_style(index).name}"),
                )
                _points(axis, index, [middle], [median], 7, hover)
            words.append(f"{model}: {'; '.join(said)}")
        axis.set(xlim=(0, len(names)), ylim=scale)
        axis.set_xticks([place + 0.5 for place in range(len(names))], [textwrap.fill(name, 12) for name in names])
        _named(figure, axis, values, places.title, y_label)
        return svg_of(figure, "violins", f"{title} {places.summary}. {'. '.join(words)}.")


def _points(axis: Any, index: int, x: Sequence[float], y: Sequence[float], size: float, title: str = "") -> None:
    """Draws points of a model with its marker."""
    shape = {"marker": model_style(index).marker, "ms": size, "mec": CARD, "mew": 0.8, "clip_on": False, "zorder": 3}
    axis.plot(x, y, ls="", color=model_style(index).color, gid=mark(f"marks {model_style(index).name}", title), **shape)


def _named(figure: Any, axis: Any, models: Mapping[str, Any], x_label: str, y_label: str = "") -> None:
    """Labels the axes, and adds a legend if there are several models."""
    axis.set_xlabel(x_label)
    axis.set_ylabel(y_label)
    if len(models) > 1:
        legend(figure, [*models])


def _few_ticks(axis: Any) -> None:
    from matplotlib.ticker import MaxNLocator

    axis.xaxis.set_major_locator(MaxNLocator(4))
    axis.xaxis.set_major_formatter(lambda tick, _: _short(tick))


def _short(value: float) -> str:
    """Formats a number for an axis."""
    return f"{value:g}".replace("-", "−")


def _quartiles(values: Any) -> Tuple[float, float, float]:
    """The first quartile, the median and the third quartile."""
    low, median, high = (float(numpy.quantile(values, share)) for share in (0.25, 0.5, 0.75))
    return low, median, high
