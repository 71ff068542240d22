"""Trains unfinished runs, as many at a time as there is room for."""

import time
from abc import ABC, abstractmethod
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple, Union

from attention_vat.experiments.executors import LocalExecutor, RayExecutor
from attention_vat.experiments.job import Job, last_line

# How often a process that was killed, for example for lack of memory, is retried.
RETRIES = 3
LOST = 255


class Failure(NamedTuple):
    """A run that ended with an error, and the reason."""

    job: Job
    reason: str


class Plan(ABC):
    """The runs to train. `search`, `reproduce` and `make train` each have a plan."""

    @abstractmethod
    def pending(self) -> Iterable[Job]:
        """Returns the unfinished jobs that could start now, in order. Some may be running or have failed already."""

    @abstractmethod
    def finish(self, job: Job) -> bool:
        """Called when the process of a run has ended without an error. Returns whether the run is complete."""

    @abstractmethod
    def show(self, running: Sequence[Job], failures: Sequence[Failure]) -> None:
        """Called whenever something may have changed, at least once a second."""


def train_all(
    plan: Plan, executor: Union[LocalExecutor, RayExecutor], time_limit: Optional[float] = None
) -> List[Failure]:
    """
    Trains all unfinished runs.

    # Parameters

    plan : `Plan`
    executor : `Union[LocalExecutor, RayExecutor]`
    time_limit : `float`, optional
        Minutes after which no more runs start.

    # Returns

    failures : `List[Failure]`
        The runs that failed; all others are trained nevertheless.
    """
    start = time.time()
    failures: List[Failure] = []
    attempts: Dict[str, int] = {}
    running: Dict["Future[int]", Job] = {}
    while True:
        late = time_limit is not None and time.time() - start > 60 * time_limit
        taken = {job.directory for job in [*running.values(), *(failure.job for failure in failures)]}
        for job in plan.pending():
            if late or len(running) >= executor.slots:
                break
            if job.directory not in taken:
                taken.add(job.directory)
                running[executor.submit(job)] = job
        plan.show([*running.values()], failures)
        if not running:
            return failures
        done, _ = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
        for future in done:
            job = running.pop(future)
            attempts[job.directory] = attempts.get(job.directory, 0) + 1
            code, reason = _outcome(future)
            if code == 0 and plan.finish(job):
                continue
            if code in (0, 1) or attempts[job.directory] > RETRIES:
                failures.append(Failure(job, reason or last_line(job.log)))


def _outcome(future: "Future[int]") -> Tuple[int, str]:
    error = future.exception()
    # Raised if the server that runs are forked from is gone; then the run has no exit code.
    if isinstance(error, (EOFError, OSError)):
        return LOST, f"its process was lost, {RETRIES + 1} times"
    if error is not None:
        return 1, (str(error) or type(error).__name__).splitlines()[0]
    code = future.result()
    if code in (0, 1):
        return code, ""
    how = f"killed by signal {-code}" if code < 0 else "lost"
    return code, f"its process was {how}, {RETRIES + 1} times"
