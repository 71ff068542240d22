"""Finds the GPUs of this machine without CUDA, and assigns them to runs."""

import os
import subprocess
import threading
from contextlib import contextmanager
from functools import lru_cache
from itertools import takewhile
from typing import Iterator, List, Optional, Sequence

import torch
from allennlp.common.checks import ConfigurationError

VISIBLE = "CUDA_VISIBLE_DEVICES"
# Makes torch count GPUs without the CUDA runtime, which a process that others are forked from must not start.
NVML = "PYTORCH_NVML_BASED_CUDA_CHECK"


def visible_gpus() -> List[str]:
    """Returns the name in `CUDA_VISIBLE_DEVICES` of each GPU that this process may use."""
    there = _gpus_of_machine() if torch.version.cuda is not None else []
    chosen = os.environ.get(VISIBLE)
    if chosen is None or not there:
        return there
    # Like CUDA, ignore everything from the first invalid entry on.
    return list(takewhile(lambda name: name not in ("", "-1"), (name.strip() for name in chosen.split(","))))


@lru_cache(maxsize=None)
def _gpus_of_machine() -> List[str]:
    try:
        answer = subprocess.run(["nvidia-smi", "-L"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return []
    lines = answer.stdout.decode("utf-8", "replace").splitlines() if answer.returncode == 0 else []
    return [str(number) for number in range(sum(line.startswith("GPU ") for line in lines))]


def can_count_without_cuda() -> bool:
    """Whether this torch supports `PYTORCH_NVML_BASED_CUDA_CHECK`; that of the classic stack does not."""
    return hasattr(torch.cuda, "_nvml_based_avail")


def check_fork() -> None:
    """
    Raises `RuntimeError` in a process that sees GPUs but cannot use them, because CUDA was started before the fork.
    """
    started = torch.cuda._is_in_bad_fork() or torch.cuda._initialized
    if started and (visible_gpus() or torch.cuda.is_available()):
        raise RuntimeError(
            "An import started CUDA in the process that runs are forked from, and CUDA does not work after a fork; "
            "fix that import, or set CUDA_VISIBLE_DEVICES= to train on CPUs."
        )


class Gpus:
    """
    Assigns GPUs to runs: runs that need a fraction share a GPU, runs that need whole GPUs do not share them.

    # Parameters

    names : `Sequence[str]`
        From `visible_gpus`; empty for runs on CPUs.
    per_run : `float`
        0, a fraction, or a whole number.
    """

    def __init__(self, names: Sequence[str], per_run: float) -> None:
        width = max(1, int(per_run))
        # Allow inexact fractions such as 1/3.
        seats = int(1 / per_run + 1e-6) if 0 < per_run < 1 else 1
        whole = len(names) - len(names) % width if per_run else 0
        self._free = {",".join(names[start : start + width]): seats for start in range(0, whole, width)}
        self._lock = threading.Lock()
        self.slots = sum(self._free.values()) if per_run else None

    @contextmanager
    def taken(self) -> Iterator[str]:
        """Reserves the GPUs with the most room for a run until the block ends; yields its `CUDA_VISIBLE_DEVICES`."""
        if self.slots is None:
            yield ""
            return
        with self._lock:
            place = max(self._free, key=lambda name: self._free[name])
            self._free[place] -= 1
        try:
            yield place
        finally:
            with self._lock:
                self._free[place] += 1


@contextmanager
def visible(names: Optional[str]) -> Iterator[None]:
    """Makes processes that are started in this block see these GPUs; `None` unsets the variable."""
    with _ENVIRONMENT:
        before = os.environ.get(VISIBLE)
        choose_visible(names)
        try:
            yield
        finally:
            choose_visible(before)


def choose_visible(names: Optional[str]) -> None:
    """Sets the GPUs of this process, if it has not started CUDA, and of those that it starts."""
    if names is None:
        os.environ.pop(VISIBLE, None)
    else:
        os.environ[VISIBLE] = names


_ENVIRONMENT = threading.Lock()


def check_gpus(num_gpus: Optional[int], gpus_per_run: Optional[float], there: int) -> None:
    """
    # Parameters

    num_gpus : `int`, optional
    gpus_per_run : `float`, optional
    there : `int`
        How many GPUs this machine has.

    Raises `ConfigurationError` if these numbers leave no room for a run.
    """
    if num_gpus is not None and not 0 <= num_gpus <= there:
        raise ConfigurationError(f"--num-gpus is {num_gpus}, but must be from 0 to {there}, the GPUs of this machine.")
    if gpus_per_run is not None:
        check_share("--gpus-per-run", gpus_per_run)
        number = there if num_gpus is None else num_gpus
        if gpus_per_run > number:
            raise ConfigurationError(f"--gpus-per-run is {gpus_per_run:g}, but {number} GPUs are available.")


def check_share(option: str, gpus: float) -> None:
    """Raises `ConfigurationError` if a number of GPUs is neither a fraction nor a whole number."""
    if not 0 <= gpus < float("inf") or (gpus > 1 and gpus != int(gpus)):
        raise ConfigurationError(f"{option} is {gpus:g}, but must be a fraction such as 0.25, or a whole number.")
