import json
import os
import shutil
from pathlib import Path

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.models import load_archive
from allennlp.training import gradient_descent_trainer

from attention_vat.experiments.files import read_json, write_json
from attention_vat.search.job import TrainTrial
from attention_vat.search.runs import STOP, Run, seconds
from attention_vat.search.study import add_trials, open_study
from attention_vat.search.training import train_run, train_trial
from tests.search.tiny import configuration


@pytest.fixture
def make_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # so that the directory is that of before when the test is over

    def make(name="run_00000", **options):
        run = Run(tmp_path / name)
        run.directory.mkdir()
        write_json(run.directory / "config.json", configuration(**options))
        return run

    return make


def epochs_until(stop_after, seen=None):
    def gate(metrics):
        if seen is not None:
            seen.append(metrics["epoch"])
        return metrics["epoch"] + 1 < stop_after

    return gate


def weights(run):
    return load_archive(run.trial / "model.tar.gz").model.state_dict()


def assert_same_weights(first, second):
    # Not bit for bit: matrices of odd sizes are multiplied a little differently from process to process.
    assert first.keys() == second.keys()
    for name, value in first.items():
        assert torch.allclose(value, second[name], atol=1e-6), name


def test_is_an_ordinary_training(make_run, tmp_path):
    run, seen = make_run(), []
    train_run(run, epochs_until(99, seen))
    assert run.status == "finished"
    assert seen == [0, 1, 2, 3]
    assert Path.cwd() == run.directory.resolve()
    straight = tmp_path / "straight"
    train_model(Params(configuration()), str(straight))
    assert json.loads((run.trial / "config.json").read_text()) == json.loads((straight / "config.json").read_text())
    assert_same_weights(weights(run), load_archive(straight / "model.tar.gz").model.state_dict())
    expected = json.loads((straight / "metrics.json").read_text())
    metrics = json.loads((run.trial / "metrics.json").read_text())
    assert metrics.keys() == expected.keys()
    assert metrics["validation_loss"] == pytest.approx(expected["validation_loss"])
    assert metrics["best_epoch"] == expected["best_epoch"]
    assert {path.name for path in run.trial.iterdir()} == {*os.listdir(straight), "stdout.log"}
    assert "random_seed = 7" in (run.trial / "stdout.log").read_text(), "which AllenTune looks for"
    assert len(gradient_descent_trainer.DEFAULT_CALLBACKS) == 1, "as it was"


def test_a_run_that_is_stopped_leaves_metrics_and_the_best_model(make_run):
    stopped, short = make_run("stopped"), make_run("short", num_epochs=2)
    train_run(stopped, epochs_until(2))
    train_run(short, epochs_until(99))
    assert stopped.status == "stopped"
    assert_same_weights(weights(stopped), weights(short))
    metrics = read_json(stopped.trial / "metrics.json")
    assert metrics["epoch"] == 1
    assert metrics["best_validation_loss"] == pytest.approx(
        read_json(short.trial / "metrics.json")["best_validation_loss"]
    )


def test_running_out_of_patience_is_not_being_stopped(make_run):
    run = make_run(num_epochs=30, patience=1, optimizer={"type": "sgd", "lr": 0.0})
    train_run(run, epochs_until(99))
    assert run.status == "finished"
    assert len(run.epochs()) == 2


def killed_after(run, epoch):
    """A copy of the directory at the moment when the epoch is over, which is what a kill leaves."""
    aside = run.directory.with_name("aside")

    def gate(metrics):
        if metrics["epoch"] == epoch:
            shutil.copytree(run.directory, aside, symlinks=True)
        return metrics["epoch"] < epoch

    train_run(run, gate)
    os.chdir(run.directory.parent)
    shutil.rmtree(run.directory)
    aside.rename(run.directory)


def test_goes_on_after_a_kill(make_run):
    straight, run, seen = make_run("straight"), make_run(), []
    train_run(straight, epochs_until(99))
    killed_after(run, epoch=1)
    assert run.status == "unfinished"
    before = seconds(run.epochs()[1]["training_duration"])
    train_run(run, epochs_until(99, seen))
    assert run.status == "finished"
    assert seen == [0, 1, 2, 3], "the epochs before the kill are told again"
    assert_same_weights(weights(run), weights(straight))
    metrics, expected = (read_json(each.trial / "metrics.json") for each in (run, straight))
    assert metrics["best_validation_loss"] == pytest.approx(expected["best_validation_loss"])
    durations = [seconds(epoch["training_duration"]) for epoch in run.epochs()]
    assert durations == sorted(durations)
    assert seconds(metrics["training_duration"]) == durations[-1] > before


def test_goes_on_after_a_kill_at_the_end(make_run):
    straight, run = make_run("straight"), make_run()
    train_run(straight, epochs_until(99))
    killed_after(run, epoch=3)
    train_run(run, epochs_until(99))
    assert run.status == "finished"
    assert_same_weights(weights(run), weights(straight))
    metrics, expected = (read_json(each.trial / "metrics.json") for each in (run, straight))
    assert metrics.keys() == expected.keys()
    assert metrics["validation_loss"] == pytest.approx(expected["validation_loss"])


def test_a_run_that_was_to_stop_when_it_was_killed(make_run):
    straight, run = make_run("straight"), make_run()
    train_run(straight, epochs_until(2))
    killed_after(run, epoch=1)
    train_run(run, epochs_until(2))
    assert run.status == "stopped"
    assert len(run.epochs()) == 2, "it does not train again"
    assert_same_weights(weights(run), weights(straight))


def test_a_kill_before_the_first_checkpoint(make_run):
    run = make_run(num_epochs=1)
    (run.trial / "vocabulary").mkdir(parents=True)
    (run.trial / "config.json").write_text('{"cut short')
    train_run(run, epochs_until(99))
    assert run.status == "finished"


def test_a_kill_while_the_archive_is_made(make_run):
    straight, run = make_run("straight", num_epochs=2), make_run(num_epochs=2)
    for each in (straight, run):
        train_run(each, epochs_until(99))
    (run.trial / "model.tar.gz").unlink()
    (run.directory / "status.json").unlink()
    (run.directory / STOP).touch()
    train_run(run, epochs_until(0))
    assert run.status == "stopped", "as was decided before the kill"
    assert_same_weights(weights(run), weights(straight))


def job_of(run, **options):
    add_trials(open_study(run.directory.parent, "min"), [run], {})
    options = {"packages": [], "python_path": [], "working_directory": str(run.directory.parent), **options}
    return TrainTrial(str(run.directory), "validation_loss", "min", None, **options)


def test_the_study_hears_of_it(make_run, monkeypatch):
    pytest.importorskip("optuna")
    monkeypatch.syspath_prepend(os.getcwd())
    run = make_run(num_epochs=2)
    Path("mine.py").write_text("LOADED = True")
    job = job_of(run, packages=["mine"])
    assert job.stage == "epoch 1"
    train_trial(job)
    assert run.status == "finished" and job.stage == "epoch 3"
    (trial,) = open_study(run.directory.parent, "min").trials
    losses = [metrics["validation_loss"] for metrics in run.epochs()]
    assert trial.intermediate_values == dict(enumerate(losses, start=1))
    assert trial.value == min(losses) and trial.state.name == "COMPLETE"


def test_an_error_is_the_runs(make_run):
    pytest.importorskip("optuna")
    run = make_run(num_epochs="many")
    with pytest.raises(Exception, match="Expected num_epochs to be a int"):
        train_trial(job_of(run))
    assert run.status == "failed"
    assert "\n" not in run.error
    assert run.error.endswith("Expected num_epochs to be a int.")
    other = make_run("other")
    with pytest.raises(ModuleNotFoundError):
        train_trial(job_of(other, packages=["nowhere_to_be_found"]))
    assert other.error == "ModuleNotFoundError: No module named 'nowhere_to_be_found'"
    assert [trial.state.name for trial in open_study(run.directory.parent, "min").trials] == ["FAIL", "FAIL"]
