"""Where runs are trained: in processes of this machine, or on the machines of a Ray cluster."""

import logging
import multiprocessing
import os
import signal
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing import forkserver
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional

from allennlp.common.checks import ConfigurationError

from attention_vat.search.ray_required import require_ray

if TYPE_CHECKING:
    from attention_vat.reproduction.job import Job

# A fork of a process that has imported everything starts at once, and each run still has a process of its own.
METHOD = "forkserver" if sys.platform.startswith("linux") else "spawn"
SERVER = "attention_vat.reproduction.server"


def in_own_process(job: "Job", started: Optional[Callable[[Any], None]] = None) -> int:
    """
    Performs a job in a new process.

    # Parameters

    job : `Job`
    started : `Callable[[multiprocessing.Process], None]`, optional
        Is given the process.

    # Returns

    code : `int`
        Its exit code, below 0 for the signal that killed it.
    """
    context: Any = multiprocessing.get_context(METHOD)
    os.environ["OMP_NUM_THREADS"] = str(job.threads)  # read by the server when it starts
    if METHOD == "forkserver":
        context.set_forkserver_preload([SERVER])
    process = context.Process(target=_perform, args=(job,))
    # Ctrl-C is for the command, which ends its runs; the server would only tell how far it was with its imports. (The
    # mask is that of this thread and of the processes that it starts.)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if started is not None:
        started(process)
    process.join()
    return process.exitcode


def _perform(job: "Job") -> None:
    from attention_vat.reproduction.training import perform

    perform(job)


def available_cpus() -> int:
    """Those that this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class LocalExecutor:
    """
    Jobs as processes of this machine.

    # Parameters

    num_cpus : `int`, optional (default = all)
    cpus_per_run : `int`, optional (default = `1`)
    """

    def __init__(self, num_cpus: Optional[int] = None, cpus_per_run: int = 1) -> None:
        self.slots = max(1, (num_cpus or available_cpus()) // cpus_per_run)
        self._threads = ThreadPoolExecutor(self.slots)
        self._submitted = 0
        self._processes: List[Any] = []
        self._closed = False

    def submit(self, job: "Job") -> "Future[int]":
        self._submitted += 1
        return self._threads.submit(in_own_process, job, self._started)

    def close(self) -> None:
        """Kills what still runs, and what is about to start; it can be continued."""
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
    """A process that is about to start would wait for the server's imports. The next one starts another server."""
    server = getattr(forkserver._forkserver, "_forkserver_pid", None)  # type: ignore[attr-defined]
    if server is not None:
        os.kill(server, signal.SIGKILL)


class RayExecutor:
    """
    Jobs as tasks of Ray. A task whose worker is killed is tried again, and the run continues from its checkpoint. The
    output directory and the data must be at the same place on all machines.

    # Parameters

    address : `str`
        Of a cluster, such as `"10.0.0.1:6379"`; `"auto"` for the one that runs on this machine, `"local"` to start one.
    num_cpus : `int`, optional
        Of a cluster that is started here.
    cpus_per_run : `int`
    """

    def __init__(self, address: str, num_cpus: Optional[int], cpus_per_run: int) -> None:
        require_ray(None if address == "local" else address)
        import ray

        self._ray = ray
        options: Dict[str, Any] = {"num_cpus": num_cpus, "include_dashboard": False} if address == "local" else {}
        # The workers import the same code as this process, from the same place.
        path = os.pathsep.join([os.getcwd(), os.environ.get("PYTHONPATH", "")])
        options["runtime_env"] = {"env_vars": {"PYTHONPATH": path}}
        try:
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **options)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise ConfigurationError(f"--address {address}: {str(error).splitlines()[0]}") from error
        self._task = ray.remote(num_cpus=cpus_per_run, max_retries=3)(in_own_process)
        self._cpus_per_run = cpus_per_run

    @property
    def slots(self) -> int:
        """Machines may come and go."""
        return max(1, int(self._ray.cluster_resources().get("CPU", 1)) // self._cpus_per_run)

    def submit(self, job: "Job") -> "Future[int]":
        return self._task.remote(job).future()

    def close(self) -> None:
        """Ends the tasks that still run; they can be continued."""
        self._ray.shutdown()
