"""Writes the files of an experiment: tables, figures, `results.jsonl` and `manifest.json`."""

from pathlib import Path
from typing import Any, Dict, Sequence

from attention_vat.common.whole_file import written_whole
from attention_vat.experiments.effects import effects
from attention_vat.experiments.experiment import Experiment
from attention_vat.experiments.figures import write_figures
from attention_vat.experiments.files import write_json
from attention_vat.experiments.frame import RESULTS, experiment_results, results_frame, write_results
from attention_vat.experiments.manifest import manifest
from attention_vat.experiments.map import write_map
from attention_vat.experiments.matrix import Cell
from attention_vat.experiments.runs import Runs
from attention_vat.experiments.summary import Predictions, against_baseline, against_best_rival, summary
from attention_vat.experiments.tables import (
    contrasts_table,
    effects_table,
    html,
    latex,
    markdown,
    results_table,
    spreadsheet,
)


def write_report(
    experiment: Experiment, content: Dict[str, Any], cells: Sequence[Cell], runs: Runs, directory: Path
) -> str:
    """
    Reports all finished runs. The files of an earlier report in the same place are replaced, as they can be rebuilt
    from the runs at any time.

    # Parameters

    experiment : `Experiment`
    content : `Dict[str, Any]`
        The content of its file.
    cells : `Sequence[Cell]`
    runs : `Runs`
    directory : `Path`

    # Returns

    table : `str`
        The main table in Markdown.
    """
    results, predictions = experiment_results(cells, runs), Predictions()
    frame = results_frame(results)
    rows = summary(frame, cells, experiment.measures)
    baseline, rival = against_baseline(rows, predictions), against_best_rival(rows, predictions)
    order = [*dict.fromkeys(rows.measure)]
    found = effects(frame[frame.measure.isin(order)], predictions=predictions)
    found = found.sort_values("measure", key=lambda names: names.map(order.index), kind="stable")
    title = experiment.title or directory.name
    tables = [results_table(rows, baseline, title)]
    tables += [effects_table(found, "How large the differences from vanilla are")] if len(found) else []
    tables += [contrasts_table(baseline, "Against vanilla")] if len(baseline) else []
    tables += [contrasts_table(rival, "Against the best of the other models")] if len(rival) else []
    figures = write_figures(rows, experiment.figure, directory) if experiment.figure else []
    figures += write_map(found, directory) + write_figures(rows, "labels", directory)

    _write(directory / "table.md", "\n".join(map(markdown, tables)))
    _write(directory / "table.tex", "\n".join(map(latex, tables)))
    _write(directory / "table.csv", spreadsheet(rows, baseline, rival))
    _write(directory / "effects.csv", found.to_csv(index=False))
    _write(directory / "table.html", html(title, tables, [path.name for path in figures]))
    write_results(directory / RESULTS, results)
    write_json(directory / "manifest.json", manifest(content, cells, runs))
    return markdown(tables[0])


def _write(path: Path, text: str) -> None:
    with written_whole(path) as file:
        file.write(text)
