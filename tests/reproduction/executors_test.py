import json
import os
import sys

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.reproduction import executors
from attention_vat.reproduction.executors import LocalExecutor, RayExecutor, in_own_process
from attention_vat.reproduction.experiment_file import load_experiment
from attention_vat.reproduction.matrix import cells_of
from attention_vat.reproduction.schedule import job_of
from tests.reproduction.small import ROOT, write_experiment


@pytest.fixture()
def cells(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    return cells_of(load_experiment(write_experiment(tmp_path, techniques=["vanilla"])), "data", str(tmp_path))


def test_slots():
    assert LocalExecutor(num_cpus=4, cpus_per_run=2).slots == 2
    assert LocalExecutor(num_cpus=1, cpus_per_run=2).slots == 1


def test_a_run_in_a_process_of_its_own(cells, tmp_path):
    """By the server that users have, which the other tests go without."""
    (run,) = cells[0].final_runs()
    started = []
    assert in_own_process(job_of(run, tmp_path / "run", ["correlation"], False, 1), started.append) == 0
    assert [process.pid for process in started] != [os.getpid()]
    result = json.loads((tmp_path / "run" / "result.json").read_text(encoding="utf-8"))
    assert result["environment"]["threads"] == 1
    assert set(result["seconds"]) == {"train", "evaluate"}
    assert "pearson" in result["test"] and "permutation_difference" not in result["test"]
    permutation = {"type": "permutation", "num_permutations": 2}
    robustness = {"type": "robustness", "epsilons": [3.0]}
    assert in_own_process(job_of(run, tmp_path / "run", [permutation, robustness], False, 1)) == 0
    result = json.loads((tmp_path / "run" / "result.json").read_text(encoding="utf-8"))
    assert result["evaluation"] == [permutation, robustness, "correlation"], "what was asked before stays"
    assert {"pearson", "permutation_difference", "scores_accuracy@0", "scores_accuracy@3"} <= set(result["test"])


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
