import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import torch
from allennlp.commands import main
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.common.util import SigTermReceived

from attention_vat.common.locks import locked
from attention_vat.experiments.files import read_json
from attention_vat.search.runs import Run, list_runs
from tests.forks import ROOT, python
from tests.search.tiny import configuration

SLOW = """
import time
from allennlp.training.callbacks import TrainerCallback

@TrainerCallback.register("slow")
class Slow(TrainerCallback):
    def on_epoch(self, trainer, **kwargs):
        time.sleep(0.3)
"""


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["allennlp", "search", *map(str, arguments)])
    main()


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """A directory to start a search in: run 0 and 1 are fine, run 2 fails; run 1 takes a while."""
    config = configuration()
    config["model"]["regularizers"][0]["epsilon"] = "EPSILON"
    config["trainer"]["callbacks"].append("slow")
    config["trainer"]["num_epochs"] = "NUM_EPOCHS"
    text = json.dumps(config).replace('"EPSILON"', "std.parseJson(std.extVar('EPSILON'))")
    text = text.replace('"NUM_EPOCHS"', "if std.extVar('EPSILON') == '2.0' then 12 else 2")
    (tmp_path / "config.jsonnet").write_text(text)
    space = {"EPSILON": {"sampling strategy": "grid", "choices": [1.0, 2.0, -1.0]}}
    (tmp_path / "space.json").write_text(json.dumps(space))
    (tmp_path / "slow.py").write_text(SLOW)
    (tmp_path / ".allennlp_plugins").write_text("attention_vat\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


ARGUMENTS = ("config.jsonnet", "--search-space", "space.json", "--experiment-name", "e", "--include-package", "slow")


def wait_for(condition, seconds=300):
    deadline = time.time() + seconds
    while not condition():
        assert time.time() < deadline, "waited too long"
        time.sleep(0.05)


def processes_in(directory):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/cwd") == str(directory):
                found.append(int(pid))
        except OSError:
            pass
    return found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes in /proc")
def test_goes_on_after_kills_of_a_worker_and_of_the_search(workplace, monkeypatch, capsys):
    pytest.importorskip("optuna")
    experiment = workplace / "logs" / "e"
    first, slow = Run(experiment / "run_00000"), Run(experiment / "run_00001")
    search = python(*("-m", "allennlp", "search", *ARGUMENTS), output=workplace / "first.log", with_runs=True)
    try:
        wait_for(lambda: len(slow.epochs()) >= 2 or search.ended())
        assert not search.ended(), (workplace / "first.log").read_text()
        workers = processes_in(slow.directory)
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        epochs = len(slow.epochs())
        wait_for(lambda: len(slow.epochs()) > epochs and processes_in(slow.directory))
        assert not {*workers} & {*processes_in(slow.directory)}, "another one has started"
    finally:
        search.kill()
        search.wait()
    wait_for(lambda: not processes_in(slow.directory))
    assert first.status == "finished" and slow.status == "unfinished"
    before = (first.trial / "model.tar.gz").stat().st_mtime_ns

    with pytest.raises(SystemExit) as exit_info:
        run(monkeypatch, *ARGUMENTS, "--resume")

    message = str(exit_info.value)
    assert "run_00002: " in message and "run_00000" not in message, "what failed, with its last line"
    printed = capsys.readouterr().out
    assert "2/3  run_00001 finished, epochs 12, validation_loss" in printed, "one was done before"
    assert f"3 runs in {experiment}: 2 finished, 0 stopped early, 1 failed" in printed
    assert [each.status for each in list_runs(experiment)] == ["finished", "finished", "failed"]
    assert (first.trial / "model.tar.gz").stat().st_mtime_ns == before, "not touched"
    assert [metrics["epoch"] for metrics in slow.epochs()] == list(range(12))
    train_model(Params({**slow.config, "trainer": {**slow.config["trainer"], "callbacks": []}}), "straight")
    straight, recovered = torch.load("straight/best.th"), torch.load(slow.trial / "best.th")
    assert all(torch.allclose(value, straight[name], atol=1e-5) for name, value in recovered.items())
    assert slow.hyperparameters == {"EPSILON": 2.0}
    assert {path.name for path in experiment.iterdir()} <= {
        "run_00000",
        "run_00001",
        "run_00002",
        "search.json",
        "optuna.journal",
    }
    assert processes_in(slow.directory) == []
    assert read_json(experiment / "search.json")["seed"] == 13370


def test_as_a_user_runs_it(workplace):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(workplace)])}
    command = [sys.executable, "-m", "allennlp", "search", *ARGUMENTS, "--set", "EPSILON=1.0"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "1 runs in" in result.stdout and "1 finished, 0 stopped early, 0 failed" in result.stdout
    (only,) = list_runs(workplace / "logs" / "e")
    assert only.status == "finished" and (only.trial / "model.tar.gz").exists()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--num-samples", "0"], "--num-samples must be at least 1, not 0"),
        (["--seed", "-1"], "--seed must be at least 0, not -1"),
        (["--scheduler", "asha", "--grace-period", "0"], "--grace-period must be at least 1, not 0"),
        (["--scheduler", "asha", "--reduction-factor", "1"], "--reduction-factor must be at least 2, not 1"),
        (["--num-gpus", "99"], "--num-gpus is 99, but this machine has "),
        (["--cpus-per-trial", "-1"], "--cpus-per-trial must not be negative"),
        (["--cpus-per-trial", "1.5"], "a run needs 1.5 cpus (--cpus-per-trial), but only 1 are available"),
        (["--gpus-per-trial", "0.5"], "a run needs 0.5 gpus (--gpus-per-trial), but only 0 are available"),
        (["--set", "EPSILON"], "--set EPSILON: write --set NAME=VALUE"),
        (["--overrides", "{"], "--overrides: "),
        (["--overrides", '{"train_data_path": "no.jsonl"}'], "train_data_path: there is no file no.jsonl"),
        (["--overrides", '{"nope.x": 1}'], "does not fit the configuration"),
        (
            ["--overrides", '{"trainer.num_epochs": 0}'],
            "trainer.num_epochs must be a whole number of at least 1, not 0",
        ),
        (["--log-dir", "space.json"], "space.json/e is not a writable directory (Not a directory); choose"),
        (["--log-dir", "space.json/logs"], "choose another --log-dir or --experiment-name"),
        (["--log-dir", "/proc/logs"], "/proc/logs/e is not a writable directory"),
        (["--search-space", "no.json"], "no.json: cannot be read"),
        (["--search-space", "empty.json"], "config.jsonnet reads EPSILON, which the search space does not have"),
    ],
)
def test_errors_are_one_sentence_and_leave_nothing(workplace, monkeypatch, options, problem):
    pytest.importorskip("optuna")
    (workplace / "empty.json").write_text("{}")
    before = sorted(path.name for path in workplace.iterdir())
    with pytest.raises(SystemExit) as exit_info:
        run(monkeypatch, *ARGUMENTS, *options)
    message = str(exit_info.value)
    assert message.startswith("allennlp search: ") and problem in message and "\n" not in message
    assert sorted(path.name for path in workplace.iterdir() if path.name != "__pycache__") == before


def test_without_optuna(workplace, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(SystemExit, match="Optuna is needed .*; run `pip install optuna`"):
        run(monkeypatch, *ARGUMENTS)
    assert not (workplace / "logs").exists()


@pytest.mark.parametrize("signal_received", [KeyboardInterrupt, SigTermReceived])
def test_an_interrupted_search_says_how_to_go_on(workplace, monkeypatch, signal_received):
    def interrupted(*args, **kwargs):
        raise signal_received

    pytest.importorskip("optuna")
    monkeypatch.setattr("attention_vat.search.launch.prepare_search", interrupted)
    with pytest.raises(SystemExit, match="interrupted; the same command with --resume continues"):
        run(monkeypatch, *ARGUMENTS)


def test_a_search_is_not_mixed_with_another_one(workplace, monkeypatch):
    pytest.importorskip("optuna")
    started = []
    monkeypatch.setattr("attention_vat.search.launch.run_search", lambda runs, *args, **kwargs: started.append(runs))
    run(monkeypatch, *ARGUMENTS)
    assert [each.hyperparameters for each in started[0]] == [{"EPSILON": value} for value in (1.0, 2.0, -1.0)]
    with pytest.raises(SystemExit, match="has runs already; add --resume to continue them, or choose another"):
        run(monkeypatch, *ARGUMENTS)
    with pytest.raises(SystemExit, match="belongs to another search: trainer.num_epochs was 2 and is 3"):
        run(monkeypatch, *ARGUMENTS, "--resume", "--overrides", '{"trainer.num_epochs": 3}')
    with pytest.raises(SystemExit, match="belongs to another search: EPSILON was 1.0 and is '7'"):
        run(monkeypatch, *ARGUMENTS, "--resume", "--set", "EPSILON=7")
    run(monkeypatch, *ARGUMENTS, "--resume", "--num-samples", "2")
    assert len(started[1]) == 6, "a longer search goes on with the runs of the shorter one"
    with pytest.raises(SystemExit, match="has 6 runs, but this search has only 3; raise --num-samples"):
        run(monkeypatch, *ARGUMENTS, "--resume")
    shutil.rmtree(workplace / "logs")


def test_two_processes_do_not_run_the_same_search(workplace, monkeypatch):
    pytest.importorskip("optuna")
    (workplace / "logs" / "e").mkdir(parents=True)
    with locked(workplace / "logs" / "e" / ".lock"), pytest.raises(
        SystemExit, match="Another `allennlp search` is already running in"
    ):
        run(monkeypatch, *ARGUMENTS)
