import copy

import numpy
import pytest

from attention_vat.reproduction.entries import against_baseline, against_best_rival, best_entries, entries_of
from attention_vat.reproduction.experiment_file import load_experiment
from attention_vat.reproduction.matrix import cells_of
from attention_vat.reproduction.runs import Runs
from attention_vat.reproduction.schedule import run_all
from attention_vat.reproduction.tables import contrasts_table
from tests.reproduction.conftest import finish_with_predictions
from tests.reproduction.small import ROOT, SEEDS, Executor, write_experiment


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


def test_best_is_less_of_some_measures_and_nothing_of_others(evaluated):
    entries = entries_of(*evaluated, ["accuracy"])
    best = [entry.row for entry in best_entries(entries)]
    assert best == ["Attention AT"]
    for measure, expected, rivals in (("sufficiency", ["Vanilla", "Word AT"], 3), ("uniform_jsd", [], 0)):
        for entry in entries:
            entry.measure = measure
        assert [entry.row for entry in best_entries(entries)] == expected
        assert len(against_best_rival(entries)) == rivals
    for entry in entries:
        entry.measure, entry.values = "accuracy", dict.fromkeys(SEEDS, 0.5)
    assert best_entries(entries) == [], "all are the same"
    entries[0].values = dict.fromkeys(SEEDS, 0.4)
    assert best_entries(entries) == entries[1:]


def test_models_with_fewer_seeds_are_not_the_best(evaluated):
    cells, runs = evaluated
    cells[2].part.seeds = SEEDS[:2]
    cells[2]._final_runs.clear()
    cells[2].part = copy.copy(cells[2].part)
    cells[0].part.seeds = cells[1].part.seeds = SEEDS
    entries = entries_of(cells, runs, ["accuracy"])
    assert [len(entry.values) for entry in entries] == [5, 5, 2]
    assert "Attention AT" not in [entry.row for entry in best_entries(entries)]
    assert "Attention AT" not in [contrast.entry.row for contrast in against_best_rival(entries)]
    contrast = next(each for each in against_baseline(entries) if each.entry is entries[2])
    assert contrast.seeds == SEEDS[:2]
    assert "Models that do not have the same seeds" in " ".join(contrasts_table([contrast], "T").notes)
    assert "Models that do not" not in " ".join(contrasts_table(against_baseline(entries[:2]), "T").notes)


def test_damaged_predictions_are_no_predictions(evaluated):
    cells, runs = evaluated
    (runs.folder(cells[0].final_runs()[0]) / "predictions.npz").write_text("")
    entries = entries_of(cells, runs, ["accuracy"])
    assert [len(entry.statistics) for entry in entries] == [4, 5, 5]
    assert all(len(entry.values) == 5 for entry in entries)


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


def test_a_variant_of_the_plain_model_is_a_row_and_no_baseline(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    parts = [
        {"techniques": ["vanilla"], "variant": "small", "parameters": {"hidden_size": 2}},
        {"techniques": ["vanilla", "attention_at"]},
    ]
    cells = cells_of(load_experiment(write_experiment(tmp_path, parts=parts, seeds=SEEDS)), "data", str(tmp_path))
    runs = Runs(tmp_path / "runs")
    run_all(cells, runs, Executor(finish_with_predictions))
    entries = entries_of(cells, runs, ["accuracy"])
    assert [entry.row for entry in entries] == ["Vanilla, small", "Vanilla", "Attention AT"]
    contrasts = against_baseline(entries)
    assert [(contrast.entry.row, contrast.other.row) for contrast in contrasts] == [
        ("Vanilla, small", "Vanilla"),
        ("Attention AT", "Vanilla"),
    ]
