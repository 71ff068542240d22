"""Locks for work that only one process at a time may do."""

import fcntl
import os
import time
from contextlib import ExitStack, contextmanager, suppress
from os import PathLike
from pathlib import Path
from typing import Iterator, Optional, Union

from allennlp.common.checks import ConfigurationError


class IsLocked(Exception):
    """Another process is in the block."""


@contextmanager
def locked(path: Union[str, PathLike], timeout: Optional[float] = None) -> Iterator[None]:
    """
    A block that only one process at a time can enter. The lock file exists only meanwhile; one left by a killed process
    does not lock anything, and the next process removes it.

    # Parameters

    path : `Union[str, PathLike]`
    timeout : `float`, optional (default = `None`)
        Seconds to wait for the other process; forever by default.

    Raises `IsLocked` after that time, and `OSError` if the file cannot be written.
    """
    handle, start = _take(path), time.monotonic()
    while handle is None:
        if timeout is not None and time.monotonic() - start >= timeout:
            raise IsLocked(str(path))
        time.sleep(0.05)
        handle = _take(path)
    try:
        yield
    finally:
        # Unlink before closing: a process that waits for this file then sees that it is gone, and creates a new one.
        with suppress(FileNotFoundError):
            os.unlink(path)
        os.close(handle)


def _take(path: Union[str, PathLike]) -> Optional[int]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(handle), os.stat(path)):
            return handle
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(handle)
        raise
    os.close(handle)
    return None


@contextmanager
def only_one(lock_file: Path, command: str, directory: object, option: str) -> Iterator[None]:
    """
    A block for one command at a time; a second command gets an error instead of waiting.

    # Parameters

    lock_file : `Path`
    command : `str`
        The command in the block, such as `allennlp search`.
    directory : `object`
        The directory that it uses, as the user gave it.
    option : `str`
        The option that sets the directory, such as `--output-dir`.

    Raises `ConfigurationError` if another process is in the block, or if the file cannot be written.
    """
    with ExitStack() as stack:
        try:
            lock_file.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(locked(lock_file, timeout=1))
        except IsLocked:
            raise ConfigurationError(
                f"Another `{command}` is already running in {directory}; wait, or choose another {option}."
            ) from None
        except OSError as error:
            raise ConfigurationError(
                f"{lock_file}, the lock file of {directory}, cannot be written ({error.strerror}); choose another "
                f"{option}."
            ) from error
        yield
