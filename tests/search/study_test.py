import sys

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.experiments.files import write_json
from attention_vat.search.job import Halving
from attention_vat.search.runs import Run
from attention_vat.search.space import SearchSpace
from attention_vat.search.study import JOURNAL, Reports, add_trials, open_study, require_optuna

pytest.importorskip("optuna")


class Search:
    """Runs that report to a study."""

    def __init__(self, directory, mode="max", max_epochs=8, **halving):
        self.directory = directory
        self.mode = mode
        self.max_epochs = max_epochs
        self.halving = Halving(**{"grace_period": 1, "reduction_factor": 2, **halving})
        self.reports = {}

    def start(self, name):
        """In a process of its own, as it were: what was there before is known by the journal."""
        run = Run(self.directory / name)
        run.directory.mkdir(exist_ok=True)
        write_json(run.directory / "config.json", {"trainer": {"num_epochs": self.max_epochs}})
        add_trials(open_study(self.directory, self.mode), [run], {})
        self.reports[name] = Reports(run, "validation_f1", self.mode, self.halving)

    def report(self, name, epochs, value):
        """Whether the run goes on."""
        if name not in self.reports:
            self.start(name)
        return self.reports[name]({"epoch": epochs - 1, "validation_f1": value})

    def states(self):
        return [trial.state.name for trial in open_study(self.directory, self.mode).trials]


def test_runs_below_the_best_part_stop(tmp_path):
    search = Search(tmp_path)
    assert search.report("a", 1, 0.5)
    assert search.report("b", 1, 0.7)
    assert not search.report("c", 1, 0.55), "0.7 is the best half of three"
    assert search.report("d", 1, 0.9)
    assert search.report("b", 2, 0.7)
    assert not search.report("d", 2, 0.6)


def test_less_may_be_better(tmp_path):
    search = Search(tmp_path, "min")
    assert search.report("a", 1, 0.5)
    assert not search.report("b", 1, 0.7)


def test_the_grace_period(tmp_path):
    search = Search(tmp_path, grace_period=3)
    assert search.report("a", 1, 0.5) and search.report("b", 1, 0.1) and search.report("b", 2, 0.1)
    assert search.report("a", 3, 0.5)
    assert not search.report("b", 3, 0.1)


def test_epochs_that_are_reported_again_change_nothing(tmp_path):
    """A run whose process died reports its epochs from the first on."""
    search = Search(tmp_path)
    assert search.report("a", 1, 0.5) and search.report("b", 1, 0.7)
    for _ in range(2):
        search.start("a")
        assert search.report("a", 1, 0.5), "it was let go on before there was a better one"
    assert not search.report("c", 1, 0.55)
    assert search.states() == ["RUNNING"] * 3, "a run is one trial"


def test_killed_when_it_was_to_stop_a_run_does_not_go_on(tmp_path):
    search = Search(tmp_path)
    assert search.report("a", 1, 0.7) and not search.report("b", 1, 0.5)
    search.start("b")
    assert not search.report("b", 1, 0.5)


def test_a_run_that_is_over_is_not_stopped(tmp_path):
    search = Search(tmp_path, max_epochs=4)
    for name, value in (("a", 0.5), ("b", 0.6)):
        for epochs in (1, 2):
            assert search.report(name, epochs, value)
    assert search.report("b", 4, 0.6)
    assert search.report("a", 4, 0.5)


def test_an_epoch_without_the_metric_is_a_sentence(tmp_path):
    search = Search(tmp_path)
    search.start("a")
    with pytest.raises(ConfigurationError, match="no metric validation_f1; choose from epoch, validation_loss"):
        search.reports["a"]({"epoch": 0, "validation_loss": 1.0})


@pytest.mark.parametrize("mode", ["max", "min"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_run_without_a_number_does_not_go_on(tmp_path, mode, value):
    search = Search(tmp_path, mode)
    assert search.report("a", 1, 0.5)
    assert search.report("b", 1, 0.5)
    assert not search.report("c", 1, value)
    assert search.report("d", 1, 0.5)


def test_how_runs_end(tmp_path):
    search = Search(tmp_path)
    for name, status, best in (
        ("a", "finished", 0.5),
        ("b", "stopped", 0.4),
        ("c", "failed", None),
        ("d", "finished", float("nan")),
    ):
        search.start(name)
        search.reports[name].finish(status, best)
    assert search.states() == ["COMPLETE", "PRUNED", "FAIL", "FAIL"]
    study = open_study(tmp_path, "max")
    assert study.best_value == 0.5
    # One that failed is tried again, as another trial.
    search.start("c")
    assert search.states() == ["COMPLETE", "PRUNED", "FAIL", "FAIL", "RUNNING"]


def test_the_values_of_a_run_are_the_trials(tmp_path):
    space = SearchSpace(
        {
            "EPSILON": {"sampling strategy": "loguniform", "bounds": [0.01, 30]},
            "SIZE": {"sampling strategy": "integer", "bounds": [2, 4]},
            "DROPOUT": {"sampling strategy": "uniform", "bounds": [0, 1]},
            "TWICE": {"sampling strategy": "choice", "choices": ["a", "a", True, 1]},
            "SEED": {"sampling strategy": "grid", "choices": [1, 2]},
            "EPOCHS": 3,
        }
    )
    runs = []
    for number, sample in enumerate(space.samples(4, seed=1)):
        runs.append(Run(tmp_path / f"run_{number}"))
        runs[-1].directory.mkdir()
        write_json(runs[-1].directory / "hyperparameters.json", sample)
    study = open_study(tmp_path, "max")
    add_trials(study, runs, space.space)
    for run, trial in zip(runs, study.trials):
        expected = run.hyperparameters
        assert trial.user_attrs["run"] == run.name and trial.state.name == "WAITING"
        assert trial.params["EPSILON"] == pytest.approx(expected["EPSILON"])
        assert (trial.params["SIZE"], trial.params["DROPOUT"]) == (expected["SIZE"], expected["DROPOUT"])
        assert (trial.params["TWICE"], trial.params["SEED"]) == (str(expected["TWICE"]), str(expected["SEED"]))
        assert "EPOCHS" not in trial.params


def test_a_damaged_journal_is_a_sentence(tmp_path):
    open_study(tmp_path, "max")
    journal = tmp_path / JOURNAL
    journal.write_text("{}\nnonsense\n" + journal.read_text())
    with pytest.raises(ConfigurationError, match="optuna.journal is damaged .*; delete it"):
        open_study(tmp_path, "max")


def test_without_optuna(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ConfigurationError, match="Optuna is needed .*; run `pip install optuna`"):
        require_optuna()
