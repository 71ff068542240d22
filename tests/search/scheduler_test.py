import pytest

pytest.importorskip("ray.tune")

from types import SimpleNamespace

from attention_vat.search.runs import write_json
from attention_vat.search.scheduler import epoch_asha
from tests.search.tiny import done_run


class Runs:
    """Runs that report to a scheduler."""

    def __init__(self, scheduler, directory):
        self.scheduler = scheduler
        self.directory = directory
        self.trials = {}

    def report(self, name, epochs, value):
        """Whether the run goes on."""
        directory = self.directory / name
        if name not in self.trials:
            directory.mkdir()
            self.trials[name] = SimpleNamespace(trial_id=name, config={"directory": str(directory)})
            self.scheduler.on_trial_add(None, self.trials[name])
        result = {"epochs": epochs, "validation_f1": value}
        assert self.scheduler.on_trial_result(None, self.trials[name], result) == "CONTINUE"
        return not (directory / "stop").exists()


def test_runs_below_the_best_part_stop(tmp_path):
    runs = Runs(epoch_asha("validation_f1", "max", max_epochs=8, reduction_factor=2), tmp_path)
    assert runs.report("a", 1, 0.5)
    assert runs.report("b", 1, 0.7)
    assert not runs.report("c", 1, 0.55), "below the median of 0.5 and 0.7"
    assert runs.report("d", 1, 0.9)
    assert runs.report("b", 2, 0.7)
    assert not runs.report("d", 2, 0.6)


def test_less_may_be_better(tmp_path):
    runs = Runs(epoch_asha("validation_f1", "min", max_epochs=8, reduction_factor=2), tmp_path)
    assert runs.report("a", 1, 0.5)
    assert not runs.report("b", 1, 0.7)


def test_the_grace_period(tmp_path):
    runs = Runs(epoch_asha("validation_f1", "max", max_epochs=8, grace_period=3, reduction_factor=2), tmp_path)
    assert runs.report("a", 1, 0.5) and runs.report("b", 1, 0.1) and runs.report("b", 2, 0.1)
    assert runs.report("a", 3, 0.5)
    assert not runs.report("b", 3, 0.1)


def test_epochs_that_are_told_again_change_nothing(tmp_path):
    """A run whose process died reports its epochs from the first on."""
    runs = Runs(epoch_asha("validation_f1", "max", max_epochs=8, reduction_factor=2), tmp_path)
    assert runs.report("a", 1, 0.5) and runs.report("b", 1, 0.7)
    for _ in range(2):
        assert runs.report("a", 1, 0.5), "it was let go on before there was a better one"
    assert not runs.report("c", 1, 0.55)


def test_a_run_that_is_over_is_not_stopped(tmp_path):
    runs = Runs(epoch_asha("validation_f1", "max", max_epochs=4, reduction_factor=2), tmp_path)
    for name, value in (("a", 0.5), ("b", 0.6)):
        for epochs in (1, 2):
            assert runs.report(name, epochs, value)
    assert runs.report("b", 4, 0.6)
    assert runs.report("a", 4, 0.5)


def test_learns_from_runs_of_an_earlier_session(tmp_path):
    done = [done_run(tmp_path, number, 1.0, f1) for number, f1 in enumerate((0.6, 0.8))]
    runs = Runs(epoch_asha("validation_f1", "max", max_epochs=8, reduction_factor=2, done=done), tmp_path)
    # After one epoch they had 0.3 and 0.4.
    assert not runs.report("a", 1, 0.34)
    assert runs.report("b", 1, 0.36)
    assert not (done[0].directory / "stop").exists()


def test_an_epoch_without_the_metric_does_not_count(tmp_path):
    run = done_run(tmp_path, 0, 1.0, 0.5)
    write_json(run.trial / "metrics_epoch_0.json", {"epoch": 0})
    epoch_asha("validation_f1", "max", max_epochs=2, done=[run])


@pytest.mark.parametrize(("mode", "good"), [("max", 0.5), ("min", 0.5)])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_run_without_a_number_does_not_go_on(tmp_path, mode, good, value):
    runs = Runs(epoch_asha("validation_f1", mode, max_epochs=8, reduction_factor=2), tmp_path)
    assert runs.report("a", 1, good)
    assert runs.report("b", 1, good)
    assert not runs.report("c", 1, value)
    assert runs.report("d", 1, good)
