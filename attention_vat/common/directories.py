"""Output directories."""

import tempfile
from pathlib import Path

from allennlp.common.checks import ConfigurationError


def make_writable(directory: Path, option: str) -> None:
    """
    Makes the directory and its parents and tries to write to it: permissions alone are not enough, for example on a
    read-only file system.

    # Parameters

    directory : `Path`
    option : `str`
        The option that sets the directory, such as `--log-dir`.

    Raises `ConfigurationError` with the directory and the option if it cannot be written to.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise ConfigurationError(
            f"{directory} is not a writable directory ({error.strerror}); choose another {option}."
        ) from None
