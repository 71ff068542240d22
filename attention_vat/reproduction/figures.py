"""Figures of an experiment: measures against ε, or against the amount of unlabelled data."""

from pathlib import Path
from typing import Dict, List, Optional, Sequence

from allennlp.common.checks import ConfigurationError

from attention_vat.reproduction.entries import BASELINE, Entry
from attention_vat.reproduction.experiment import SEMI_SUPERVISED
from attention_vat.reproduction.matrix import Cell
from attention_vat.reproduction.names import measure_name, technique_name


def write_figures(entries: Sequence[Entry], against: str, directory: Path) -> List[Path]:
    """
    A file for each corpus with a panel for each measure: means over seeds with a bar of one standard deviation, a line
    for each technique; the plain model is a level with a band. As SVG and PNG.

    # Parameters

    entries : `Sequence[Entry]`
    against : `str`
        `"epsilon"`, or `"unlabeled"`: there a supervised virtual technique is the point without unlabelled data.
    directory : `Path`

    # Returns

    files : `List[Path]`
        The SVG files.
    """
    from attention_vat.search.plots import Points, plot_points

    files = []
    for column in dict.fromkeys(entry.column for entry in entries):
        panels: Dict[str, Dict[str, Points]] = {}
        levels: Dict[str, Dict[str, List[float]]] = {}
        for entry in [entry for entry in entries if entry.column == column and entry.values]:
            title, values = measure_name(entry.measure, column), list(entry.values.values())
            panel = panels.setdefault(title, {})
            x = _x(entry, against)
            if entry.cell.technique == BASELINE or x is None:
                levels.setdefault(title, {})[technique_name(entry.cell.technique)] = values
                continue
            technique = entry.cell.technique
            if against == "unlabeled" and technique.endswith(SEMI_SUPERVISED):
                technique = technique[: -len(SEMI_SUPERVISED)]
            points = panel.setdefault(technique_name(technique), Points([], []))
            points.x.extend([x] * len(values))
            points.value.extend(values)
        if not panels:
            continue
        symbols = {entry.cell.strength for entry in entries if entry.epsilon is not None}
        label = " or ".join(sorted(symbols)) if against == "epsilon" else "unlabelled sentences"
        path = directory / f"{against}-{column.replace('/', '-')}"
        plot_points(path, panels, label, logarithmic=against == "epsilon", levels=levels)
        files.append(path.with_suffix(".svg"))
    return files


def _x(entry: Entry, against: str) -> Optional[float]:
    if against == "epsilon":
        return entry.epsilon
    if entry.cell.unlabeled is not None:
        return float(entry.cell.unlabeled.count)
    return 0.0


def check_amounts(cells: Sequence[Cell]) -> None:
    """Raises `ConfigurationError` if a figure against unlabelled data cannot be drawn."""
    for cell in cells:
        if cell.technique.endswith(SEMI_SUPERVISED) and cell.unlabeled is None:
            raise ConfigurationError(
                f"figure 'unlabeled' needs `unlabeled` with counts, which {cell.column}/{cell.row} does not have."
            )
