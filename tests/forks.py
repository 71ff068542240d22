"""
Processes of tests that are forks of the one that runs the tests: that has imported everything, which takes a new
process ten seconds and more.
"""

import signal
import sys
from multiprocessing.reduction import ForkingPickler
from typing import Any, Callable, Tuple

import torch
import torch.multiprocessing


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
