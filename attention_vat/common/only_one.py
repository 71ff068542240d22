"""Commands that must not work in one place at the same time."""

from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from allennlp.common.checks import ConfigurationError
from filelock import FileLock, Timeout


@contextmanager
def only_one(lock_file: Path, command: str, directory: object, option: str) -> Iterator[None]:
    """
    A block that one process at a time is in. The file stays: who waits for a lock whose file is removed, and who comes
    later, would both be the only one.

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
    lock = FileLock(str(lock_file), timeout=1)
    try:
        lock_file.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise ConfigurationError(
            f"Another `{command}` is at work in {directory}; wait, or choose another {option}."
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"{lock_file}, which stands for the work in {directory}, cannot be written ({error.strerror}); choose "
            f"another {option}."
        ) from error
    try:
        yield
    finally:
        lock.release()
