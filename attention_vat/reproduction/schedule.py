"""Training what is not finished, as many runs at a time as there is room for."""

import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple, Union

from allennlp.common import Tqdm

from attention_vat.reproduction.executors import LocalExecutor, RayExecutor
from attention_vat.reproduction.fingerprint import code_version, evaluation_version
from attention_vat.reproduction.job import ARCHIVE, LOG, Job
from attention_vat.reproduction.matrix import Cell, Run
from attention_vat.reproduction.results import last_line
from attention_vat.reproduction.runs import Runs

# A process that was killed, by somebody or for memory, gets so many more chances.
RETRIES = 2
LOST = 255


class Failure(NamedTuple):
    """A run that ended with an error, and what it said last."""

    run: Run
    reason: str
    log: Path


def job_of(run: Run, folder: Path, evaluation: Sequence[Any], keep_model: bool, threads: int) -> Job:
    facts = {
        "corpus": run.corpus,
        "technique": run.technique,
        "seed": run.seed,
        "epsilon": run.epsilon,
        "unlabeled": run.unlabeled,
        "config_hash": run.config_hash,
        "code": code_version(),
        "evaluation_code": None if run.test_data is None else evaluation_version(),
        "test_data": run.test_hash,
    }
    return Job(str(folder.resolve()), run.config, run.test_data, [*evaluation], keep_model, facts, threads)


def run_all(
    cells: List[Cell],
    runs: Runs,
    executor: Union[LocalExecutor, RayExecutor],
    keep_models: bool = False,
    threads: int = 1,
    time_limit: Optional[float] = None,
) -> List[Failure]:
    """
    Trains what is not finished.

    # Parameters

    cells : `List[Cell]`
    runs : `Runs`
    executor : `Union[LocalExecutor, RayExecutor]`
    keep_models : `bool`, optional (default = `False`)
        Of final runs.
    threads : `int`, optional (default = `1`)
        Of a run.
    time_limit : `float`, optional
        Minutes, after which no run starts any more.

    # Returns

    failures : `List[Failure]`
        The other runs were finished all the same.
    """
    start, failures = time.time(), []  # type: ignore[var-annotated]
    attempts: Dict[str, int] = {}
    running: Dict["Future[int]", Run] = {}
    progress = _Progress(sum(number_of_runs(cell) for cell in cells))
    try:
        while True:
            late = time_limit is not None and time.time() - start > 60 * time_limit
            taken = [*running.values(), *(failure.run for failure in failures)]
            for run in _next_runs(cells, runs, {run.name for run in taken}):
                if late or len(running) >= executor.slots:
                    break
                running[executor.submit(job_of(run, runs.folder(run), runs.evaluation, keep_models, threads))] = run
            finished = sum(runs.result(run) is not None for cell in cells for run in runs.needed(cell))
            progress.show(finished, [f"{run} {_epoch(runs, run)}" for run in running.values()], len(failures))
            if not running:
                for cell in cells:
                    reason = runs.failed_search(cell)
                    if reason is not None:
                        run = cell.candidates[-1]
                        failures.append(Failure(run, reason, runs.folder(run) / LOG))
                return failures
            done, _ = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
            for future in done:
                run = running.pop(future)
                attempts[run.name] = attempts.get(run.name, 0) + 1
                code, reason = _outcome(future)
                if code == 0 and runs.result(run) is not None:
                    for cell in cells:
                        runs.drop_losers(cell)
                elif code in (0, 1) or attempts[run.name] > RETRIES:
                    log = runs.folder(run) / LOG
                    failures.append(Failure(run, reason or last_line(log), log))
    finally:
        progress.close()


def number_of_runs(cell: Cell) -> int:
    return (cell.search.num_runs if cell.search else 0) + len(cell.part.seeds)


def _next_runs(cells: List[Cell], runs: Runs, without: Set[str]) -> Iterator[Run]:
    seen = set(without)
    for cell in cells:
        for run in runs.needed(cell):
            if run.name not in seen and runs.result(run) is None:
                seen.add(run.name)
                yield run


def _outcome(future: "Future[int]") -> Tuple[int, str]:
    error = future.exception()
    # What is said where the server that runs are forked from is gone; then the exit code of a run is none of its own.
    if isinstance(error, (EOFError, OSError)):
        return LOST, f"its process was lost, {RETRIES + 1} times"
    if error is not None:
        return 1, (str(error) or type(error).__name__).splitlines()[0]
    code = future.result()
    if code in (0, 1):
        return code, ""
    how = f"killed by signal {-code}" if code < 0 else "lost"
    return code, f"its process was {how}, {RETRIES + 1} times"


class _Progress:
    """One line: how many runs are finished, and what the first ones of those at work are."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._bar: Any = None
        self._text = ""

    def show(self, finished: int, running: List[str], failed: int) -> None:
        if self._bar is None:
            # What was there before says nothing about how long the rest takes.
            self._bar = Tqdm.tqdm(total=self._total, initial=finished, desc="runs", smoothing=0.1)
        shown = running[:2]
        shown += [f"{len(running) - 2} more"] if len(running) > 2 else []
        shown += [f"{failed} failed"] if failed else []
        if finished != self._bar.n or ", ".join(shown) != self._text:
            self._text = ", ".join(shown)
            self._bar.update(finished - self._bar.n)
            self._bar.set_postfix_str(self._text)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def _epoch(runs: Runs, run: Run) -> str:
    folder = runs.folder(run)
    if (folder / ARCHIVE).exists():
        return "evaluation"
    epochs = run.config["trainer"]["num_epochs"]
    return f"epoch {min(len(list((folder / 'training').glob('metrics_epoch_*.json'))) + 1, epochs)}/{epochs}"
