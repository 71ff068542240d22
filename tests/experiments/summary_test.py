import copy

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.experiments.experiment import load_experiment
from attention_vat.experiments.matrix import cells_of
from attention_vat.experiments.runs import Runs
from attention_vat.experiments.schedule import run_all
from attention_vat.experiments.summary import Predictions, against_baseline, against_best_rival, best_of
from attention_vat.experiments.tables import contrasts_table
from tests.experiments.conftest import finish_with_predictions, rows_and_tests, rows_of
from tests.experiments.small import ROOT, SEEDS, Executor, write_experiment


def test_values_and_contrasts(evaluated):
    rows, tests = rows_and_tests(*evaluated, ["accuracy", "pearson"])
    assert rows[["model", "measure"]].head(3).to_numpy().tolist() == [
        ["Vanilla", "accuracy"],
        ["Vanilla", "pearson"],
        ["Word AT", "accuracy"],
    ]
    expected = [round(60 * (0.6 + 0.01 * seed)) / 60 for seed in SEEDS]
    assert rows.by_seed[0] == dict(zip(SEEDS, expected))
    assert rows["mean"][0] == pytest.approx(numpy.mean(expected))
    assert rows["std"][0] == pytest.approx(numpy.std(expected, ddof=1))

    tests = tests.set_index(["model", "measure"])
    better = tests.loc[("Attention AT", "accuracy")]
    # No two groups of five values could differ more; there are two comparisons.
    assert better.p_seeds == pytest.approx(2 / 252)
    assert better.adjusted == pytest.approx(4 / 252)
    assert better.difference == pytest.approx(0.2, abs=0.01)
    assert tests.loc[("Word AT", "accuracy"), "adjusted"] == 1.0
    rivals = against_best_rival(rows, Predictions()).set_index(["model", "measure"]).other
    assert rivals["Word AT", "accuracy"] == "Attention AT"
    assert rivals["Attention AT", "accuracy"] == "Vanilla"


def test_best_is_less_of_some_measures_and_nothing_of_others(evaluated):
    rows = rows_of(*evaluated, ["accuracy"])

    def best():
        return rows.model[best_of(rows)].tolist()

    assert best() == ["Attention AT"]
    for measure, expected, rivals in (("sufficiency", ["Vanilla", "Word AT"], 3), ("uniform_jsd", [], 0)):
        rows["name"] = measure
        assert best() == expected
        assert len(against_best_rival(rows, Predictions())) == rivals
    rows["name"], rows["mean"] = "accuracy", 0.5
    assert best() == [], "all are the same"
    rows.loc[0, "mean"] = 0.4
    assert best() == ["Word AT", "Attention AT"]


def test_models_with_fewer_seeds_are_not_the_best(evaluated):
    cells, runs = evaluated
    cells[2].part.seeds = SEEDS[:2]
    cells[2]._final_runs.clear()
    cells[2].part = copy.copy(cells[2].part)
    cells[0].part.seeds = cells[1].part.seeds = SEEDS
    rows, tests = rows_and_tests(cells, runs, ["accuracy"])
    assert rows.seeds.tolist() == [5, 5, 2]
    assert "Attention AT" not in rows.model[best_of(rows)].tolist()
    assert "Attention AT" not in against_best_rival(rows, Predictions()).model.tolist()
    assert tests.shared.tolist() == [5, 2]
    assert "Models that do not have the same seeds" in " ".join(contrasts_table(tests[1:], "T").notes)
    assert "Models that do not" not in " ".join(contrasts_table(tests[:1], "T").notes)


def test_damaged_predictions_are_no_predictions(evaluated):
    cells, runs = evaluated
    (runs.folder(cells[0].final_runs()[0]) / "predictions.npz").write_text("")
    rows, tests = rows_and_tests(cells, runs, ["accuracy"])
    assert rows.seeds.tolist() == [5, 5, 5]
    assert tests.shared.tolist() == [4, 4]


def test_other_sentences_are_an_error(evaluated):
    cells, runs = evaluated
    file = runs.folder(cells[1].final_runs()[0]) / "predictions.npz"
    with numpy.load(file) as stored:
        columns = dict(stored)
    columns["label"][0] = 0
    numpy.savez(file, **columns)
    with pytest.raises(ConfigurationError, match="word_at-0-.* and .*vanilla-0-.* evaluated on different sentences"):
        rows_and_tests(cells, runs, ["accuracy"])


def test_epsilon_and_amounts_are_named_where_they_differ(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    unlabeled = [{"count": 1000}, {"count": 2000}]
    fields = {"techniques": ["vanilla", "word_vat_semi_supervised"], "unlabeled": unlabeled, "epsilons": [0.5, 1.0]}
    cells = cells_of(load_experiment(write_experiment(tmp_path, **fields)), "data", str(tmp_path))
    assert rows_of(cells, Runs(tmp_path / "runs"), ["accuracy"]).model.tolist() == [
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
    rows = rows_of(cells, runs, ["accuracy"])
    assert rows.model.tolist() == ["Vanilla, small", "Vanilla", "Attention AT"]
    tests = against_baseline(rows, Predictions())
    assert tests[["model", "other"]].to_numpy().tolist() == [["Vanilla, small", "Vanilla"], ["Attention AT", "Vanilla"]]
