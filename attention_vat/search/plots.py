"""Figures of a search, as SVG and PNG."""

import math
from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy
from allennlp.common.checks import ConfigurationError

from attention_vat.search.expected_performance import expected_best

# Okabe & Ito: told apart by people who see colours differently; the markers tell them apart without any colour.
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#8A8A00", "#7A3E9D", "#7F7F7F")
_MOST_PANELS_IN_A_ROW = 4
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")


class Points(NamedTuple):
    """
    # Parameters

    x, value : `List[float]`
        Of each run, such as its ε and its score.
    """

    x: List[float]
    value: List[float]


def plot_expected_best(path: Path, values: Mapping[str, Sequence[float]], metric: str, mode: str = "max") -> None:
    """
    Draws the expected best value against the number of runs for one or more searches, with a band of one standard
    deviation, cut off at the best and worst value; thin and dashed the estimate without replacement.

    # Parameters

    path : `Path`
        Without suffix.
    values : `Mapping[str, Sequence[float]]`
        The result of each run, by the name of the search.
    metric, mode : `str`
    """
    figure, axes = _figure(1)
    axis = axes[0]
    longest = max(map(len, values.values()))
    for index, (name, results) in enumerate(values.items()):
        color, runs = _COLORS[index % len(_COLORS)], numpy.arange(1, len(results) + 1)
        curve = expected_best(results, mode=mode)
        low, high = min(results), max(results)
        axis.fill_between(
            runs,
            numpy.clip(curve.mean - curve.std, low, high),
            numpy.clip(curve.mean + curve.std, low, high),
            color=color,
            alpha=0.15,
            linewidth=0,
        )
        axis.plot(runs, curve.mean, color=color, marker=_MARKERS[index % len(_MARKERS)], markersize=3.5, label=name)
        axis.plot(runs, expected_best(results, False, mode).mean, color=color, linewidth=0.9, linestyle=(0, (4, 3)))
    axis.set_xlim(0.5, longest + 0.5)
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.set_xlabel("runs")
    axis.set_ylabel(f"expected best {_title(metric)}")
    axis.plot([], [], color="#555555", linewidth=0.9, linestyle=(0, (4, 3)), label="without replacement")
    axis.legend(frameon=False, loc="lower right" if mode == "max" else "upper right")
    save_figure(figure, path)


def plot_epsilon(path: Path, panels: Dict[str, Dict[str, Points]]) -> None:
    """`plot_points` against ε: Kitada & Iyatomi (2021), Fig. 4 on."""
    plot_points(path, panels, "ε", logarithmic=True)


def plot_points(
    path: Path,
    panels: Dict[str, Dict[str, Points]],
    x_name: str,
    logarithmic: bool = False,
    levels: Optional[Dict[str, Dict[str, List[float]]]] = None,
    ticks: Sequence[float] = (),
) -> None:
    """
    Draws values against a number for each technique. Runs with the same number are one point with their mean and a bar
    of one standard deviation.

    # Parameters

    path : `Path`
        Without suffix.
    panels : `Dict[str, Dict[str, Points]]`
        By what is on the vertical axis, then by technique.
    x_name : `str`
        On the horizontal axis.
    logarithmic : `bool`, optional (default = `False`)
        The horizontal axis.
    levels : `Dict[str, Dict[str, List[float]]]`, optional
        By what is on the vertical axis, then by technique: the values of runs that do not have that number, such as
        those of a plain model. Their mean is a horizontal line in a band of one standard deviation.
    ticks : `Sequence[float]`, optional
        Where numbers stand on the horizontal axis.
    """
    figure, axes = _figure(len(panels))
    techniques = sorted({technique for panel in panels.values() for technique in panel})
    for axis, (title, panel) in zip(axes, panels.items()):
        for name, values in (levels or {}).get(title, {}).items():
            mean, std = float(numpy.mean(values)), float(numpy.std(values, ddof=1)) if len(values) > 1 else 0.0
            axis.axhspan(mean - std, mean + std, color="#999999", alpha=0.2, linewidth=0)
            axis.axhline(mean, color="#555555", linewidth=0.9, linestyle=(0, (4, 3)), label=name)
        for index, technique in enumerate(techniques):
            if technique not in panel:
                continue
            x, mean_at, std_at, repeated = _means(panel[technique])
            style: Dict[str, Any] = {"color": _COLORS[index % len(_COLORS)], "marker": _MARKERS[index % len(_MARKERS)]}
            style.update(markersize=4.5, linestyle="none", label=technique)
            axis.errorbar(x, mean_at, yerr=std_at if repeated else None, capsize=2, elinewidth=0.9, **style)
            # Single runs are noisy: their line is only there for the eye to follow.
            axis.plot(x, mean_at, color=style["color"], linewidth=1.3, alpha=1.0 if repeated else 0.3)
        if logarithmic:
            axis.set_xscale("log")
            axis.xaxis.set_major_formatter("{x:g}")
        if len(ticks):
            axis.set_xticks(ticks, [f"{tick:,g}" for tick in ticks])
            axis.set_xticks([], minor=True)
        axis.set_xlabel(x_name)
        axis.set_ylabel(_title(title))
    figure.legend(*axes[0].get_legend_handles_labels(), frameon=False, loc="outside lower center", ncols=5)
    save_figure(figure, path)


def _means(points: Points) -> Tuple[List[float], List[float], List[float], bool]:
    groups: Dict[float, List[float]] = {}
    for epsilon, value in zip(points.x, points.value):
        groups.setdefault(epsilon, []).append(value)
    ordered = sorted(groups.items())
    means = [float(numpy.mean(values)) for _, values in ordered]
    stds = [float(numpy.std(values, ddof=1)) if len(values) > 1 else 0.0 for _, values in ordered]
    return [epsilon for epsilon, _ in ordered], means, stds, any(len(values) > 1 for values in groups.values())


def new_figure(size: Tuple[float, float]) -> Any:
    """A figure of so many inches. Raises `ConfigurationError` if matplotlib is not installed."""
    try:
        import matplotlib
    except ImportError:
        raise ConfigurationError("plots need matplotlib: pip install matplotlib") from None
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    matplotlib.rcParams["svg.hashsalt"] = "attention-vat"  # the same data give the same file
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _figure(panels: int) -> Tuple[Any, Any]:
    rows = -(-panels // _MOST_PANELS_IN_A_ROW)
    columns = -(-panels // rows)
    figure = new_figure((5.2 * columns, 3.6 * rows))
    axes = [figure.add_subplot(rows, columns, index + 1) for index in range(panels)]
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(axis="y", color="#DDDDDD", linewidth=0.7)
        axis.set_axisbelow(True)
    return figure, axes


def save_figure(figure: Any, path: Path) -> None:
    """Writes a figure as SVG and as PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path.with_suffix(".svg"), metadata={"Date": None})
    figure.savefig(path.with_suffix(".png"), dpi=160, metadata={"Software": None})


def _title(metric: str) -> str:
    return metric.replace("best_", "").replace("_", " ")


def epsilon_points(rows: Sequence[Dict[str, Any]], metric: str) -> Dict[str, Points]:
    """
    The ε of the first regularizer of each run's configuration and the run's metric, by the regularizer's type. Runs
    that have no such number, or no ε above 0, are left out.
    """
    points: Dict[str, Points] = {}
    for row in rows:
        regularizer: Dict[str, Any] = (row.get("model.regularizers") or [{}])[0]
        epsilon: Any = regularizer.get("epsilon")
        value: Any = row.get(metric)
        if _is_finite(epsilon) and epsilon > 0 and _is_finite(value):
            group = points.setdefault(regularizer["type"], Points([], []))
            group.x.append(epsilon)
            group.value.append(value)
    return points


def _is_finite(value: Optional[Any]) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)
