"""Schedules the runs of an experiment."""

from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Union

from attention_vat.experiments.executors import LocalExecutor, RayExecutor
from attention_vat.experiments.fingerprint import code_version, evaluation_version
from attention_vat.experiments.job import Job, TrainAndEvaluate
from attention_vat.experiments.loop import Failure, Plan, train_all
from attention_vat.experiments.matrix import Cell, Run
from attention_vat.experiments.progress import Progress
from attention_vat.experiments.runs import Runs


def job_of(run: Run, folder: Path, evaluation: Sequence[Any], keep_model: bool, threads: int) -> TrainAndEvaluate:
    """Returns the job that trains and evaluates a run."""
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
    directory = str(folder.resolve())
    return TrainAndEvaluate(
        directory, run.config, run.test_data, [*evaluation], keep_model, facts, threads, name=str(run)
    )


class ExperimentPlan(Plan):
    """
    Trains the candidates of a search before the final runs, which use the best ε.

    # Parameters

    cells : `List[Cell]`
    runs : `Runs`
    keep_models : `bool`
        Whether to keep the models of final runs.
    threads : `int`
        The number of threads per run.
    """

    def __init__(self, cells: List[Cell], runs: Runs, keep_models: bool, threads: int) -> None:
        self._cells = cells
        self._runs = runs
        self._keep_models = keep_models
        self._threads = threads
        self._run_of: Dict[str, Run] = {}
        self.progress = Progress(sum(map(number_of_runs, cells)))

    def pending(self) -> Iterator[TrainAndEvaluate]:
        for cell in self._cells:
            for run in self._runs.needed(cell):
                if self._runs.result(run) is None:
                    yield self._job(run)

    def finish(self, job: Job) -> bool:
        if self._runs.result(self._run_of[job.directory]) is None:
            return False
        for cell in self._cells:
            self._runs.drop_losers(cell)
        return True

    def show(self, running: Sequence[Job], failures: Sequence[Failure]) -> None:
        results = [self._runs.result(run) for cell in self._cells for run in self._runs.needed(cell)]
        self.progress.show(sum(result is not None for result in results), running, len(failures))

    def failed_searches(self) -> List[Failure]:
        """Returns the searches whose runs are all finished, but without a usable candidate."""
        reasons = [(cell, self._runs.failed_search(cell)) for cell in self._cells]
        return [Failure(self._job(cell.candidates[-1]), reason) for cell, reason in reasons if reason is not None]

    def _job(self, run: Run) -> TrainAndEvaluate:
        job = job_of(run, self._runs.folder(run), self._runs.evaluation, self._keep_models, self._threads)
        self._run_of[job.directory] = run
        return job


def run_all(
    cells: List[Cell],
    runs: Runs,
    executor: Union[LocalExecutor, RayExecutor],
    keep_models: bool = False,
    threads: int = 1,
    time_limit: Optional[float] = None,
) -> List[Failure]:
    """
    Trains all unfinished runs.

    # Parameters

    cells : `List[Cell]`
    runs : `Runs`
    executor : `Union[LocalExecutor, RayExecutor]`
    keep_models : `bool`, optional (default = `False`)
        Whether to keep the models of final runs.
    threads : `int`, optional (default = `1`)
        The number of threads per run.
    time_limit : `float`, optional
        Minutes after which no more runs start.

    # Returns

    failures : `List[Failure]`
        The runs that failed; all others are trained nevertheless.
    """
    plan = ExperimentPlan(cells, runs, keep_models, threads)
    try:
        return train_all(plan, executor, time_limit) + plan.failed_searches()
    finally:
        plan.progress.close()


def number_of_runs(cell: Cell) -> int:
    """Returns the number of runs of a cell, including those of its search."""
    return (cell.search.num_runs if cell.search else 0) + len(cell.part.seeds)
