"""How many sentences have which value."""

from typing import Mapping, Sequence, Tuple

import numpy

from attention_vat.reports.charts.axes import Axes, short, ticks
from attention_vat.reports.charts.marks import mark, model_class, quartiles
from attention_vat.reports.numbers import interval, number


def histogram(
    values: Mapping[str, Sequence[float]], label: str, scale: Tuple[float, float] = (-1.0, 1.0), bins: int = 20
) -> str:
    """
    The share of sentences in each bin, a bar per model, with a mark at each mean.

    # Parameters

    values : `Mapping[str, Sequence[float]]`
        The defined values of each model.
    label : `str`
        What they are.
    scale : `Tuple[float, float]`, optional (default = `(-1, 1)`)
        The ends of the axis.
    bins : `int`, optional (default = `20`)
    """
    edges = numpy.linspace(*scale, bins + 1)
    # A share, so that models with different numbers of undefined sentences can be compared.
    shares = [numpy.histogram(numpy.clip(v, *scale), edges)[0] / max(len(v), 1) for v in values.values()]
    peak = max(0.01, max((float(share.max()) for share in shares), default=0.01))
    axes = Axes(scale, (0, peak))
    axes.y_axis(ticks(0, peak), percent=True)
    slot = (axes.x(edges[1]) - axes.x(edges[0]) - 2) / max(1, len(shares))
    for index, share in enumerate(shares):
        kind = model_class(index)
        for start, part in zip(edges, share):
            if part > 0:
                x, height = round(axes.x(start) + 1 + index * slot, 1), round(axes.bottom - axes.y(part), 1)
                axes.add(f'<rect class="{kind}" x="{x}" y="{axes.y(part)}" width="{slot:.1f}" height="{height}"/>')
    marks = ticks(*scale, most=5)
    axes.x_axis([axes.x(value) for value in marks], [short(value) for value in marks], label)
    means = []
    for index, (name, numbers) in enumerate(values.items()):
        if len(numbers):
            mean = float(numpy.mean(numbers))
            x = axes.x(min(max(mean, scale[0]), scale[1]))
            axes.line("halo", x, axes.top, x, axes.bottom)
            axes.line(f"mean {model_class(index)}", x, axes.top, x, axes.bottom)
            axes.add(mark(index, x, axes.top - 6))
            low, _, high = quartiles(numbers)
            means.append(f"{name}: mean {number(mean)}, half of the sentences in {interval(low, high)}")
    return axes.svg("histogram", f"Histogram: {label}. " + ". ".join(means) + ".")
