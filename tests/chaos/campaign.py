"""Trials of all kinds, in several processes, with a journal from which a campaign goes on that was killed."""

import hashlib
import importlib
import json
import os
import pkgutil
import signal
import sys
import time
from dataclasses import asdict, dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Set

import allennlp.commands.train
import torch

import attention_vat  # noqa: F401  (registers all parts)
import tests.chaos
from tests.chaos.processes import adopt_orphans, die_with_parent, end_children, own_lock_of_bars
from tests.chaos.trials import KINDS, Kind, run_trial

ROOT = Path(__file__).resolve().parents[2]
# When the time limit of a trial is of no use, because what hangs is not Python.
GRACE = 60.0


class Trial(NamedTuple):
    """One trial: the name of its kind, and its number."""

    kind: str
    number: int


@dataclass(frozen=True)
class Result:
    """
    # Parameters

    kind, number :
        See `Trial`.
    seconds : `float`
    failure : `str`, optional
    """

    kind: str
    number: int
    seconds: float
    failure: Optional[str]

    @property
    def trial(self) -> Trial:
        return Trial(self.kind, self.number)


def load_kinds() -> Dict[str, Kind]:
    """
    All kinds of trials: those of the modules of this package. With them comes what their processes would otherwise
    import each by itself.
    """
    # The first optimizer asks for parts of torch that take seconds.
    torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    # Other packages than this one are not tried.
    allennlp.commands.import_plugins = allennlp.commands.train.import_plugins = lambda: None
    for module in pkgutil.iter_modules(tests.chaos.__path__):
        if not module.name.startswith("__") and not module.name.endswith("_test"):
            importlib.import_module(f"tests.chaos.{module.name}")
    return KINDS


def plan(rounds: Dict[str, int]) -> List[Trial]:
    """Trials in an order in which all kinds have had the same share of their rounds whenever the campaign stops."""
    trials = [((number + 0.5) / count, name, number) for name, count in rounds.items() for number in range(count)]
    return [Trial(name, number) for _, name, number in sorted(trials)]


class Journal:
    """
    Results of finished trials in a file. It belongs to a seed and to the code: what was true of other code is not known
    of this one.

    # Parameters

    directory : `Path`
    seed : `int`
    fresh : `bool`
        Forget what the file has.
    """

    def __init__(self, directory: Path, seed: int, fresh: bool = False) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.path = directory / f"seed-{seed}-{_identity_of_code()}.jsonl"
        self.results: Dict[Trial, Result] = {}
        if fresh and self.path.exists():
            self.path.unlink()
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                try:
                    result = Result(**json.loads(line))
                except ValueError:  # the last line, when the campaign was killed
                    continue
                self.results[result.trial] = result
        self._file = self.path.open("a", encoding="utf-8")
        self._file.write("\n")

    def add(self, result: Result) -> None:
        self.results[result.trial] = result
        self._file.write(json.dumps(asdict(result)) + "\n")
        self._file.flush()


def _identity_of_code() -> str:
    digest = hashlib.sha256(f"{sys.version} {torch.__version__}".encode())
    for folder in ("attention_vat", "tests/chaos", "fixtures"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(str(path.relative_to(ROOT)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def run_trials(
    trials: List[Trial],
    seed: int,
    jobs: int,
    on_result: Callable[[Result], None],
    until: Optional[float] = None,
    quiet: bool = True,
) -> None:
    """
    Runs trials in several processes.

    # Parameters

    trials : `List[Trial]`
    seed : `int`
    jobs : `int`
        How many at a time.
    on_result : `Callable[[Result], None]`
        Is given each result.
    until : `float`, optional
        When to begin no other trial, by `time.monotonic()`.
    quiet : `bool`, optional (default = `True`)
        Show nothing of what trials print.
    """
    waiting = iter(trials)
    workers = [_Worker(seed, quiet) for _ in range(min(jobs, len(trials)))]
    try:
        busy = {worker for worker in workers if worker.begin(_next(waiting, until))}
        while busy:
            ready = set(wait([worker.connection for worker in busy], timeout=1.0))
            for worker in list(busy):
                if worker.connection in ready or worker.overdue():
                    on_result(worker.result())
                    if not worker.begin(_next(waiting, until)):
                        busy.remove(worker)
    finally:
        for worker in workers:
            worker.close()


def _next(trials: Iterator[Trial], until: Optional[float]) -> Optional[Trial]:
    return None if until is not None and time.monotonic() > until else next(trials, None)


class _Worker:
    """A process that runs one trial after the other. It is replaced when a trial kills it."""

    def __init__(self, seed: int, quiet: bool) -> None:
        self._seed, self._quiet = seed, quiet
        self._start()

    def _start(self) -> None:
        self.connection, other = Pipe()
        parent = os.getpid()
        sys.stdout.flush()
        self._pid = os.fork()
        if self._pid == 0:
            self.connection.close()
            _work(other, self._seed, self._quiet, parent)
        other.close()

    def begin(self, trial: Optional[Trial]) -> bool:
        """Returns `False` if there is none."""
        if trial is None:
            return False
        self._trial, self._begun = trial, time.monotonic()
        self.connection.send(trial)
        return True

    def overdue(self) -> bool:
        seconds = KINDS[self._trial.kind].seconds
        return seconds is not None and time.monotonic() > self._begun + seconds + GRACE

    def result(self) -> Result:
        """The result of the trial; one that killed the worker, or is overdue, has failed."""
        failure: Optional[str]
        if self.overdue() and not self.connection.poll():
            failure = f"did not end in {KINDS[self._trial.kind].seconds} s, and could not be interrupted"
            self._replace()
        else:
            try:
                failure = self.connection.recv()
            except EOFError:
                failure = f"the process of the trial was killed: {self._replace()}"
        return Result(*self._trial, round(time.monotonic() - self._begun, 3), failure)

    def _replace(self) -> str:
        status = self.close()
        self._start()
        return f"exit status {status}"

    def close(self) -> int:
        """Kills the process, with all that the trial has started."""
        try:
            os.killpg(self._pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.connection.close()
        return os.waitpid(self._pid, 0)[1]


def _work(connection: Connection, seed: int, quiet: bool, parent: int) -> None:
    try:
        die_with_parent(parent)
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the campaign
        if quiet:
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, 1)
            os.dup2(nothing, 2)
        adopt_orphans()
        own_lock_of_bars()
        torch.set_num_threads(1)
        while True:
            trial: Trial = connection.recv()
            failure = run_trial(KINDS[trial.kind], seed, trial.number)
            left = end_children(KINDS[trial.kind].grace)
            if failure is None and left:
                failure = f"{left} processes are at work after the end of the trial"
            connection.send(failure)
    except EOFError:  # the campaign is over
        pass
    finally:
        os._exit(0)


def only(names: Optional[List[str]]) -> Set[str]:
    """The kinds with these names; a name stands for all that begin with it. Raises a `ValueError` if there is none."""
    kinds: Any = load_kinds()
    chosen = set()
    for name in names or [""]:
        fitting = [known for known in kinds if known == name] or [known for known in kinds if known.startswith(name)]
        if not fitting:
            raise ValueError(f"there is no kind {name!r}; choose some of {', '.join(kinds)}")
        chosen.update(fitting)
    return chosen
