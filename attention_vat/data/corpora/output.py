"""
Writing a directory so that it is there complete or not at all.
"""

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from allennlp.common.checks import ConfigurationError


def check_output_directory(directory: Path, force: bool) -> None:
    """
    Raises a `ConfigurationError` if writing to `directory` would lose anything that must not be lost.

    Without `force` the directory must be missing or empty.  With it, it may hold what an earlier run made
    (`*.jsonl`, `statistics.json`, `selection.json`), and nothing else.
    """
    if directory.exists() and not directory.is_dir():
        raise ConfigurationError(f"{directory}: is a file; choose another --output-dir")
    if not directory.exists() or not any(directory.iterdir()):
        return
    if not force:
        raise ConfigurationError(f"{directory}: is not empty; choose another --output-dir, or replace it with --force")
    foreign = [path.name for path in directory.iterdir() if not _is_ours(path)]
    if foreign:
        raise ConfigurationError(
            f"{directory}: holds {sorted(foreign)[0]}, which is no file of a dataset; "
            "--force replaces only directories that hold nothing else"
        )


@contextmanager
def written_aside(directory: Path, force: bool = False) -> Iterator[Path]:
    """
    A temporary directory next to `directory`, which takes its name when the block ends without an error.

    After an error, or when the program is interrupted, `directory` is as it was before.
    """
    directory = directory.absolute()
    check_output_directory(directory, force)
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    except OSError as error:
        raise ConfigurationError(
            f"{directory}: cannot be written ({error.strerror}); choose another --output-dir"
        ) from error
    try:
        yield aside
        os.chmod(aside, 0o777 & ~_umask())
        if directory.exists():
            old = aside.with_name(aside.name + "-old")
            os.rename(directory, old)
            os.rename(aside, directory)
            shutil.rmtree(old)
        else:
            os.rename(aside, directory)
    except OSError as error:
        raise ConfigurationError(f"{directory}: cannot be written ({error.strerror}); nothing was changed") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _is_ours(path: Path) -> bool:
    return path.is_file() and (path.suffix == ".jsonl" or path.name in ("statistics.json", "selection.json"))


def _umask() -> int:
    # The only way to read it is to set it.
    mask = os.umask(0)
    os.umask(mask)
    return mask
