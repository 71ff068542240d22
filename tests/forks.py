"""
Processes of tests that are forks of the one that runs the tests: that has imported everything, which takes a new
process ten seconds and more.
"""

import logging
import multiprocessing
import os
import runpy
import signal
import sys
import traceback
from multiprocessing import forkserver
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any, Callable, List, Tuple
from unittest import mock

import torch
import torch.multiprocessing

from attention_vat.experiments import executors
from tests.chaos.processes import Process

ROOT = Path(__file__).parents[1]


def can_fork() -> bool:
    """Neither CUDA survives a fork, nor the threads that differentiate where there is a GPU."""
    return sys.platform.startswith("linux") and not torch.cuda.is_available()


def _work(rank: int, work: Callable[..., None], arguments: Tuple[Any, ...]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # More have threads that are not there after a fork.
    torch.set_num_threads(1)
    work(rank, *arguments)


def spawn(work: Callable[..., None], args: Tuple[Any, ...] = (), nprocs: int = 1) -> None:
    """
    As `torch.multiprocessing.spawn`, which users have: what does not reach a process that is spawned is an error here.

    # Parameters

    work : `Callable[..., None]`
        Is called with the number of its process and `args`.
    args : `Tuple[Any, ...]`, optional
    nprocs : `int`, optional
    """
    ForkingPickler.dumps((work, args))
    # Forks would each import what the first optimizer asks for.
    torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    method = "fork" if can_fork() else "spawn"
    torch.multiprocessing.start_processes(_work, args=(work, args), nprocs=nprocs, start_method=method)


def python(*arguments: Any, output: Path, with_runs: bool = False) -> Process:
    """
    Starts what `python ARGUMENTS` starts, in a process that may be killed.

    # Parameters

    arguments :
        `"-m"`, a module and its arguments, or a file and its arguments.
    output : `Path`
        A file for what it prints.
    with_runs : `bool`, optional
        It has processes for runs. They are then forked by the server of this process, which is warm for the next test.
    """
    words = [*map(str, arguments)]
    if with_runs and can_fork():
        _start_server()
    return Process(lambda: _python(words), output)


def _start_server() -> None:
    context: Any = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(executors.PRELOADED)
    with mock.patch.dict(os.environ, {"OMP_NUM_THREADS": "1", executors.NVML: "1"}):
        forkserver.ensure_running()


def _python(words: List[str]) -> None:
    if not can_fork():
        paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        os.execv(sys.executable, [sys.executable, *words])
    torch.set_num_threads(1)
    # They belong to pytest.
    logging.getLogger().handlers.clear()
    server: Any = forkserver._forkserver  # type: ignore[attr-defined]
    if server._forkserver_pid is not None:
        # It is no child of this process, which therefore cannot ask whether it runs.
        server.ensure_running = lambda: None
    try:
        if words[0] == "-m":
            sys.argv, sys.path[:0] = words[1:], [os.getcwd()]
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv, sys.path[:0] = words, [os.path.dirname(words[0])]
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as error:
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
        raise
    except BaseException:
        traceback.print_exc()
        raise
