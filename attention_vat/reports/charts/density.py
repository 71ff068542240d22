"""Where many points lie."""

from typing import Sequence

import numpy

from attention_vat.reports.charts.axes import Axes, short
from attention_vat.reports.charts.marks import model_class


def density(name: str, index: int, attention: Sequence[float], importance: Sequence[float], bins: int = 16) -> str:
    """
    Where the words lie: their attention against their importance, both as a share of the sentence's largest. The darker
    a square, the more words (logarithmic).

    # Parameters

    name, index : `str`, `int`
        The model's.
    attention, importance : `Sequence[float]`
        A number from 0 to 1 per word.
    bins : `int`, optional (default = `16`)
        Squares in each direction.
    """
    axes = Axes((0, 1), (0, 1), width=266, height=264)
    counts, _, _ = numpy.histogram2d(attention, importance, bins=bins, range=[[0, 1], [0, 1]])
    shade = numpy.log1p(counts) / max(1e-9, float(numpy.log1p(counts).max()))
    cell = 1 / bins
    side = axes.x(1) - axes.x(0)
    axes.add(f'<rect class="field" x="{axes.left}" y="{axes.top}" width="{side}" height="{side}"/>')
    for column, row in zip(*numpy.nonzero(counts)):
        axes.add(
            f'<rect class="{model_class(index)}" x="{axes.x(column * cell)}" y="{axes.y((row + 1) * cell)}" '
            f'width="{side * cell:.1f}" height="{side * cell:.1f}" opacity="{0.08 + 0.92 * shade[column, row]:.2f}"/>'
        )
    axes.line("diagonal", axes.x(0), axes.y(0), axes.x(1), axes.y(1))
    marks = (0.0, 0.5, 1.0)
    axes.y_axis(marks, "importance", grid=False)
    axes.x_axis([axes.x(value) for value in marks], [short(value) for value in marks], "attention")
    return axes.svg(
        "density",
        f"Attention against importance of {len(attention):,} words, {name}, both relative to the largest of their "
        "sentence. On the diagonal both agree.",
    )
