"""Places that one process at a time works in."""

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
    A block that one process at a time is in. The file is there only as long; what a killed process left is no lock, and
    goes with the next one.

    # Parameters

    path : `Union[str, PathLike]`
    timeout : `float`, optional (default = `None`)
        Seconds to wait for the other process; for ever by default.

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
        # Before it is given up: who waits for this file finds that it has no name any more, and takes another one.
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
    A block for one command at a time; another one is told so instead of waiting.

    # Parameters

    lock_file : `Path`
    command : `str`
        Which is in the block, such as `allennlp search`.
    directory : `object`
        Where it works, as it was given.
    option : `str`
        Which chooses the directory, such as `--output-dir`.

    Raises `ConfigurationError` if another process is there, or if the file cannot be written.
    """
    with ExitStack() as stack:
        try:
            lock_file.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(locked(lock_file, timeout=1))
        except IsLocked:
            raise ConfigurationError(
                f"Another `{command}` is at work in {directory}; wait, or choose another {option}."
            ) from None
        except OSError as error:
            raise ConfigurationError(
                f"{lock_file}, which stands for the work in {directory}, cannot be written ({error.strerror}); choose "
                f"another {option}."
            ) from error
        yield
