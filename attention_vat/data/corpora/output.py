"""
Writes a directory atomically: it is complete, or it does not exist.
"""

import errno
import logging
import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from allennlp.common.checks import ConfigurationError

from attention_vat.common.locks import IsLocked, locked

logger = logging.getLogger(__name__)

LOCK = ".lock"


def check_output_directory(directory: Path, force: bool) -> None:
    """
    Raises a `ConfigurationError` if writing to `directory` would destroy anything that must be kept.

    Without `force` the directory must be missing or empty.  With it, the directory may hold the output of an earlier
    run (`*.jsonl`, `statistics.json`, `selection.json`) and nothing else.
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
            f"{directory}: holds {sorted(foreign)[0]}, which is not part of a dataset; "
            "--force replaces only directories that hold nothing else"
        )


@contextmanager
def written_aside(directory: Path, force: bool = False) -> Iterator[Path]:
    """
    Yields a temporary directory next to `directory`, which is renamed to it when the block ends without an error.

    After an error, or if the program is interrupted, `directory` is unchanged. The next program removes what a killed
    one left, and restores a `directory` that was about to be replaced.

    # Parameters

    directory : `Path`
    force : `bool`, optional (default = `False`)
        Replace the output of an earlier run.

    Raises `ConfigurationError` as `check_output_directory` does, if another program is writing `directory`, or if it
    cannot be written.
    """
    directory = directory.resolve()
    _clean_up(directory)
    check_output_directory(directory, force)
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=_prefix(directory), dir=directory.parent))
    except OSError as error:
        raise _unwritable(directory, error) from error
    try:
        with locked(aside / LOCK):
            yield aside
            os.chmod(aside, 0o777 & ~_umask())
            (aside / LOCK).unlink()
            old = _old(directory)
            if force and directory.exists():
                os.rename(directory, old)
            # Without force, this fails if another program has filled the directory in the meantime.
            os.rename(aside, directory)
            shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            check_output_directory(directory, force=False)
        raise _unwritable(directory, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _clean_up(directory: Path) -> None:
    """Cleans up after killed programs. Raises `ConfigurationError` if one is still writing."""
    pattern = re.compile(re.escape(_prefix(directory)) + r"\w{8}")
    left = [path for path in directory.parent.glob(".*") if pattern.fullmatch(path.name)]
    for path in left:
        try:
            with locked(path / LOCK, timeout=0):
                pass
        except IsLocked:
            raise ConfigurationError(
                f"{directory}: another program is writing it; wait, or choose another --output-dir"
            ) from None
        except OSError:  # it was removed in the meantime, or belongs to someone else
            continue
    old = _old(directory)
    if old.is_dir() and not directory.exists():
        logger.warning("%s: restored, because a program was killed while replacing it", directory)
        os.rename(old, directory)
    for path in [*left, old]:
        shutil.rmtree(path, ignore_errors=True)


def _prefix(directory: Path) -> str:
    return f".{directory.name}.making-"


def _old(directory: Path) -> Path:
    return directory.with_name(f".{directory.name}.old")


def _unwritable(directory: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"{directory}: cannot be written ({error.strerror or error}); nothing was changed; choose another --output-dir"
        + (" or free some space" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "")
    )


def _is_ours(path: Path) -> bool:
    return path.is_file() and (path.suffix == ".jsonl" or path.name in ("statistics.json", "selection.json"))


def _umask() -> int:
    # The only way to read it is to set it.
    mask = os.umask(0)
    os.umask(mask)
    return mask
