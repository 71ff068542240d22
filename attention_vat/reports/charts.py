"""Charts as inline SVG. Colours come from the style sheet, so they follow the reader's dark mode."""

from html import escape
from typing import Dict, Optional, Sequence

import numpy

from attention_vat.reports.numbers import interval, number


def interval_chart(values: Sequence[Optional[float]], bounds: Sequence[Sequence[Optional[float]]], signed: bool) -> str:
    """
    A line per model with a mark at its value and a bar over its interval, on a common axis from 0 (or -1) to 1.

    # Parameters

    values : `Sequence[Optional[float]]`
    bounds : `Sequence[Sequence[Optional[float]]]`
        `low` and `high` of each.
    signed : `bool`
        Whether the axis starts at -1.
    """
    start, width, row = (-1.0 if signed else 0.0), 240, 16
    height = row * len(values) + 18

    def x(value: float) -> float:
        return round(6 + (width - 12) * (min(max(value, start), 1.0) - start) / (1.0 - start), 1)

    parts = [f'<line class="axis" x1="{x(start)}" x2="{x(1)}" y1="{height - 15}" y2="{height - 15}"/>']
    for tick in (start, 0.0, 0.5, 1.0) if signed else (0.0, 0.5, 1.0):
        anchor = "start" if tick == start else "end" if tick == 1 else "middle"
        parts.append(
            f'<line class="axis" x1="{x(tick)}" x2="{x(tick)}" y1="2" y2="{height - 12}" stroke-dasharray="1 3"/>'
        )
        parts.append(f'<text class="tick" x="{x(tick)}" y="{height - 2}" text-anchor="{anchor}">{_short(tick)}</text>')
    for index, (value, (low, high)) in enumerate(zip(values, bounds)):
        y = row * index + row / 2
        if low is not None and high is not None:
            parts.append(f'<line class="bar model{index}" x1="{x(low)}" x2="{x(high)}" y1="{y}" y2="{y}"/>')
        if value is not None:
            parts.append(_mark(index, x(value), y))
    # The same numbers stand next to it as text.
    return f'<svg class="interval" viewBox="0 0 {width} {height}" aria-hidden="true">{"".join(parts)}</svg>'


def histogram(values: Dict[str, Sequence[float]], bins: int = 20) -> str:
    """
    How many sentences have which correlation, from -1 to 1, with a bar per model in each bin and a mark at each mean.

    # Parameters

    values : `Dict[str, Sequence[float]]`
        The defined correlations of each model.
    bins : `int`, optional (default = `20`)
    """
    width, height, left, bottom, top = 460, 250, 46, 34, 16
    edges = numpy.linspace(-1, 1, bins + 1)
    # A share, so that models with different numbers of undefined sentences can be compared.
    shares = [numpy.histogram(v, edges)[0] / max(len(v), 1) for v in values.values()]
    peak = max(0.01, max((float(share.max()) for share in shares), default=0.01))
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5) if peak / step <= 5)

    def x(value: float) -> float:
        return round(left + (width - left - 8) * (value + 1) / 2, 1)

    def y(share: float) -> float:
        return round(height - bottom - (height - bottom - top) * share / peak, 1)

    parts = []
    for tick in numpy.arange(0, peak + 1e-9, step).tolist():
        parts.append(f'<line class="grid" x1="{left}" x2="{width - 8}" y1="{y(tick)}" y2="{y(tick)}"/>')
        parts.append(
            f'<text class="tick" x="{left - 6}" y="{y(tick) + 4}" text-anchor="end">{round(100 * tick)}%</text>'
        )
    slot = (x(edges[1]) - x(edges[0]) - 2) / max(1, len(shares))
    for index, share in enumerate(shares):
        for bin_start, part in zip(edges, share):
            if part > 0:
                bar_x, bar_height = round(x(bin_start) + 1 + index * slot, 1), round(y(0) - y(part), 1)
                parts.append(
                    f'<rect class="model{index}" x="{bar_x}" y="{y(part)}" width="{slot:.1f}" height="{bar_height}"/>'
                )
    for mark in (-1.0, -0.5, 0.0, 0.5, 1.0):
        parts.append(
            f'<text class="tick" x="{x(mark)}" y="{height - bottom + 17}" text-anchor="middle">{_short(mark)}</text>'
        )
    parts.append(f'<line class="axis" x1="{left}" x2="{width - 8}" y1="{y(0)}" y2="{y(0)}"/>')
    means = []
    for index, (name, numbers) in enumerate(values.items()):
        if len(numbers):
            mean = float(numpy.mean(numbers))
            parts.append(f'<line class="halo" x1="{x(mean)}" x2="{x(mean)}" y1="{top}" y2="{y(0)}"/>')
            parts.append(f'<line class="mean model{index}" x1="{x(mean)}" x2="{x(mean)}" y1="{top}" y2="{y(0)}"/>')
            parts.append(_mark(index, x(mean), top - 6))
            low, high = float(numpy.quantile(numbers, 0.25)), float(numpy.quantile(numbers, 0.75))
            means.append(f"{name}: mean {number(mean)}, half of the sentences in {interval(low, high)}")
    parts.append(
        f'<text class="label" x="{(left + width - 8) / 2}" y="{height - 2}" text-anchor="middle">'
        "Pearson correlation of a sentence</text>"
    )
    return _figure("histogram", width, height, "Histogram of correlations. " + ". ".join(means) + ".", parts)


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
    size, left, bottom, top = 210, 34, 34, 6
    counts, _, _ = numpy.histogram2d(attention, importance, bins=bins, range=[[0, 1], [0, 1]])
    shade = numpy.log1p(counts) / max(1e-9, float(numpy.log1p(counts).max()))
    cell = size / bins
    parts = [f'<rect class="field" x="{left}" y="{top}" width="{size}" height="{size}"/>']
    for column, row in zip(*numpy.nonzero(counts)):
        x, y = left + column * cell, top + size - (row + 1) * cell
        parts.append(
            f'<rect class="model{index}" x="{x:.1f}" y="{y:.1f}" width="{cell:.1f}" height="{cell:.1f}" '
            f'opacity="{0.08 + 0.92 * shade[column, row]:.2f}"/>'
        )
    parts.append(f'<line class="diagonal" x1="{left}" y1="{top + size}" x2="{left + size}" y2="{top}"/>')
    for tick, anchor in ((0.0, "start"), (1.0, "end")):
        place = left + size * tick
        parts.append(
            f'<text class="tick" x="{place}" y="{top + size + 14}" text-anchor="{anchor}">{_short(tick)}</text>'
        )
        height_of_text = top + size * (1 - tick) + (9 if tick else 0)
        parts.append(f'<text class="tick" x="{left - 5}" y="{height_of_text}" text-anchor="end">{_short(tick)}</text>')
    middle = top + size / 2
    parts.append(
        f'<text class="label" x="{left + size / 2}" y="{top + size + 27}" text-anchor="middle">attention</text>'
    )
    parts.append(
        f'<text class="label" x="12" y="{middle}" text-anchor="middle" transform="rotate(-90 12 {middle})">'
        "importance</text>"
    )
    text = (
        f"Attention against importance of {len(attention):,} words, {name}, both relative to the largest of their "
        "sentence. On the diagonal both agree."
    )
    return _figure("density", left + size + 6, top + size + bottom, text, parts)


def legend_mark(index: int) -> str:
    """The sign of a model: a circle for the first one, a square for the second one."""
    return f'<svg class="mark" viewBox="0 0 12 12" aria-hidden="true">{_mark(index, 6, 6)}</svg>'


def _mark(index: int, x: float, y: float) -> str:
    # Shapes besides colours, for people who do not see the colours apart.
    if index == 0:
        return f'<circle class="model0" cx="{x}" cy="{y}" r="4.5"/>'
    return f'<rect class="model{index}" x="{x - 4.2:.1f}" y="{y - 4.2:.1f}" width="8.4" height="8.4"/>'


def _figure(kind: str, width: float, height: float, text: str, parts: Sequence[str]) -> str:
    return (
        f'<svg class="chart {kind}" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(text)}">'
        f"<title>{escape(text)}</title>{''.join(parts)}</svg>"
    )


def _short(value: float) -> str:
    return f"{value:g}".replace("-", "−")
