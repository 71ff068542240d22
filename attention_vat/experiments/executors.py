"""Executors that train runs in processes on this machine, or on the machines of a Ray cluster."""

import copy
import multiprocessing
import os
import signal
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from multiprocessing import forkserver
from typing import TYPE_CHECKING, Any, Callable, List, Optional

from allennlp.common.checks import ConfigurationError

from attention_vat.experiments.gpus import (
    NVML,
    VISIBLE,
    Gpus,
    can_count_without_cuda,
    choose_visible,
    visible,
    visible_gpus,
)
from attention_vat.experiments.ray_cluster import join_cluster, require_ray, start_local_ray, stop_ray
from attention_vat.experiments.termination import interrupt_on_sigterm, sigterm_restored

if TYPE_CHECKING:
    from attention_vat.experiments.job import Job

# The process that runs are forked from imports these once, which saves each run ten seconds for the libraries and four
# more for the parts of torch that the first optimizer imports, if torch has them.
PRELOADED = [
    "attention_vat.experiments.worker",
    "attention_vat.experiments.training",
    "attention_vat.search.training",
    "torch._dynamo",
]


def start_method() -> str:
    """
    A fork of a process that has imported everything starts immediately, and each run still has its own process. If
    imports start CUDA, which does not survive a fork, each run imports everything itself.
    """
    if sys.platform.startswith("linux") and (can_count_without_cuda() or not visible_gpus()):
        return "forkserver"
    return "spawn"


def in_own_process(job: "Job", started: Optional[Callable[[Any], None]] = None) -> int:
    """
    Performs a job in a new process.

    # Parameters

    job : `Job`
    started : `Callable[[multiprocessing.Process], None]`, optional
        Called with the process after it has started.

    # Returns

    code : `int`
        The exit code of the process; minus the number of the signal if one killed it.
    """
    method = start_method()
    context: Any = multiprocessing.get_context(method)
    # The server reads these when it starts.
    os.environ.update({"OMP_NUM_THREADS": str(job.threads), NVML: "1"})
    if method == "forkserver":
        context.set_forkserver_preload(PRELOADED)
    gpus = os.environ.get(VISIBLE) if job.gpus is None else job.gpus
    process = context.Process(target=_perform, args=(job, gpus))
    # The command handles Ctrl-C and ends its runs; the server would only print a traceback of its imports. (The mask
    # applies to this thread and the processes that it starts.)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        # A spawned process takes its GPUs from the environment that it starts with; a forked one sets them itself.
        with visible(gpus) if method == "spawn" else nullcontext():
            process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if started is not None:
        started(process)
    process.join()
    return process.exitcode


def _perform(job: "Job", gpus: Optional[str]) -> None:
    choose_visible(gpus)
    from attention_vat.experiments.worker import perform

    perform(job)


def available_cpus() -> int:
    """Returns how many CPUs this process may use, or the number of all CPUs if the system does not tell."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class LocalExecutor:
    """
    Runs jobs as processes on this machine.

    # Parameters

    num_cpus : `int`, optional (default = all)
    cpus_per_run : `float`, optional (default = `1`)
        With 0.5, two runs share a CPU.
    num_gpus : `int`, optional (default = all)
    gpus_per_run : `float`, optional (default = `1` if there are GPUs)
        With a fraction, runs share a GPU. With 0, they see no GPU.
    """

    def __init__(
        self,
        num_cpus: Optional[int] = None,
        cpus_per_run: float = 1,
        num_gpus: Optional[int] = None,
        gpus_per_run: Optional[float] = None,
    ) -> None:
        names = visible_gpus()[:num_gpus]
        self._gpus = Gpus(names, min(1, len(names)) if gpus_per_run is None else gpus_per_run)
        self.slots = max(1, int((num_cpus or available_cpus()) / cpus_per_run + 1e-6))
        if self._gpus.slots is not None:
            self.slots = min(self.slots, self._gpus.slots)
        self._threads = ThreadPoolExecutor(self.slots)
        self._submitted = 0
        self._processes: List[Any] = []
        self._closed = False

    def submit(self, job: "Job") -> "Future[int]":
        """Starts the process of a run. The result is its exit code."""
        self._submitted += 1
        return self._threads.submit(self._run, job)

    def _run(self, job: "Job") -> int:
        with self._gpus.taken() as names:
            placed = copy.copy(job)
            placed.gpus = names
            return in_own_process(placed, self._started)

    def close(self) -> None:
        """Kills all runs that have started or are about to start; they can be continued."""
        self._closed = True
        for process in self._processes:
            process.kill()
        if len(self._processes) < self._submitted:
            _end_server()
        self._threads.shutdown()

    def _started(self, process: Any) -> None:
        self._processes.append(process)
        if self._closed:
            process.kill()


def _end_server() -> None:
    """Kills the server, for whose imports a starting process would wait. The next process starts another server."""
    server = getattr(forkserver._forkserver, "_forkserver_pid", None)  # type: ignore[attr-defined]
    if server is not None:
        os.kill(server, signal.SIGKILL)


class RayExecutor:
    """
    Runs jobs as Ray tasks. A task whose worker is killed is retried, and the run continues from its checkpoint. The
    output directory and the data must have the same paths on all machines.

    # Parameters

    address : `str`
        The address of a cluster, such as `"10.0.0.1:6379"`; `"auto"` for the one that runs on this machine, `"local"`
        to start one.
    num_cpus, num_gpus : `int`, optional
        The resources of a cluster that is started here.
    cpus_per_run : `float`
    gpus_per_run : `float`, optional (default = `0`)
    """

    def __init__(
        self,
        address: str,
        num_cpus: Optional[int],
        cpus_per_run: float,
        num_gpus: Optional[int] = None,
        gpus_per_run: Optional[float] = None,
    ) -> None:
        require_ray(None if address == "local" else address)
        import ray

        self._ray = ray
        self._per_run = {"CPU": cpus_per_run, "GPU": gpus_per_run or 0}
        # The workers import the same code as this process, from the same place.
        environment = {"PYTHONPATH": os.pathsep.join([os.getcwd(), os.environ.get("PYTHONPATH", "")]), NVML: "1"}
        if not gpus_per_run:
            environment[VISIBLE] = ""
        self._signals = ExitStack()
        self._signals.enter_context(sigterm_restored())
        if address == "local":
            gpus = len(visible_gpus()) if num_gpus is None else num_gpus
            start_local_ray(num_cpus=num_cpus, num_gpus=gpus, runtime_env={"env_vars": environment})
        else:
            join_cluster(address, runtime_env={"env_vars": environment})
        interrupt_on_sigterm()
        there = ray.cluster_resources()
        for what, each in self._per_run.items():
            if each > there.get(what, 0):
                self.close()
                raise ConfigurationError(
                    f"--{what.lower()}s-per-run is {each:g}, but the cluster has {there.get(what, 0):g}; lower it."
                )
        self._task = ray.remote(num_cpus=cpus_per_run, num_gpus=gpus_per_run or 0, max_retries=3)(in_own_process)

    @property
    def slots(self) -> int:
        """How many runs the cluster has room for now; machines may join and leave."""
        there = self._ray.cluster_resources()
        return max(1, min(int(there.get(what, 0) / each + 1e-6) for what, each in self._per_run.items() if each))

    def submit(self, job: "Job") -> "Future[int]":
        """Hands a run to the cluster. The result is its exit code."""
        return self._task.remote(job).future()

    def close(self) -> None:
        """Ends the running tasks; they can be continued."""
        stop_ray()
        self._signals.close()
