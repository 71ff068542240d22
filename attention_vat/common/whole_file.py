"""Writes files atomically: they are complete or do not exist."""

import os
import tempfile
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path
from typing import IO, Iterator, Union

from allennlp.common.checks import ConfigurationError


@contextmanager
def writing(path: Union[str, PathLike], remedy: str) -> Iterator[None]:
    """
    A block that writes to `path`. Raises `ConfigurationError` with the remedy if the file cannot be written, for
    example because the disk is full.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigurationError(f"{path} cannot be written ({reason}); {remedy}.") from error


@contextmanager
def written_whole(path: Union[str, PathLike]) -> Iterator[IO[str]]:
    """
    Opens a text file beside `path`, which is renamed to `path` when the block ends without an error. A lone surrogate,
    which UTF-8 cannot encode, is written as an escape.

    # Examples

        with written_whole("numbers.json") as file:
            json.dump(numbers, file)

    Raises `ConfigurationError` if it cannot be written.
    """
    path = Path(path)
    with writing(path, "free some space, or choose another place"):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                yield file
                # Otherwise the name may reach the disk before the contents, and a power cut could truncate the file.
                file.flush()
                os.fsync(file.fileno())
            os.chmod(aside, 0o644)
            os.replace(aside, path)
        except BaseException:
            os.unlink(aside)
            raise


@contextmanager
def replaced_whole(path: Union[str, PathLike]) -> Iterator[Path]:
    """
    Yields a temporary path beside `path` for a file of any kind, which is renamed to `path` when the block ends without
    an error. The temporary path is always the same, so the next process overwrites what a killed one left there. The
    file is not synced to the disk: use this for large files whose contents are checked before use.

    # Examples

        with replaced_whole("weights.th") as aside:
            torch.save(weights, aside)

    Raises `ConfigurationError` if it cannot be written.
    """
    path = Path(path)
    aside = place_beside(path)
    with writing(path, "free some space, or choose another place"):
        try:
            # It may be a link to a file that is still needed.
            with suppress(FileNotFoundError):
                aside.unlink()
            yield aside
            os.replace(aside, path)
        finally:
            # Needed after an error, and because `os.replace` keeps both names if they are links to the same file.
            with suppress(FileNotFoundError):
                aside.unlink()


def place_beside(path: Path) -> Path:
    """Returns the temporary path that `replaced_whole` writes to."""
    return path.with_name(f".{path.name}.new")
