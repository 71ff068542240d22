"""A lock that allows one training at a time in a directory."""

import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from allennlp.common.checks import ConfigurationError

SECONDS_TO_WAIT = 3.0
"""The workers of a trainer that has just been killed need a moment to exit."""


@contextmanager
def only_training_in(directory: Path) -> Iterator[None]:
    """
    A block that only one process at a time can enter. The lock is on the directory itself: it leaves no file behind and
    ends with the process. Where directories cannot be locked (Windows, some network file systems) there is no lock.

    # Parameters

    directory : `Path`

    Raises `ConfigurationError` if another process is in the block.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    descriptor = os.open(directory, os.O_RDONLY)
    try:
        give_up = time.monotonic() + SECONDS_TO_WAIT
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > give_up:
                    raise ConfigurationError(
                        f"Another process is training in {directory}; wait until it ends, or choose another directory."
                    ) from None
                time.sleep(0.05)
            except OSError:
                break
        yield
    finally:
        os.close(descriptor)
