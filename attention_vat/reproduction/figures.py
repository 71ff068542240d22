"""Figures of an experiment: measures against ε, or against the amount of unlabelled data."""

from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

import pandas
from allennlp.common.checks import ConfigurationError

from attention_vat.reproduction.experiment import SEMI_SUPERVISED
from attention_vat.reproduction.matrix import Cell
from attention_vat.reproduction.names import measure_name, technique_name


def write_figures(rows: pandas.DataFrame, against: str, directory: Path) -> List[Path]:
    """
    A file for each corpus with a panel for each measure: means over seeds with a bar of one standard deviation, a line
    for each technique; the plain model is a level with a band. As SVG and PNG.

    # Parameters

    rows : `pandas.DataFrame`
        From `summary`.
    against : `str`
        `"epsilon"`, or `"unlabeled"`: there a supervised virtual technique is the point without unlabelled data.
    directory : `Path`

    # Returns

    files : `List[Path]`
        The SVG files.
    """
    from attention_vat.search.plots import Points, plot_points

    files = []
    for setting, of_setting in rows[rows.seeds > 0].groupby("setting", sort=False):
        panels: Dict[str, Dict[str, Points]] = {}
        levels: Dict[str, Dict[str, List[float]]] = {}
        for row in of_setting.itertuples():
            title, values, technique = measure_name(row.name, setting), list(row.by_seed.values()), row.technique
            panel, x = panels.setdefault(title, {}), _x(row, against)
            if technique == "vanilla" or x is None:
                levels.setdefault(title, {})[technique_name(technique)] = values
                continue
            if against == "unlabeled" and technique.endswith(SEMI_SUPERVISED):
                technique = technique[: -len(SEMI_SUPERVISED)]
            points = panel.setdefault(technique_name(technique), Points([], []))
            points.x.extend([x] * len(values))
            points.value.extend(values)
        symbols = set(of_setting.symbol[of_setting.epsilon.notna()])
        label = " or ".join(sorted(symbols)) if against == "epsilon" else "unlabelled sentences"
        path = directory / f"{against}-{setting.replace('/', '-')}"
        plot_points(path, panels, label, logarithmic=against == "epsilon", levels=levels)
        files.append(path.with_suffix(".svg"))
    return files


def _x(row: Any, against: str) -> Optional[float]:
    number = row.epsilon if against == "epsilon" else row.unlabeled
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
