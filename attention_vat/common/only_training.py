"""One training in a directory at a time."""

import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from allennlp.common.checks import ConfigurationError

SECONDS_TO_WAIT = 3.0
"""The workers of a trainer that was killed a moment ago need another moment to end."""


@contextmanager
def only_training_in(directory: Path) -> Iterator[None]:
    """
    A block that one process at a time is in. The lock is on the directory itself, so no file of it stays, and it is
    gone with the process. Where directories cannot be locked (Windows, some network file systems) nothing is.

    # Parameters

    directory : `Path`

    Raises `ConfigurationError` if another process is there.
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
