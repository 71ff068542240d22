"""The map of an experiment: which technique helps where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, List, Optional, Sequence

from attention_vat.experiments.names import better, corpus_name, measure_name
from attention_vat.experiments.statistics import LEVEL
from attention_vat.experiments.tables import is_nothing, scaled
from attention_vat.plots import Cell, Panel, plot_map

if TYPE_CHECKING:
    import pandas


CAPTION = (
    "Difference from vanilla and its 95% interval over seeds. Grey: nothing shown (p > .05 by Holm's method over a "
    "column). Blue: better, red: worse; green and purple: more and less of what is neither."
)


def write_map(found: pandas.DataFrame, directory: Path, models: Optional[Sequence[str]] = None) -> List[Path]:
    """
    Draws `map.svg` and `map.png`, with a panel for each measure, models in rows and settings in columns. A cell has the
    difference from vanilla and its interval over seeds. It is grey if the adjusted test shows nothing, else blue if the
    model is better and red if it is worse. For a measure that is neither good nor bad, green is more and purple is
    less. The darkest colours of a panel are its largest differences.

    # Parameters

    found : `pandas.DataFrame`
        From `effects`.
    directory : `Path`
    models : `Sequence[str]`, optional (default = in the order of `found`)
        The rows.

    # Returns

    files : `List[Path]`
        The SVG file; empty if there are no intervals, as with a single seed.

    # Examples

        frame = results_frame("docs/results/few_labels")
        write_map(effects(frame[frame.measure.isin(["f1", "pearson"])]), Path("output/images"))
    """
    # Rows concatenated from several experiments may share an index.
    found = found[found.low.notna() & ~found.measure.str.startswith("training_")].reset_index(drop=True)
    if found.empty:
        return []
    settings = [*dict.fromkeys(found.setting)]
    models = [*dict.fromkeys(found.model)] if models is None else [m for m in models if m in set(found.model)]
    found = found[found.model.isin(models)]
    panels = [_panel(measure, rows, models, settings) for measure, rows in found.groupby("measure", sort=False)]
    names = [corpus_name(name).replace(", ", "\n") for name in settings]
    plot_map(directory / "map", panels, models, names, CAPTION)
    return [directory / "map.svg"]


def _panel(measure: str, rows: pandas.DataFrame, models: List[str], settings: List[str]) -> Panel:
    direction = better(measure, rows.setting.iloc[0])
    shown = rows[(rows.adjusted <= LEVEL) & ~rows.difference.map(lambda value: is_nothing(value, measure))]
    largest, cells = shown.difference.abs().max() if len(shown) else 1.0, []
    for row in rows.itertuples():
        depth = (direction or 1) * row.difference / largest if row.Index in shown.index else None
        texts = scaled(row.difference, measure, sign=True), f"[{scaled(row.low, measure)}, {scaled(row.high, measure)}]"
        cells.append(Cell(settings.index(row.setting), models.index(row.model), depth, *texts))
    return Panel(measure_name(measure, rows.setting.iloc[0]), "RdBu" if direction else "PRGn", cells)
