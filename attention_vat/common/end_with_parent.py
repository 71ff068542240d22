"""Processes that do not outlive the one that started them."""

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """From now on this process ends, with 1, when the one that started it by `multiprocessing` ends or is killed."""
    threading.Thread(target=_wait, daemon=True).start()


def _wait() -> None:
    # Not the one of `os.getppid`: a server of forks lives as long as one of its processes does.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
