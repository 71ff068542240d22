"""Processes that do not outlive their parent."""

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """Makes this process exit with status 1 when its `multiprocessing` parent ends or is killed."""
    threading.Thread(target=_wait, daemon=True).start()


def _wait() -> None:
    # `os.getppid` may be the fork server, which lives as long as any of its processes.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
