import os
import subprocess
import threading
from types import SimpleNamespace

import pytest
import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.experiments import gpus
from attention_vat.experiments.gpus import Gpus, check_fork, check_gpus, check_share, visible, visible_gpus


@pytest.fixture
def machine(monkeypatch):
    """A machine with as many GPUs as it is told, on which nothing may ask CUDA."""

    def never(*arguments):
        raise AssertionError("CUDA was asked")

    def with_gpus(number, visible=None, built_for="12.4"):
        lines = [
            f"GPU {index}: a card (UUID: GPU-{index})\n  MIG 1g.10gb Device 0: (UUID: MIG-0)" for index in range(number)
        ]
        answer = SimpleNamespace(stdout="\n".join(lines).encode(), returncode=0)
        monkeypatch.setattr(subprocess, "run", lambda *args, **kwargs: answer)
        monkeypatch.setattr(torch.version, "cuda", built_for)
        for name in ("is_available", "device_count", "init"):
            monkeypatch.setattr(torch.cuda, name, never)
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        if visible is not None:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        gpus._gpus_of_machine.cache_clear()

    yield with_gpus
    gpus._gpus_of_machine.cache_clear()


@pytest.mark.parametrize(
    ("number", "chosen", "expected"),
    [
        (0, None, []),
        (0, "0", []),
        (3, None, ["0", "1", "2"]),
        (3, "", []),
        (3, "-1", []),
        (3, "2, 0", ["2", "0"]),
        (3, "1,-1,2", ["1"]),
        (2, "GPU-5a,MIG-7", ["GPU-5a", "MIG-7"]),
    ],
)
def test_visible_gpus(machine, number, chosen, expected):
    machine(number, chosen)
    assert visible_gpus() == expected


def test_there_are_none_for_a_torch_that_has_no_cuda_or_without_a_driver(machine, monkeypatch):
    machine(2, built_for=None)
    assert visible_gpus() == []
    machine(2)

    def missing(*args, **kwargs):
        raise FileNotFoundError("nvidia-smi")

    monkeypatch.setattr(subprocess, "run", missing)
    assert visible_gpus() == []


@pytest.mark.parametrize(
    ("names", "per_run", "places"),
    [
        (["0"], 1, ["0"]),
        (["4", "7"], 1.0, ["4", "7"]),
        (["0", "1"], 0.5, ["0", "1", "0", "1"]),
        (["0"], 0.25, ["0"] * 4),
        (["0"], 1 / 3, ["0"] * 3),
        (["0", "1"], 0.3, ["0", "1"] * 3),
        (["0", "1", "2"], 2, ["0,1"]),
    ],
)
def test_as_many_runs_as_there_is_room_for_and_the_emptiest_first(names, per_run, places):
    shared = Gpus(names, per_run)
    assert shared.slots == len(places)
    blocks = [shared.taken() for _ in places]
    assert [block.__enter__() for block in blocks] == places
    # What is given back is given out again.
    blocks[-1].__exit__(None, None, None)
    with shared.taken() as place:
        assert place == places[-1]


def test_runs_on_cpus_see_no_gpu():
    for shared in (Gpus([], 0), Gpus(["0", "1"], 0)):
        assert shared.slots is None
        with shared.taken() as place, shared.taken() as other:
            assert place == other == ""


def test_what_a_process_sees_is_as_before_after_it(monkeypatch):
    seen = []
    for before in (None, "3,4"):
        if before is None:
            monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        else:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", before)
        for names in ("", "1", None):
            with visible(names):
                seen.append(os.environ.get("CUDA_VISIBLE_DEVICES"))
            assert os.environ.get("CUDA_VISIBLE_DEVICES") == before
    assert seen == ["", "1", None] * 2


def test_threads_that_start_processes_do_not_see_the_choice_of_each_other():
    wrong = []

    def start(name):
        for _ in range(200):
            with visible(name):
                wrong.extend([name] if os.environ["CUDA_VISIBLE_DEVICES"] != name else [])

    threads = [threading.Thread(target=start, args=(name,)) for name in "012"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("sign", ["_is_in_bad_fork", "_initialized"])
@pytest.mark.parametrize(("listed", "available"), [(["0"], False), ([], True), (["0"], True)])
def test_a_fork_after_cuda_fails_loudly(monkeypatch, sign, listed, available):
    """Neither by training on the CPU, nor in the middle of the run."""
    monkeypatch.setattr(torch.cuda, "_is_in_bad_fork", lambda: sign == "_is_in_bad_fork")
    monkeypatch.setattr(torch.cuda, "_initialized", sign == "_initialized")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    monkeypatch.setattr(gpus, "visible_gpus", lambda: listed)
    with pytest.raises(RuntimeError, match="import started CUDA in the process that runs are forked from.*fix that"):
        check_fork()


@pytest.mark.parametrize("started", [False, True])
def test_without_gpus_a_fork_after_cuda_does_no_harm(monkeypatch, started):
    """On the classic stack every import asks CUDA how many there are."""
    monkeypatch.setattr(torch.cuda, "_is_in_bad_fork", lambda: started)
    monkeypatch.setattr(torch.cuda, "_initialized", False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(gpus, "visible_gpus", lambda: [])
    check_fork()


def test_with_gpus_a_clean_fork_goes_on(monkeypatch):
    monkeypatch.setattr(torch.cuda, "_is_in_bad_fork", lambda: False)
    monkeypatch.setattr(torch.cuda, "_initialized", False)
    monkeypatch.setattr(gpus, "visible_gpus", lambda: ["0"])
    check_fork()


@pytest.mark.parametrize(
    ("num_gpus", "per_run", "there", "problem"),
    [
        (3, None, 2, "--num-gpus is 3, but must be from 0 to 2"),
        (-1, None, 2, "--num-gpus is -1, but must be from 0 to 2"),
        (None, 0.5, 0, "--gpus-per-run is 0.5, but 0 GPUs"),
        (0, 1, 2, "--gpus-per-run is 1, but 0 GPUs"),
        (1, 2, 2, "--gpus-per-run is 2, but 1 GPUs"),
        (None, 1.5, 2, "--gpus-per-run is 1.5, but must be a fraction such as 0.25, or a whole number"),
        (None, float("nan"), 2, "--gpus-per-run is nan, but must be"),
        (None, float("inf"), 2, "--gpus-per-run is inf, but must be"),
        (None, -0.5, 2, "--gpus-per-run is -0.5, but must be"),
    ],
)
def test_what_no_run_could_be_placed_by(num_gpus, per_run, there, problem):
    with pytest.raises(ConfigurationError, match=problem):
        check_gpus(num_gpus, per_run, there)


def test_what_runs_can_be_placed_by():
    for num_gpus, per_run, there in ((None, None, 0), (0, 0, 0), (0, None, 2), (1, 0.25, 2), (None, 2, 2)):
        check_gpus(num_gpus, per_run, there)
    check_share("--gpus-per-trial", 4)
