"""The files of an experiment: tables, figures, `results.jsonl` and `manifest.json`."""

from pathlib import Path
from string import Template
from typing import Any, Dict, Sequence
from urllib.parse import quote

from attention_vat.common.whole_file import written_whole
from attention_vat.reports.markup import escape
from attention_vat.reproduction.entries import against_baseline, against_best_rival, entries_of
from attention_vat.reproduction.experiment import Experiment
from attention_vat.reproduction.figures import write_figures
from attention_vat.reproduction.formats import html, latex, markdown, spreadsheet
from attention_vat.reproduction.manifest import manifest, without_folders
from attention_vat.reproduction.matrix import Cell
from attention_vat.reproduction.results import RESULTS, write_json, write_results
from attention_vat.reproduction.runs import Runs
from attention_vat.reproduction.tables import contrasts_table, results_table


def write_report(
    experiment: Experiment, content: Dict[str, Any], cells: Sequence[Cell], runs: Runs, directory: Path
) -> str:
    """
    Writes what is finished. The files of an earlier report in the same place are replaced: they can be made again from
    the runs at any time.

    # Parameters

    experiment : `Experiment`
    content : `Dict[str, Any]`
        Its file.
    cells : `Sequence[Cell]`
    runs : `Runs`
    directory : `Path`

    # Returns

    table : `str`
        The main table in Markdown.
    """
    entries = entries_of(cells, runs, experiment.measures)
    baseline, rival = against_baseline(entries), against_best_rival(entries)
    title = experiment.title or directory.name
    tables = [results_table(entries, baseline, title)]
    tables += [contrasts_table(baseline, "Against vanilla")] if baseline else []
    tables += [contrasts_table(rival, "Against the best of the other models")] if rival else []
    figures = write_figures(entries, experiment.figure, directory) if experiment.figure else []

    _write(directory / "table.md", "\n".join(map(markdown, tables)))
    _write(directory / "table.tex", "\n".join(map(latex, tables)))
    _write(directory / "table.csv", spreadsheet(entries, baseline, rival))
    _write(directory / "table.html", _page(title, tables, [path.name for path in figures]))
    results = {run.name: runs.result(run) for cell in cells for run in runs.needed(cell)}
    write_results(directory / RESULTS, [
        {"run": name, "stage": "final" if "test" in result else "search", **without_folders(result)}
        for name, result in results.items() if result is not None
    ])  # fmt: skip
    write_json(directory / "manifest.json", manifest(content, cells, runs))
    return markdown(tables[0])


def _page(title: str, tables: Sequence[Any], figures: Sequence[str]) -> str:
    images = [f'<p><img src="{escape(quote(name))}" alt="Figure: {escape(title)}"></p>' for name in figures]
    page = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
    return page.substitute(title=escape(title), body="\n".join([html(tables[0]), *images, *map(html, tables[1:])]))


def _write(path: Path, text: str) -> None:
    with written_whole(path) as file:
        file.write(text)
