import json
import os
import sys
import time
from multiprocessing import forkserver

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.reproduction import executors
from attention_vat.reproduction.executors import LocalExecutor, RayExecutor, in_own_process
from attention_vat.reproduction.experiment_file import load_experiment
from attention_vat.reproduction.matrix import cells_of
from attention_vat.reproduction.schedule import job_of
from tests.reproduction.small import PARAMETERS, ROOT, write_experiment


@pytest.fixture()
def cells(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    return cells_of(load_experiment(write_experiment(tmp_path, techniques=["vanilla"])), "data", str(tmp_path))


def test_slots():
    assert LocalExecutor(num_cpus=4, cpus_per_run=2).slots == 2
    assert LocalExecutor(num_cpus=1, cpus_per_run=2).slots == 1


def test_a_run_in_a_process_of_its_own(cells, tmp_path):
    """By the server that users have."""
    (run,) = cells[0].final_runs()
    directory = tmp_path / "run"
    started = []

    def evaluated_by(*evaluation):
        assert in_own_process(job_of(run, directory, evaluation, True, 1), started.append) == 0
        assert not (directory / "tmp").exists() and not (directory / "training").exists()
        return json.loads((directory / "result.json").read_text(encoding="utf-8"))

    result = evaluated_by("correlation")
    assert [process.pid for process in started] != [os.getpid()]
    assert result["environment"]["threads"] == 1
    assert set(result["seconds"]) == {"train", "evaluate"}
    assert "pearson" in result["test"] and "permutation_difference" not in result["test"]

    # What was asked before stays, unless it is wanted in another way. The model is not trained again.
    made = (directory / "model.tar.gz").stat().st_mtime_ns
    permutation = {"type": "permutation", "num_permutations": 2}
    result = evaluated_by(permutation, {"type": "robustness", "epsilons": [3.0]})
    assert result["evaluation"] == [permutation, {"type": "robustness", "epsilons": [3.0]}, "correlation"]
    assert {"pearson", "permutation_difference", "scores_accuracy@0", "scores_accuracy@3"} <= set(result["test"])
    # A kill can leave this while the archive takes the place of what it was made of.
    (directory / "training").mkdir()
    (directory / "training" / "metrics.json").write_text("{}")
    result = evaluated_by({"type": "robustness", "epsilons": [0.5]})
    assert result["evaluation"] == [{"type": "robustness", "epsilons": [0.5]}, permutation, "correlation"]
    assert "scores_accuracy@0.5" in result["test"] and "scores_accuracy@3" not in result["test"]
    assert (directory / "model.tar.gz").stat().st_mtime_ns == made

    # Another experiment that has the same run and keeps nothing.
    assert in_own_process(job_of(run, directory, ["correlation"], False, 1)) == 0
    assert json.loads((directory / "result.json").read_text(encoding="utf-8"))["kept"]
    assert (directory / "model.tar.gz").stat().st_mtime_ns == made

    # A power failure can leave this.
    (directory / "model.tar.gz").write_text("")
    assert evaluated_by("correlation")["test"]["f1"] == result["test"]["f1"]
    assert (directory / "model.tar.gz").stat().st_size > 0


def test_what_is_about_to_start_ends_as_well(tmp_path, monkeypatch):
    """The server takes its time to import everything; a command that is ended meanwhile must not wait for training."""
    monkeypatch.chdir(ROOT)
    parameters = {**PARAMETERS, "num_epochs": 10**6}
    experiment = load_experiment(write_experiment(tmp_path, techniques=["vanilla"], parameters=parameters))
    (cell,) = cells_of(experiment, "data", str(tmp_path))
    # A server that is still at its imports, whatever ran here before.
    monkeypatch.setattr(forkserver, "_forkserver", forkserver.ForkServer())
    monkeypatch.setattr(forkserver, "connect_to_new_process", forkserver._forkserver.connect_to_new_process)
    monkeypatch.setattr(forkserver, "set_forkserver_preload", forkserver._forkserver.set_forkserver_preload)
    executor = LocalExecutor(num_cpus=1)
    future = executor.submit(job_of(cell.final_runs()[0], tmp_path / "run", ["correlation"], False, 1))
    while forkserver._forkserver._forkserver_pid is None:
        time.sleep(0.01)
    assert executor._processes == []
    executor.close()
    with pytest.raises((EOFError, OSError)):
        future.result()
    assert not (tmp_path / "run").exists()


def test_on_a_ray_cluster(monkeypatch):
    pytest.importorskip("ray")
    # What a worker does is the same as here; importing it there would take longer than all the rest.
    monkeypatch.setattr(executors, "in_own_process", lambda job: job["code"])
    executor = RayExecutor("local", num_cpus=2, cpus_per_run=2)
    try:
        assert executor.slots == 1
        futures = [executor.submit({"code": code}) for code in (0, -9)]
        assert [future.result(timeout=120) for future in futures] == [0, -9]
    finally:
        executor.close()


def test_without_ray(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigurationError, match="Ray is needed .*pip install"):
        RayExecutor("auto", None, 1)
