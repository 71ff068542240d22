"""Training what is not finished, as many runs at a time as there is room for."""

import time
from abc import ABC, abstractmethod
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple, Union

from attention_vat.experiments.executors import LocalExecutor, RayExecutor
from attention_vat.experiments.job import Job, last_line

# A process that was killed, by somebody or for memory, gets so many more chances.
RETRIES = 3
LOST = 255


class Failure(NamedTuple):
    """A run that ended with an error, and what it said last."""

    job: Job
    reason: str


class Plan(ABC):
    """Which runs there are. `search`, `reproduce` and `make train` each have one."""

    @abstractmethod
    def pending(self) -> Iterable[Job]:
        """What could start now and is not done, in its order. It may be at work already, or have failed."""

    @abstractmethod
    def finish(self, job: Job) -> bool:
        """Called when the process of a run has ended without an error: whether the run left what it should."""

    @abstractmethod
    def show(self, running: Sequence[Job], failures: Sequence[Failure]) -> None:
        """Called whenever something may have changed, at least once a second."""


def train_all(
    plan: Plan, executor: Union[LocalExecutor, RayExecutor], time_limit: Optional[float] = None
) -> List[Failure]:
    """
    Trains what is not finished.

    # Parameters

    plan : `Plan`
    executor : `Union[LocalExecutor, RayExecutor]`
    time_limit : `float`, optional
        Minutes, after which no run starts any more.

    # Returns

    failures : `List[Failure]`
        The other runs were finished all the same.
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
    # What is said where the server that runs are forked from is gone; then the exit code of a run is none of its own.
    if isinstance(error, (EOFError, OSError)):
        return LOST, f"its process was lost, {RETRIES + 1} times"
    if error is not None:
        return 1, (str(error) or type(error).__name__).splitlines()[0]
    code = future.result()
    if code in (0, 1):
        return code, ""
    how = f"killed by signal {-code}" if code < 0 else "lost"
    return code, f"its process was {how}, {RETRIES + 1} times"
