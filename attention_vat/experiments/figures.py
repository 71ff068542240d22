"""Figures of an experiment: measures against ε, epochs, or the amount of unlabelled or labelled data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence

from allennlp.common.checks import ConfigurationError

from attention_vat.experiments.experiment import SEMI_SUPERVISED
from attention_vat.experiments.matrix import Cell
from attention_vat.experiments.names import measure_name, technique_name
from attention_vat.plots import Points, plot_points

if TYPE_CHECKING:
    import pandas


NAMES = {"labels": "labelled texts", "unlabeled": "unlabelled sentences", "epochs": "epochs"}
# The settings of a corpus differ in these and are the points of one figure, in which the plain model has a line.
OF_SETTINGS = ("labels", "epochs")


def write_figures(rows: pandas.DataFrame, against: str, directory: Path) -> List[Path]:
    """
    Draws a figure for each setting, or corpus, as SVG and PNG. It has a panel for each measure, with a line for each
    technique: means over seeds, with bars of one standard deviation. The plain model is a horizontal line with a band.

    # Parameters

    rows : `pandas.DataFrame`
        From `summary`.
    against : `str`
        `"epsilon"`; `"unlabeled"`, where a supervised virtual technique is the point without unlabelled data;
        `"labels"`, for learning curves of the corpora whose settings state how many labels they have; or `"epochs"`,
        the same over the maximum number of epochs of a setting.
    directory : `Path`

    # Returns

    files : `List[Path]`
        The SVG files.
    """
    files = []
    rows = rows[rows.seeds > 0]
    if against in OF_SETTINGS:
        rows = rows[rows[against].notna() & (rows.groupby("corpus")[against].transform("nunique") > 1)]
    for group, of_setting in rows.groupby("corpus" if against in OF_SETTINGS else "setting", sort=False):
        panels: Dict[str, Dict[str, Points]] = {}
        levels: Dict[str, Dict[str, List[float]]] = {}
        for row in of_setting.itertuples():
            title, values, technique = measure_name(row.name, row.setting), [*row.by_seed.values()], row.technique
            panel, x = panels.setdefault(title, {}), _x(row, against)
            if x is None or (technique == "vanilla" and against not in OF_SETTINGS):
                levels.setdefault(title, {})[_line(technique, row.variant)] = values
                continue
            if against == "unlabeled" and technique.endswith(SEMI_SUPERVISED):
                technique = technique[: -len(SEMI_SUPERVISED)]
            name = row.model if against in OF_SETTINGS else _line(technique, row.variant)
            points = panel.setdefault(name, Points([], []))
            points.x.extend([x] * len(values))
            points.value.extend(values)
        symbols = set(of_setting.symbol[of_setting.epsilon.notna()])
        label = " or ".join(sorted(symbols)) if against == "epsilon" else NAMES[against]
        ticks = sorted(set(of_setting[against])) if against in OF_SETTINGS else []
        path = directory / f"{against}-{group.replace('/', '-')}"
        plot_points(path, panels, label, logarithmic=against != "unlabeled", levels=levels, ticks=ticks)
        files.append(path.with_suffix(".svg"))
    return files


def _line(technique: str, variant: Any) -> str:
    return f"{technique_name(technique)}, {variant}" if isinstance(variant, str) else technique_name(technique)


def _x(row: Any, against: str) -> Optional[float]:
    import pandas

    number = getattr(row, against)
    if pandas.isna(number):
        return None if against == "epsilon" else 0.0
    return float(number)


def check_amounts(cells: Sequence[Cell]) -> None:
    """Raises `ConfigurationError` if a figure against unlabelled data cannot be drawn."""
    for cell in cells:
        if cell.technique.endswith(SEMI_SUPERVISED) and cell.unlabeled is None:
            raise ConfigurationError(
                f"figure 'unlabeled' needs `unlabeled` with counts, which {cell.column}/{cell.row} does not have."
            )
