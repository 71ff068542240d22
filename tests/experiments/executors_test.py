import dataclasses
import json
import multiprocessing
import os
import sys
import threading
import time
from multiprocessing import forkserver

import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.experiments import executors
from attention_vat.experiments.executors import LocalExecutor, RayExecutor, in_own_process
from attention_vat.experiments.experiment import load_experiment
from attention_vat.experiments.gpus import can_count_without_cuda
from attention_vat.experiments.matrix import cells_of
from attention_vat.experiments.schedule import job_of
from tests.experiments import gpu_build
from tests.experiments.small import PARAMETERS, ROOT, write_experiment


@pytest.fixture()
def cells(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    return cells_of(load_experiment(write_experiment(tmp_path, techniques=["vanilla"])), "data", str(tmp_path))


def test_slots(monkeypatch):
    assert LocalExecutor(num_cpus=4, cpus_per_run=2).slots == 2
    assert LocalExecutor(num_cpus=1, cpus_per_run=2).slots == 1
    monkeypatch.setattr(executors, "visible_gpus", lambda: ["0", "1"])
    for gpus, slots in (
        ((None, None), 2),
        ((1, None), 1),
        ((None, 0.25), 8),
        ((1, 0.5), 2),
        ((None, 2), 1),
        ((0, None), 8),
    ):
        assert LocalExecutor(8, 1, *gpus).slots == slots
    assert LocalExecutor(3, 1, 2, 0.25).slots == 3, "there are CPUs for three"


@pytest.mark.parametrize(
    ("gpus", "expected"),
    [
        ((None, None), ["2", "5"]),
        ((2, 0.5), ["2", "2", "5", "5"]),
        ((1, 0.5), ["2", "2"]),
        ((None, 2), ["2,5"]),
        ((0, None), [""] * 4),
        ((None, 0), [""] * 4),
    ],
)
def test_each_run_is_on_its_own_share_of_the_gpus(cells, tmp_path, monkeypatch, gpus, expected):
    """As many at a time as there is room for, and never more on one than were asked for."""
    monkeypatch.setattr(executors, "visible_gpus", lambda: ["2", "5"])
    at_once = threading.Barrier(len(expected))
    running, most, lock = [], [], threading.Lock()

    def perform(job, started):
        with lock:
            running.append(job.gpus)
            most.append(sorted(running))
        at_once.wait(timeout=60)
        with lock:
            running.remove(job.gpus)
        return 0

    monkeypatch.setattr(executors, "in_own_process", perform)
    executor = LocalExecutor(4, 1, *gpus)
    (run,) = cells[0].final_runs()
    jobs = [job_of(run, tmp_path / str(number), ["correlation"], False, 1) for number in range(2 * len(expected))]
    try:
        assert [future.result(timeout=60) for future in [executor.submit(job) for job in jobs]] == [0] * len(jobs)
    finally:
        executor.close()
    assert max(most, key=len) == expected
    assert all(each == [name for name in each if name in expected] and len(each) <= len(expected) for each in most)


def test_where_runs_are_is_no_part_of_what_they_are(cells):
    (run,) = cells[0].final_runs()
    assert "cuda_device" not in run.config["trainer"]
    assert "gpus" not in job_of(run, ROOT, [], False, 1).facts


@pytest.mark.parametrize(
    ("counts_without_cuda", "gpus", "method"),
    [(True, ["0"], "forkserver"), (True, [], "forkserver"), (False, [], "forkserver"), (False, ["0"], "spawn")],
)
def test_nothing_is_forked_where_imports_start_cuda(monkeypatch, counts_without_cuda, gpus, method):
    """The torch of the classic stack asks the CUDA runtime when it counts GPUs, as imports do."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(executors, "visible_gpus", lambda: gpus)
    monkeypatch.setattr(executors, "can_count_without_cuda", lambda: counts_without_cuda)
    assert executors.start_method() == method


@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_what_a_process_of_its_own_is_started_with(cells, tmp_path, monkeypatch, method):
    """A spawned process sees its GPUs from its first import on; a fork is told."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    monkeypatch.delenv("PYTORCH_NVML_BASED_CUDA_CHECK", raising=False)
    monkeypatch.setattr(executors, "start_method", lambda: method)
    seen = []

    class Context:
        class Process:
            exitcode = 0

            def __init__(self, target, args):
                self.args = args

            def start(self):
                names = ("CUDA_VISIBLE_DEVICES", "PYTORCH_NVML_BASED_CUDA_CHECK", "OMP_NUM_THREADS")
                seen.append((self.args[1], *(os.environ.get(name) for name in names)))

            def join(self):
                pass

        @staticmethod
        def set_forkserver_preload(modules):
            assert "attention_vat.experiments.worker" in modules

    monkeypatch.setattr(executors.multiprocessing, "get_context", lambda name: Context if name == method else None)
    (run,) = cells[0].final_runs()
    job = job_of(run, tmp_path / "run", [], False, 2)
    for gpus in ("7", "", None):
        assert in_own_process(dataclasses.replace(job, gpus=gpus)) == 0
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "3"
    spawned = method == "spawn"
    assert seen == [
        ("7", "7" if spawned else "3", "1", "2"),
        ("", "" if spawned else "3", "1", "2"),
        ("3", "3", "1", "2"),
    ]


def test_what_runs_are_forked_from_has_not_asked_cuda(tmp_path):
    """By the server that users have, and a torch that is built for GPUs."""
    context = multiprocessing.get_context("forkserver")
    os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = "1"
    context.set_forkserver_preload(executors.PRELOADED)
    process = context.Process(target=gpu_build.report, args=(str(tmp_path / "report.json"),))
    process.start()
    process.join()
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert not report["initialized"]
    if can_count_without_cuda():
        assert report["calls"] == [] and not report["bad_fork"]


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
    (directory / ".result.json-abcd1234").write_text("{")
    (directory / "training").mkdir()
    (directory / "training" / "metrics.json").write_text("{}")
    result = evaluated_by({"type": "robustness", "epsilons": [0.5]})
    assert result["evaluation"] == [{"type": "robustness", "epsilons": [0.5]}, permutation, "correlation"]
    assert not list(directory.glob(".result.json-*"))
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
    # What no machine could ever take would wait for ever.
    monkeypatch.setattr(executors, "start_local_ray", lambda **options: None)
    monkeypatch.setattr("ray.cluster_resources", lambda: {"CPU": 2.0, "GPU": 1.0})
    for cpus, gpus, problem in (
        (4, None, "--cpus-per-run is 4, but the cluster has 2"),
        (1, 2, "--gpus-per-run is 2, but .* 1;"),
    ):
        with pytest.raises(ConfigurationError, match=problem):
            RayExecutor("local", num_cpus=2, cpus_per_run=cpus, gpus_per_run=gpus)
    assert RayExecutor("local", 2, 1, gpus_per_run=0.25).slots == 2


def test_without_ray(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigurationError, match="Ray is needed .*pip install"):
        RayExecutor("auto", None, 1)
