"""Trainings that are killed and continued, beside the same training undisturbed."""

import contextlib
import functools
import os
import random
import re
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Callable, ContextManager, Dict, List, NamedTuple, Optional, Tuple

import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.training import GradientDescentTrainer

from tests.chaos.configurations import CHANGES, configuration
from tests.chaos.contents import contents_of, differences
from tests.chaos.continuation import kill_and_continue
from tests.chaos.processes import Countdown, run
from tests.chaos.trials import kind, shared

# What changes files, as Python's audit events name it.
FILE_EVENTS = {"open", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.truncate"}


class Moment(NamedTuple):
    """
    A moment of a training.

    # Parameters

    what : `str`
        Such as `"os.link best.th"`.
    occurrence : `int`
        How many times it has happened before.
    how : `str`
        `"before"` it happens; or when the file is still `"empty"`, or `"half"` written.
    """

    what: str
    occurrence: int
    how: str

    def __str__(self) -> str:
        return f"{self.what} {self.occurrence} ({self.how})"


@kind("kills-random", "training killed at random moments, then recovered", rounds=60, quick_rounds=2, seconds=600)
def killed_at_random(rng: random.Random, directory: Path) -> None:
    name = rng.choice(list(CHANGES))
    events = int((undisturbed(name) / "events").read_text())
    kills = sorted(rng.randint(1, events) for _ in range(rng.choice([1, 1, 2, 3])))
    _kill_and_recover(name, directory, [(f"event {kill}", functools.partial(Countdown, kill)) for kill in kills])


@kind("kills-chosen", "training killed at each of its file operations", rounds=60, quick_rounds=2, seconds=600)
def killed_at_chosen_moments(rng: random.Random, directory: Path) -> None:
    name = rng.choice(list(CHANGES))
    happened = (undisturbed(name) / "moments").read_text().splitlines()
    # All kinds of moments alike: a configuration is written once, a backward pass is made often.
    whats = [rng.choice(sorted(set(happened))) for _ in range(rng.choice([1, 1, 2]))]
    moments = []
    for what in whats:
        how = rng.choice(["before", "empty", "half"]) if what.startswith(("open", "save")) else "before"
        moments.append(Moment(what, rng.randrange(happened.count(what)), how))
    _kill_and_recover(
        name, directory, [(f"{moment}", functools.partial(MomentWatch, directory, moment)) for moment in moments]
    )


def train(name: str, directory: Path, recover: bool = False) -> None:
    train_model(Params(configuration(name)), str(directory), recover=recover, return_model=False)


def undisturbed(name: str) -> Path:
    """A directory with a run that nobody kills, `training`, and the moments at which it could have been."""

    def make(directory: Path) -> None:
        def work() -> None:
            with Countdown() as countdown:
                train(name, directory / "training")
            (directory / "events").write_text(str(countdown.events))

        def work_with_watch() -> None:
            with MomentWatch(directory / "watched") as watch:
                train(name, directory / "watched" / "training")
            (directory / "moments").write_text("\n".join(watch.happened))

        for one in (work, work_with_watch):
            run(one, directory / "log").expect_success(f"undisturbed, {name}")
        problems = differences(contents_of(directory / "training"), contents_of(directory / "watched" / "training"))
        assert not problems, f"{name}: two undisturbed runs differ: {problems}"

    return shared(f"training {name}", make)


def _kill_and_recover(name: str, directory: Path, kills: List[Tuple[str, Callable[[], ContextManager]]]) -> None:
    target = directory / "training"

    def work(killer: Optional[Callable[[], ContextManager]]) -> None:
        # What a user does: `--recover` once there is something.
        recover = target.exists() and any(target.iterdir())
        with killer() if killer is not None else contextlib.nullcontext():
            train(name, target, recover)

    kill_and_continue(name, work, kills, target, undisturbed(name) / "training", directory / "log")


class MomentWatch:
    """
    Writes down the moments of a training, and kills the process at one of them.

    # Parameters

    directory : `Path`
        What happens elsewhere does not count.
    moment : `Moment`, optional
    """

    def __init__(self, directory: Path, moment: Optional[Moment] = None) -> None:
        self._directory = str(directory)
        self.happened: List[str] = []
        self._counts: Dict[str, int] = Counter()
        self._moment = moment
        self._half: Optional[str] = None
        self._process = os.getpid()
        self._at_work = True

    def __enter__(self) -> "MomentWatch":
        _announce_moments()
        sys.addaudithook(self._hook)  # for the rest of the process
        return self

    def __exit__(self, *_: Any) -> None:
        self._at_work = False

    def _hook(self, event: str, arguments: Tuple[Any, ...]) -> None:
        if not self._at_work or os.getpid() != self._process:
            return
        if event == "chaos":
            self._happens(*arguments)
        elif event in FILE_EVENTS:
            if event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR):
                return
            path = arguments[1 if event in ("os.link", "os.rename") else 0]
            if isinstance(path, (str, os.PathLike)) and str(path).startswith(self._directory):
                self._happens(event, str(path))

    def _happens(self, event: str, path: str) -> None:
        if self._half is not None:
            self._at_work = False
            if os.path.exists(self._half):
                os.truncate(self._half, os.path.getsize(self._half) // 2)
            os.kill(self._process, signal.SIGKILL)
        what = f"{event} {_pattern(path)}".strip()
        occurrence = self._counts[what]
        self._counts[what] += 1
        self.happened.append(what)
        if self._moment is None or (what, occurrence) != self._moment[:2]:
            return
        if self._moment.how == "half":
            # Its contents are there when the next thing happens.
            self._half = path
            return
        self._at_work = False
        if self._moment.how == "empty":
            open(path, "w").close()
        os.kill(self._process, signal.SIGKILL)


def _pattern(path: str) -> str:
    """The name of a file, the same for all epochs and all temporary names."""
    name = re.sub(r"(?<=.)-\w{8}$", "-tmp", os.path.basename(path))
    return re.sub(r"\d+", "N", name)


def _announce_moments() -> None:
    """What is no file operation of Python becomes an audit event, too."""
    save, try_train = torch.save, GradientDescentTrainer._try_train

    @functools.wraps(save)
    def announced_save(obj: Any, f: Any, *args: Any, **kwargs: Any) -> None:
        if isinstance(f, (str, os.PathLike)):
            sys.audit("chaos", "save", os.fspath(f))
        save(obj, f, *args, **kwargs)

    def announced_try_train(trainer: GradientDescentTrainer) -> Any:
        for parameter in trainer.model.parameters():
            parameter.register_hook(lambda gradient: sys.audit("chaos", "backward", ""))
        for callback in trainer._callbacks:
            callback.on_epoch = _announced(callback.on_epoch)  # type: ignore[method-assign]
        return try_train(trainer)

    torch.save = announced_save
    GradientDescentTrainer._try_train = announced_try_train  # type: ignore[method-assign]


def _announced(on_epoch: Callable[..., None]) -> Callable[..., None]:
    def announced(*args: Any, **kwargs: Any) -> None:
        sys.audit("chaos", "on_epoch", "")
        on_epoch(*args, **kwargs)
        sys.audit("chaos", "after on_epoch", "")

    return announced
