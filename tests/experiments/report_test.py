"""The files of an experiment, from runs that are finished."""

import json

import pandas

from attention_vat.experiments.experiment import load_experiment, read_experiment
from attention_vat.experiments.report import write_report
from attention_vat.experiments.runs import Runs
from tests.experiments.small import SEEDS, write_experiment

FILES = {"table.md", "table.tex", "table.csv", "table.html", "effects.csv", "results.jsonl", "manifest.json"}


def report(evaluated, tmp_path, **fields):
    cells, _ = evaluated
    runs = Runs(tmp_path / "runs")  # as in a process of its own
    fields = {"techniques": ["vanilla", "word_at", "attention_at"], "seeds": SEEDS, **fields}
    file = write_experiment(tmp_path, measures=["accuracy", "pearson"], **fields)
    directory = tmp_path / "report"
    return write_report(load_experiment(file), read_experiment(file), cells, runs, directory), directory


def test_all_files_are_there_and_say_the_same(evaluated, tmp_path):
    table, directory = report(evaluated, tmp_path, title="A <small> table")
    assert {path.name for path in directory.iterdir()} >= FILES
    # Vanilla has .60 to .64, Attention AT .80 to .84, in accuracy.
    assert "62.0" in table and "82.0" in table
    assert table in (directory / "table.md").read_text(encoding="utf-8")
    assert "A &lt;small&gt; table" in (directory / "table.html").read_text(encoding="utf-8")
    assert r"\begin{tabular}" in (directory / "table.tex").read_text(encoding="utf-8")
    results = [json.loads(line) for line in (directory / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(results) == 3 * len(SEEDS)
    effects = pandas.read_csv(directory / "effects.csv")
    row = effects[(effects.technique == "attention_at") & (effects.measure == "accuracy")]
    assert row.difference.round(6).tolist() == [0.2]


def test_a_second_report_replaces_the_first_one(evaluated, tmp_path):
    first, directory = report(evaluated, tmp_path, title="First")
    second, _ = report(evaluated, tmp_path, title="Second")
    assert "First" in first and "First" not in second
    assert "First" not in (directory / "table.html").read_text(encoding="utf-8")


def test_runs_finished_since_are_in_the_next_report(evaluated, tmp_path):
    cells, runs = evaluated
    gone = runs.folder(runs.final_runs(cells[0])[0])
    kept = (gone / "result.json").read_text()
    (gone / "result.json").unlink()
    _, directory = report(evaluated, tmp_path)
    assert len((directory / "results.jsonl").read_text().splitlines()) == 3 * len(SEEDS) - 1
    (gone / "result.json").write_text(kept)
    report(evaluated, tmp_path)
    assert len((directory / "results.jsonl").read_text().splitlines()) == 3 * len(SEEDS)
