"""Where results go."""

import tempfile
from pathlib import Path

from allennlp.common.checks import ConfigurationError


def make_writable(directory: Path, option: str) -> None:
    """
    Makes the directory, and those that it lies in, and tries to write there: permissions alone do not tell, for example
    on a file system that is read-only.

    # Parameters

    directory : `Path`
    option : `str`
        Which chooses the directory, such as `--log-dir`.

    Raises `ConfigurationError` that names both.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise ConfigurationError(
            f"{directory} is no directory that can be written to ({error.strerror}); choose another {option}."
        ) from None
