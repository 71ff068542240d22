"""Pictures of many runs: what a search found, and the figures of an experiment. SVG and PNG files."""

import math
import textwrap
from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy

from attention_vat.plots.expected_performance import expected_best
from attention_vat.plots.style import CARD, INK, SOFT, drawing, save

# Okabe & Ito: colours that colour-blind readers can distinguish; the markers distinguish them without any colour.
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", INK, "#8A8A00", "#7A3E9D", "#7F7F7F")
_MARKERS = "os^DvPX<>*"
_MOST_PANELS_IN_A_ROW = 4
_DASHED: Dict[str, Any] = {"lw": 0.9, "ls": (0, (4, 3))}
# The size of a map's cell and the width of the widest map, in inches, and the colour of an empty cell.
CELL, WIDEST, NOTHING = (0.95, 0.42), 14.0, "#E8E8E8"


class Points(NamedTuple):
    """
    # Parameters

    x, value : `List[float]`
        The coordinates of each run, such as its ε and its score.
    """

    x: List[float]
    value: List[float]


class Cell(NamedTuple):
    """
    # Parameters

    column, row : `int`
    depth : `float`, optional
        The colour, from -1 to 1; grey if it is missing.
    number, interval : `str`
        The text in the cell.
    """

    column: int
    row: int
    depth: Optional[float]
    number: str
    interval: str


class Panel(NamedTuple):
    """
    # Parameters

    title : `str`
    palette : `str`
        A colour map of matplotlib.
    cells : `List[Cell]`
    """

    title: str
    palette: str
    cells: List[Cell]


def plot_expected_best(path: Path, values: Mapping[str, Sequence[float]], metric: str, mode: str = "max") -> None:
    """
    Draws the expected best value against the number of runs for one or more searches, with a band of one standard
    deviation, cut off at the best and worst value; a thin dashed line shows the estimate without replacement.

    # Parameters

    path : `Path`
        The path without suffix.
    values : `Mapping[str, Sequence[float]]`
        The result of each run, by the name of the search.
    metric, mode : `str`
    """
    title = f"expected best {_title(metric)}"
    with drawing(title) as (figure, (axis,)):
        for index, (name, results) in enumerate(values.items()):
            style, runs = _style(index), numpy.arange(1, len(results) + 1)
            curve = expected_best(results, mode=mode)
            band = numpy.clip([curve.mean - curve.std, curve.mean + curve.std], min(results), max(results))
            axis.fill_between(runs, *band, color=style["color"], alpha=0.15, linewidth=0)
            axis.plot(runs, curve.mean, markersize=3.5, label=name, **style)
            axis.plot(runs, expected_best(results, False, mode).mean, color=style["color"], **_DASHED)
        axis.plot([], [], color=SOFT, label="without replacement", **_DASHED)
        axis.set(xlim=(0.5, max(map(len, values.values())) + 0.5), xlabel="runs", ylabel=title)
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.legend(loc="lower right" if mode == "max" else "upper right")
        save(figure, path, f"{title} by runs")


def plot_points(
    path: Path,
    panels: Mapping[str, Mapping[str, Points]],
    x_name: str = "ε",
    logarithmic: bool = True,
    levels: Optional[Mapping[str, Mapping[str, List[float]]]] = None,
    ticks: Sequence[float] = (),
) -> None:
    """
    Draws values against a number for each technique, as Kitada & Iyatomi (2021, from Fig. 4) do against ε. Runs with
    the same number become one point, their mean with a bar of one standard deviation.

    # Parameters

    path : `Path`
        The path without suffix.
    panels : `Mapping[str, Mapping[str, Points]]`
        By the quantity on the vertical axis, then by technique.
    x_name : `str`, optional (default = `"ε"`)
        The label of the horizontal axis.
    logarithmic : `bool`, optional (default = `True`)
        Whether the horizontal axis is logarithmic.
    levels : `Mapping[str, Mapping[str, List[float]]]`, optional
        By the quantity on the vertical axis, then by technique: the values of runs that do not have that number, such
        as those of a plain model. Their mean is a horizontal line in a band of one standard deviation.
    ticks : `Sequence[float]`, optional
        The ticks of the horizontal axis.
    """
    techniques = sorted({technique for panel in panels.values() for technique in panel})
    rows = -(-len(panels) // _MOST_PANELS_IN_A_ROW)
    with drawing(x_name, rows, -(-len(panels) // rows)) as (figure, axes):
        for axis, (title, panel) in zip(axes, panels.items()):
            for name, values in (levels or {}).get(title, {}).items():
                mean, std = _mean_and_std(values)
                axis.axhspan(mean - std, mean + std, color=SOFT, alpha=0.15, linewidth=0)
                axis.axhline(mean, color=SOFT, label=name, **_DASHED)
            for index, technique in enumerate(techniques):
                if technique not in panel:
                    continue
                groups: Dict[float, List[float]] = {}
                for x, value in sorted(zip(*panel[technique])):
                    groups.setdefault(x, []).append(value)
                means, stds = zip(*map(_mean_and_std, groups.values()))
                style, repeated = _style(index), any(len(some) > 1 for some in groups.values())
                bars = {"yerr": stds if repeated else None, "capsize": 2, "elinewidth": 0.9}
                axis.errorbar([*groups], means, markersize=4.5, linestyle="none", label=technique, **bars, **style)
                # Single runs are noisy: their line only guides the eye.
                axis.plot([*groups], means, color=style["color"], lw=1.3, alpha=1.0 if repeated else 0.3)
            if logarithmic:
                axis.set_xscale("log", subs=[])
                axis.xaxis.set_major_locator(_logarithmic())
                axis.xaxis.set_major_formatter("{x:g}")
            if len(ticks):
                axis.set_xticks(ticks, [f"{tick:,g}" for tick in ticks])
                # Otherwise powers of ten between them would be labelled as well.
                axis.set_xticks([], minor=True)
            axis.set(xlabel=x_name, ylabel=textwrap.fill(_title(title), 36))
        for unused in axes[len(panels) :]:
            unused.remove()
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
        save(figure, path, f"{', '.join(map(_title, panels))} against {x_name}")


def plot_map(path: Path, panels: Sequence[Panel], rows: Sequence[str], columns: Sequence[str], caption: str) -> None:
    """
    Draws tables of coloured cells side by side, in as many rows as needed.

    # Parameters

    path : `Path`
        The path without suffix.
    panels : `Sequence[Panel]`
    rows, columns : `Sequence[str]`
        Their names.
    caption : `str`
    """
    from matplotlib import colormaps
    from matplotlib.patches import Rectangle

    names, width = 0.09 * max(map(len, rows)), CELL[0] * len(columns) + 0.3
    beside = max(1, min(len(panels), int((WIDEST - names) / width)))
    size = (width + names / beside, CELL[1] * len(rows) + 1.1)
    with drawing(caption, -(-len(panels) // beside), beside, size) as (figure, axes):
        for number, (axis, panel) in enumerate(zip(axes, panels)):
            palette = colormaps[panel.palette]
            for x, y, depth, text, interval in panel.cells:
                # Neither the white middle of the palette, nor colours too dark for black text.
                color = NOTHING if depth is None else palette(0.5 + 0.1 * math.copysign(1, depth) + 0.2 * depth)
                axis.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=color, edgecolor=CARD, linewidth=1.5))
                look = {"ha": "center", "color": "#555555" if depth is None else "black"}
                axis.text(x, y - 0.04, text, va="bottom", fontsize=9, **look)
                axis.text(x, y + 0.08, interval, va="top", fontsize=6.5, **look)
            axis.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(rows) - 0.5, -0.5))
            title = textwrap.fill(panel.title, 14 * len(columns), break_long_words=False)
            axis.set_title(title, fontsize=10)
            axis.set_xticks(range(len(columns)), columns, fontsize=8)
            axis.set_yticks(range(len(rows)), rows if number % beside == 0 else [""] * len(rows), fontsize=10)
            axis.grid(False)
            axis.spines[:].set_visible(False)
        for unused in axes[len(panels) :]:
            unused.remove()
        figure.supxlabel(textwrap.fill(caption, int(figure.get_figwidth() * 16)), fontsize=8)
        save(figure, path, f"{', '.join(panel.title for panel in panels)}. {caption}")


def _style(index: int) -> Dict[str, Any]:
    return {"color": _COLORS[index % len(_COLORS)], "marker": _MARKERS[index % len(_MARKERS)]}


def _logarithmic() -> Any:
    from matplotlib.ticker import LogLocator

    return LogLocator(subs=(1, 3))


def _mean_and_std(values: Sequence[float]) -> Tuple[float, float]:
    return float(numpy.mean(values)), float(numpy.std(values, ddof=1)) if len(values) > 1 else 0.0


def _title(metric: str) -> str:
    return metric.replace("best_", "").replace("_", " ")
