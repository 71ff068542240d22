"""Kinds of trials, and how one trial is run and repeated."""

import atexit
import contextlib
import logging
import os
import random
import shutil
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, Optional

from filelock import FileLock

logger = logging.getLogger(__name__)

Trial = Callable[[random.Random, Path], None]

# For all processes that are forked from this one.
SHARED = Path(tempfile.gettempdir()) / f"chaos-shared-{os.getpid()}"
atexit.register(shutil.rmtree, SHARED, ignore_errors=True)


@dataclass(frozen=True)
class Kind:
    """
    One kind of trials.

    # Parameters

    name : `str`
        For the command line, such as `"lines-single"`.
    title : `str`
        A row of docs/reliability.md.
    rounds : `int`
        How many trials a whole campaign makes.
    quick_rounds : `int`
        How many trials `make test` makes.
    seconds : `float`, optional
        A trial that takes longer counts as a hang.
    grace : `float`
        How many seconds what a trial has started may live on after it.
    trial : `Trial`
        Is given a random generator and an empty directory, and raises if what it tried did not survive.
    """

    name: str
    title: str
    rounds: int
    quick_rounds: int
    seconds: Optional[float]
    grace: float
    trial: Trial


KINDS: Dict[str, Kind] = {}


def kind(
    name: str, title: str, rounds: int, quick_rounds: int, seconds: Optional[float] = None, grace: float = 5.0
) -> Callable[[Trial], Trial]:
    """
    Registers the function below it as a kind of trials.

    # Examples

        @kind("lines-single", "mutated lines of single texts", rounds=20_000, quick_rounds=200, seconds=2)
        def mutated_single_line(rng: random.Random, directory: Path) -> None:
            ...
    """

    def register(trial: Trial) -> Trial:
        if name in KINDS:
            raise ValueError(f"There are two kinds of trials with the name {name}.")
        KINDS[name] = Kind(name, title, rounds, quick_rounds, seconds, grace, trial)
        return trial

    return register


def run_trial(kind: Kind, seed: int, number: int) -> Optional[str]:
    """
    Runs trial `number` of a campaign with a seed; the same two numbers always make the same trial. What a trial leaves
    among the temporary files goes with its directory.

    # Returns

    failure : `str`, optional
        What went wrong, `None` if all was well.
    """
    root = Path(tempfile.mkdtemp(prefix="chaos-"))
    directory, before = root / "trial", tempfile.tempdir
    directory.mkdir()
    try:
        tempfile.tempdir = str(root)
        with _time_limit(kind.seconds):
            kind.trial(random.Random(f"{kind.name} {seed} {number}"), directory)
    except Exception as error:
        logger.debug("", exc_info=True)
        return f"{type(error).__name__}: {error}"
    finally:
        tempfile.tempdir = before
        shutil.rmtree(root, ignore_errors=True)
    return None


def shared(name: str, make: Callable[[Path], None]) -> Path:
    """
    What many trials compare with, such as an undisturbed training, is made once. Trials must not change it.

    # Parameters

    name : `str`
    make : `Callable[[Path], None]`
        Is given an empty directory to fill.

    # Returns

    directory : `Path`
    """
    SHARED.mkdir(parents=True, exist_ok=True)
    directory = SHARED / name
    failure = SHARED / f"{name}.failure"
    with FileLock(str(SHARED / f"{name}.lock")):
        if failure.exists():
            raise AssertionError(failure.read_text(encoding="utf-8"))
        if not directory.exists():
            aside = Path(tempfile.mkdtemp(dir=SHARED))
            try:
                make(aside)
            except Exception as error:
                failure.write_text(str(error), encoding="utf-8")
                raise
            aside.rename(directory)
    return directory


@contextlib.contextmanager
def _time_limit(seconds: Optional[float]) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise TimeoutError(f"took more than {seconds} s")

    if seconds is None:
        yield
        return
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
