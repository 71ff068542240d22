import csv
import json

import numpy
import pytest

from attention_vat.reproduction.entries import against_baseline, against_best_rival, best_entries, entries_of
from attention_vat.reproduction.experiment import load_experiment
from attention_vat.reproduction.figures import write_figures
from attention_vat.reproduction.job import LOG
from attention_vat.reproduction.matrix import cells_of
from attention_vat.reproduction.results import last_line
from attention_vat.reproduction.runs import Runs
from attention_vat.reproduction.schedule import run_all
from attention_vat.reproduction.tables import contrasts_table, html, latex, markdown, results_table, spreadsheet
from tests.reproduction.small import ROOT, Executor, finish, write_experiment

SEEDS = [0, 1, 2, 3, 4]
SENTENCES = 60


def accuracy_of(job):
    """Attention AT is better than vanilla with every seed; Word AT is as good."""
    return 0.6 + 0.01 * job.facts["seed"] + (0.2 if job.facts["technique"] == "attention_at" else 0.0)


def finish_with_predictions(job):
    from pathlib import Path

    right = numpy.arange(SENTENCES) < round(SENTENCES * accuracy_of(job))
    Path(job.directory).mkdir(parents=True)
    numpy.savez_compressed(
        Path(job.directory) / "predictions.npz",
        label=numpy.ones(SENTENCES, dtype=int),
        prediction=right.astype(int),
        classes=numpy.array(["0", "1"]),
        positive=numpy.array(1),
        score_pearson=numpy.linspace(0, 1, SENTENCES),
    )
    return finish(job, f1=0.5, test={"accuracy": float(right.mean()), "pearson": 0.5})


@pytest.fixture()
def evaluated(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    fields = {"techniques": ["vanilla", "word_at", "attention_at"], "seeds": SEEDS, "measures": ["accuracy", "pearson"]}
    cells = cells_of(load_experiment(write_experiment(tmp_path, **fields)), "data", str(tmp_path))
    runs = Runs(tmp_path / "runs")
    run_all(cells, runs, Executor(finish_with_predictions))
    return cells, runs


def test_values_and_contrasts(evaluated):
    entries = entries_of(*evaluated, ["accuracy", "pearson"])
    assert [(entry.row, entry.measure) for entry in entries[:3]] == [
        ("Vanilla", "accuracy"),
        ("Vanilla", "pearson"),
        ("Word AT", "accuracy"),
    ]
    expected = [round(60 * (0.6 + 0.01 * seed)) / 60 for seed in SEEDS]
    assert list(entries[0].values.values()) == expected
    assert entries[0].mean == pytest.approx(numpy.mean(expected))
    assert entries[0].std == pytest.approx(numpy.std(expected, ddof=1))

    contrasts = {(c.entry.row, c.entry.measure): c for c in against_baseline(entries)}
    better = contrasts["Attention AT", "accuracy"]
    # No two groups of five values could differ more; there are two comparisons.
    assert better.comparison.p_seeds == pytest.approx(2 / 252)
    assert better.adjusted == pytest.approx(4 / 252)
    assert better.comparison.difference == pytest.approx(0.2, abs=0.01)
    assert contrasts["Word AT", "accuracy"].adjusted == 1.0
    rivals = {(c.entry.row, c.entry.measure): c.other.row for c in against_best_rival(entries)}
    assert rivals["Word AT", "accuracy"] == "Attention AT"
    assert rivals["Attention AT", "accuracy"] == "Vanilla"


def test_marks_and_bold_in_every_format(evaluated):
    entries = entries_of(*evaluated, ["accuracy", "pearson"])
    contrasts = against_baseline(entries)
    table = results_table(entries, contrasts, "Mine & <yours>")
    number = f"{100 * entries[4].mean:.2f} ± {100 * entries[4].std:.2f}"
    assert [cell.text for cell in table.rows[2]] == ["Attention AT", f"{number} *", "0.500 ± 0.000"]
    assert [cell.bold for cell in table.rows[2]][:2] == [False, True]
    assert f"**{number} \\***" in markdown(table)
    assert rf"\textbf{{{number.replace('±', chr(36) + chr(92) + 'pm' + chr(36))} *}}" in latex(table)
    assert latex(table).count(r" \\") == 4
    page = html(table)
    assert "<h2>Mine &amp; &lt;yours&gt;</h2>" in page
    assert f"<b>{number} *</b>" in page
    assert "Mine & <yours>" not in page
    rows = list(csv.DictReader(spreadsheet(entries, contrasts, []).splitlines()))
    assert [float(value) for value in rows[4]["values"].split()] == list(entries[4].values.values())
    assert float(rows[4]["vanilla_adjusted"]) == pytest.approx(4 / 252)
    assert "against" in contrasts_table(contrasts, "T").header


def test_few_seeds_are_said_to_be_few(evaluated):
    cells, runs = evaluated
    for entry_cells, expected in ((cells, False), ([cell for cell in cells if cell.technique != "word_at"], False)):
        entries = entries_of(entry_cells, runs, ["accuracy"])
        notes = results_table(entries, against_baseline(entries), "T").notes
        assert any("can be significant" in note for note in notes) is expected
    for cell in cells:
        cell.part.seeds = SEEDS[:3]
        cell._final_runs.clear()
    entries = entries_of(cells, runs, ["accuracy"])
    notes = results_table(entries, against_baseline(entries), "T").notes
    assert "With 3 seeds and 2 comparisons none can be significant for other seeds; it takes 5 seeds." in notes


def test_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    fields = {"techniques": ["vanilla"], "seeds": [0, 1], "measures": ["accuracy"]}
    cells = cells_of(load_experiment(write_experiment(tmp_path, **fields)), "data", str(tmp_path))
    runs = Runs(tmp_path / "runs")
    assert results_table(entries_of(cells, runs, ["accuracy"]), [], "T").rows[0][1].text == "–"
    run_all(cells, runs, Executor(lambda job: finish_with_predictions(job) if job.facts["seed"] == 0 else 1))
    entries = entries_of(cells, Runs(tmp_path / "runs"), ["accuracy"])
    assert results_table(entries, [], "T").rows[0][1].text == "60.00 (1 of 2)"


def test_many_measures_are_rows(evaluated):
    measures = ["accuracy", "pearson", *(f"m{number}" for number in range(9))]
    wide = results_table(entries_of(*evaluated, measures[:9]), [], "T")
    assert wide.header[:2] == ["model", "Example Accuracy"]
    turned = results_table(entries_of(*evaluated, measures), [], "T")
    assert turned.header == ["", "Vanilla", "Word AT", "Attention AT"]
    assert [row[0].text for row in turned.rows[:3]] == ["Example Accuracy", "Example Pearson correlation", "Example m0"]
    assert [cell for row in turned.rows[:2] for cell in row[1:]] == [
        row[column] for column in (1, 2) for row in wide.rows
    ]
    assert markdown(turned).count("\n|") == 2 + 11


def test_what_nobody_computed_is_said(evaluated):
    entries = entries_of(*evaluated, ["accuracy", "permutation_difference", "scores_accuracy@3"])
    table = results_table(entries, [], "T")
    assert table.header[2:] == [
        "Example Permuted attention, change of the prediction",
        "Example Accuracy, perturbed attention scores, at 3",
    ]
    assert "Not computed: permutation_difference, scores_accuracy@3; `evaluation` in the experiment" in table.notes[1]


def test_best_is_less_of_some_measures_and_nothing_of_others(evaluated):
    entries = entries_of(*evaluated, ["accuracy"])
    best = [entry.row for entry in best_entries(entries)]
    assert best == ["Attention AT"]
    for measure, expected, rivals in (("sufficiency", ["Vanilla"], 3), ("uniform_jsd", [], 0)):
        for entry in entries:
            entry.measure = measure
        assert [entry.row for entry in best_entries(entries)] == expected
        assert len(against_best_rival(entries)) == rivals


def test_epsilon_and_amounts_are_named_where_they_differ(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    unlabeled = [{"count": 1000}, {"count": 2000}]
    fields = {"techniques": ["vanilla", "word_vat_semi_supervised"], "unlabeled": unlabeled, "epsilons": [0.5, 1.0]}
    cells = cells_of(load_experiment(write_experiment(tmp_path, **fields)), "data", str(tmp_path))
    assert [entry.row for entry in entries_of(cells, Runs(tmp_path / "runs"), ["accuracy"])] == [
        "Vanilla",
        "Word VAT †, 1,000 sentences, ε = 0.5",
        "Word VAT †, 1,000 sentences, ε = 1",
        "Word VAT †, 2,000 sentences, ε = 0.5",
        "Word VAT †, 2,000 sentences, ε = 1",
    ]


@pytest.mark.parametrize("against", ["epsilon", "unlabeled"])
def test_figures(tmp_path, monkeypatch, against):
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(ROOT)
    parts = [
        {"techniques": ["vanilla", "word_vat"]},
        {"techniques": ["word_vat_semi_supervised"], "unlabeled": [{"count": 10}, {"count": 20}]},
    ]
    if against == "epsilon":
        parts = [{"techniques": ["vanilla", "word_vat", "attention_at"], "epsilons": [0.1, 1.0]}]
    cells = cells_of(load_experiment(write_experiment(tmp_path, parts=parts, seeds=[0, 1])), "data", str(tmp_path))
    runs = Runs(tmp_path / "runs")
    run_all(cells, runs, Executor(finish_with_predictions))
    (file,) = write_figures(entries_of(cells, runs, ["accuracy", "pearson"]), against, tmp_path)
    assert file.name == f"{against}-example.svg"
    assert file.read_text(encoding="utf-8").startswith("<?xml")
    assert file.with_suffix(".png").stat().st_size > 5000


def test_last_line_of_a_log(tmp_path):
    assert last_line(tmp_path / LOG) == "no log was written"
    (tmp_path / LOG).write_text("")
    assert last_line(tmp_path / LOG) == "the log is empty"
    (tmp_path / LOG).write_text(json.dumps("a") + "\nb \n\n")
    assert last_line(tmp_path / LOG) == "b"
