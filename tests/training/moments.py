"""A directory as a kill would leave it, at every moment of a training."""

import contextlib
import hashlib
import os
import shutil
import sys
from pathlib import Path
from typing import Any, Iterator, List, Optional, Set

EVENTS = ("open", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "shutil.rmtree")


class _Watcher:
    """Python tells it before each change of a file. (What hears of them stays until the process ends.)"""

    def __init__(self) -> None:
        self.directory: Optional[Path] = None
        self.copies: List[Path] = []
        self.seen: Set[str] = set()
        self.to: Optional[Path] = None
        sys.addaudithook(self.hear)

    def hear(self, event: str, arguments: Any) -> None:
        if self.directory is None or event not in EVENTS or not isinstance(arguments[0], (str, os.PathLike)):
            return
        path = str(arguments[0])
        reads = event == "open" and (len(arguments) < 3 or not arguments[2] & (os.O_WRONLY | os.O_RDWR))
        if reads or not path.startswith(str(self.directory)):
            return
        directory, self.directory = self.directory, None  # the copy itself is of no interest
        try:
            self.copy(directory)
        finally:
            self.directory = directory

    def copy(self, directory: Path) -> None:
        state = _state_of(directory)
        if directory.is_dir() and state not in self.seen:
            self.seen.add(state)
            assert self.to is not None
            copy = self.to / f"{len(self.copies):03d}"
            shutil.copytree(directory, copy)
            self.copies.append(copy)


def _state_of(directory: Path) -> str:
    # What is logged makes no difference.
    files = [path for path in sorted(directory.rglob("*")) if path.is_file() and path.suffix != ".log"]
    digest = hashlib.sha256()
    for path in files:
        digest.update(str(path.relative_to(directory)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


_WATCHER: Optional[_Watcher] = None


@contextlib.contextmanager
def every_moment_of(directory: Path, to: Path) -> Iterator[List[Path]]:
    """
    While the block runs, `directory` is copied before each change of a file in it.

    # Parameters

    directory : `Path`
    to : `Path`
        Where the copies go, none twice.
    """
    global _WATCHER
    if _WATCHER is None:
        _WATCHER = _Watcher()
    _WATCHER.directory, _WATCHER.copies, _WATCHER.seen, _WATCHER.to = directory, [], set(), to
    to.mkdir(parents=True)
    try:
        yield _WATCHER.copies
    finally:
        _WATCHER.directory = None
