"""The map of an experiment: which technique helps where."""

from __future__ import annotations

import math
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, List, Optional, Sequence

from attention_vat.experiments.names import better, corpus_name, measure_name
from attention_vat.experiments.statistics import LEVEL
from attention_vat.experiments.tables import is_nothing, scaled

if TYPE_CHECKING:
    import pandas


# Of inches.
CELL, WIDEST = (0.95, 0.42), 14.0
NOTHING = "#E8E8E8"
CAPTION = (
    "Difference from vanilla and its 95% interval over seeds. Grey: nothing shown (p > .05 by Holm's method over a "
    "column). Blue: better, red: worse; green and purple: more and less of what is neither."
)


def write_map(found: pandas.DataFrame, directory: Path, models: Optional[Sequence[str]] = None) -> List[Path]:
    """
    `map.svg` and `map.png`: a panel for each measure, models in rows, settings in columns. A cell has the difference
    from vanilla and its interval over seeds. It is grey where the adjusted test shows nothing, else blue where the
    model is better and red where it is worse; green for more and purple for less of a measure that is neither good nor
    bad. The darkest colours of a panel are its largest differences.

    # Parameters

    found : `pandas.DataFrame`
        From `effects`.
    directory : `Path`
    models : `Sequence[str]`, optional (default = in the order of `found`)
        The rows.

    # Returns

    files : `List[Path]`
        The SVG file; nothing if there are no intervals, as of a single seed.

    # Examples

        frame = results_frame("docs/results/few_labels")
        write_map(effects(frame[frame.measure.isin(["f1", "pearson"])]), Path("output/images"))

    Raises `ConfigurationError` if matplotlib is not installed.
    """
    from attention_vat.search.plots import new_figure, save_figure

    # Of several experiments put together, rows of one each have the same index.
    found = found[found.low.notna() & ~found.measure.str.startswith("training_")].reset_index(drop=True)
    if found.empty:
        return []
    settings = [*dict.fromkeys(found.setting)]
    models = [*dict.fromkeys(found.model)] if models is None else [m for m in models if m in set(found.model)]
    panels = [*found.groupby("measure", sort=False)]
    names = 0.08 * max(map(len, models))
    columns = max(1, min(len(panels), int((WIDEST - names) / (CELL[0] * len(settings) + 0.3))))
    lines = -(-len(panels) // columns)
    size = (names + columns * (CELL[0] * len(settings) + 0.3), lines * (CELL[1] * len(models) + 1.1))
    figure = new_figure(size)
    for number, (measure, rows) in enumerate(panels):
        axis = figure.add_subplot(lines, columns, number + 1)
        _panel(axis, measure, rows, models, settings)
        axis.set_yticks(range(len(models)), models if number % columns == 0 else [""] * len(models))
    figure.supxlabel("\n".join(textwrap.wrap(CAPTION, int(size[0] * 16))), fontsize=8)
    save_figure(figure, directory / "map")
    return [directory / "map.svg"]


def _panel(axis: Any, measure: str, rows: pandas.DataFrame, models: List[str], settings: List[str]) -> None:
    from matplotlib import colormaps
    from matplotlib.patches import Rectangle

    direction = better(measure, rows.setting.iloc[0])
    palette = colormaps["RdBu" if direction else "PRGn"]
    shown = rows[(rows.adjusted <= LEVEL) & ~rows.difference.map(lambda value: is_nothing(value, measure))]
    largest = shown.difference.abs().max() if len(shown) else 1.0
    for row in rows.itertuples():
        x, y = settings.index(row.setting), models.index(row.model)
        color: Any = NOTHING
        if row.Index in shown.index:
            # Never white as the middle of the palette, and never so dark that black cannot be read on it.
            depth = (direction or 1) * row.difference / largest
            color = palette(0.5 + 0.1 * math.copysign(1, depth) + 0.2 * depth)
        axis.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=color, edgecolor="white", linewidth=1.5))
        text = {"ha": "center", "color": "#555555" if color == NOTHING else "black"}
        axis.text(x, y - 0.04, scaled(row.difference, measure, sign=True), va="bottom", fontsize=9, **text)
        interval = f"[{scaled(row.low, measure)}, {scaled(row.high, measure)}]"
        axis.text(x, y + 0.08, interval, va="top", fontsize=6.5, **text)
    axis.set_xlim(-0.5, len(settings) - 0.5)
    axis.set_ylim(len(models) - 0.5, -0.5)
    title = measure_name(measure, rows.setting.iloc[0])
    axis.set_title("\n".join(textwrap.wrap(title, 14 * len(settings), break_long_words=False)), fontsize=10)
    names = [corpus_name(name).replace(", ", "\n") for name in settings]
    axis.set_xticks(range(len(settings)), names, fontsize=8)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
