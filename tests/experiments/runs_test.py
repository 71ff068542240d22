import json
import math

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.experiments.experiment import load_experiment
from attention_vat.experiments.job import ARCHIVE
from attention_vat.experiments.matrix import cells_of
from attention_vat.experiments.runs import Runs
from tests.experiments.small import ROOT, write_experiment


@pytest.fixture()
def cell(tmp_path, monkeypatch):
    """A search with four values of ε and one seed."""
    monkeypatch.chdir(ROOT)
    fields = {"techniques": ["attention_at"], "search": {"num_samples": 4}, "seeds": [0, 1]}
    return cells_of(load_experiment(write_experiment(tmp_path, **fields)), "data", str(tmp_path))[0]


def finish_search(runs, cell, scores):
    """Leaves the results of the candidates, with these scores in the order of ε."""
    for run, score in zip(sorted(cell.candidates, key=lambda run: run.epsilon), scores):
        folder = runs.folder(run)
        folder.mkdir(parents=True)
        (folder / ARCHIVE).write_text("a model")
        (folder / "result.json").write_text(json.dumps({"validation": {"f1": score}}))


def epsilons(cell):
    return sorted(run.epsilon for run in cell.candidates)


@pytest.mark.parametrize(
    "scores, best",
    [
        ([0.1, 0.4, 0.3, 0.2], 1),
        ([0.1, 0.4, 0.4, 0.4], 1),  # the smallest of equal ones
        ([math.nan, 0.1, math.nan, 0.2], 3),
        ([None, 0.3, 0.2, 0.1], 1),
    ],
)
def test_the_best_epsilon(cell, tmp_path, scores, best):
    runs = Runs(tmp_path / "runs")
    finish_search(runs, cell, scores)
    assert runs.best_epsilon(cell) == epsilons(cell)[best]
    assert runs.failed_search(cell) is None
    assert {run.epsilon for run in runs.final_runs(cell)} == {epsilons(cell)[best]}


def test_a_search_that_is_not_finished_has_none(cell, tmp_path):
    runs = Runs(tmp_path / "runs")
    finish_search(runs, cell, [0.1, 0.9, 0.3])
    assert runs.best_epsilon(cell) is None and runs.failed_search(cell) is None
    assert runs.final_runs(cell) == [] and runs.needed(cell) == cell.candidates


def test_a_search_without_a_number_has_failed(cell, tmp_path):
    runs = Runs(tmp_path / "runs")
    finish_search(runs, cell, [math.nan, None, math.inf, math.nan])
    assert runs.best_epsilon(cell) is None
    assert runs.failed_search(cell).startswith("the validation metric f1 is not finite for any ε")


def test_models_that_nothing_needs_are_dropped(cell, tmp_path):
    runs = Runs(tmp_path / "runs")
    finish_search(runs, cell, [0.1, 0.4, 0.3, 0.2])
    runs.drop_losers(cell)
    kept = [run.epsilon for run in cell.candidates if (runs.folder(run) / ARCHIVE).exists()]
    # The final run with the seed of the search goes on with the best one.
    assert kept == [epsilons(cell)[1]]
    assert all((runs.folder(run) / "result.json").exists() for run in cell.candidates)


def test_a_metric_without_a_direction_is_refused(cell, tmp_path):
    runs = Runs(tmp_path / "runs")
    finish_search(runs, cell, [0.1, 0.4, 0.3, 0.2])
    cell.candidates[0].config["trainer"]["validation_metric"] = ["+f1"]
    with pytest.raises(ConfigurationError, match=r"validation_metric is \['\+f1'\]; a search needs one metric"):
        runs.best_epsilon(cell)
