"""The finished runs of an experiment without any training."""

from pathlib import Path

import numpy
import pytest

from attention_vat.experiments.experiment import load_experiment
from attention_vat.experiments.frame import experiment_results, results_frame
from attention_vat.experiments.matrix import cells_of
from attention_vat.experiments.runs import Runs
from attention_vat.experiments.schedule import run_all
from attention_vat.experiments.summary import Predictions, against_baseline, summary
from tests.experiments.small import ROOT, SEEDS, SENTENCES, Executor, finish, write_experiment


def accuracy_of(job):
    """Attention AT is better than vanilla with every seed; Word AT is as good."""
    return 0.6 + 0.01 * job.facts["seed"] + (0.2 if job.facts["technique"] == "attention_at" else 0.0)


def finish_with_predictions(job):
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


def rows_of(cells, runs, measures):
    return summary(results_frame(experiment_results(cells, runs)), cells, measures)


def rows_and_tests(cells, runs, measures):
    rows = rows_of(cells, runs, measures)
    return rows, against_baseline(rows, Predictions())
