"""Files that are there complete or not at all."""

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
    A block that writes to `path`. Raises `ConfigurationError` with the remedy if the disk is full, or anything else
    prevents it.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigurationError(f"{path} cannot be written ({reason}); {remedy}.") from error


@contextmanager
def written_whole(path: Union[str, PathLike]) -> Iterator[IO[str]]:
    """
    A text file beside `path`, which takes its name when the block ends without an error. Half a surrogate pair, which
    UTF-8 cannot write, becomes an escape.

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
                # Else the name may be on the disk before what it names, and a power cut leaves half a file or none.
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
    A place beside `path` for a file of any kind, which takes the name `path` when the block ends without an error. It
    is always the same place, so what a killed process left there is written over by the next one. Nothing waits for the
    disk: for large files whose contents are checked before they are used.

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
            # After an error; and two links to one file are both left by `os.replace`.
            with suppress(FileNotFoundError):
                aside.unlink()


def place_beside(path: Path) -> Path:
    """Where `replaced_whole` writes before the file has its name."""
    return path.with_name(f".{path.name}.new")
