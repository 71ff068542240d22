"""Runs a search."""

import os
import sys
from pathlib import Path
from typing import Iterator, List, Optional, Sequence, Union

from attention_vat.common.locks import only_one
from attention_vat.experiments.executors import LocalExecutor, RayExecutor
from attention_vat.experiments.files import read_json
from attention_vat.experiments.job import Job
from attention_vat.experiments.loop import Failure, Plan, train_all
from attention_vat.search.configuration import validation_metric
from attention_vat.search.job import Halving, TrainTrial
from attention_vat.search.progress import Progress
from attention_vat.search.runs import SEARCH, STATUS, Run
from attention_vat.search.study import add_trials, open_study


def run_search(
    runs: Sequence[Run],
    executor: Union[LocalExecutor, RayExecutor],
    halving: Optional[Halving] = None,
    include_package: Sequence[str] = (),
    silent: bool = False,
    threads: int = 1,
) -> None:
    """
    Trains the runs that are not done. How each one ended is in its `status.json`; those that failed in an earlier
    session are tried again.

    # Parameters

    runs : `Sequence[Run]`
        From `prepare_search`.
    executor : `Union[LocalExecutor, RayExecutor]`
    halving : `Halving`, optional (default = `None`)
        Without it every run trains to its end.
    include_package : `Sequence[str]`, optional
    silent : `bool`, optional (default = `False`)
    threads : `int`, optional (default = `1`)
        Of a run.

    Raises `ConfigurationError` if another process runs the same search, or if Optuna is missing.
    """
    experiment = runs[0].directory.parent
    with only_one(experiment / ".lock", "allennlp search", experiment, "--experiment-name"):
        pending = [run for run in runs if not run.is_done]
        if not pending:
            return
        metric, mode = validation_metric(runs[0].config)
        study = open_study(experiment, mode)
        add_trials(study, pending, (read_json(experiment / SEARCH) or {}).get("search_space", {}))
        for run in pending:
            if run.status == "failed":
                (run.directory / STATUS).unlink()
        jobs = [
            TrainTrial(
                str(run.directory),
                metric,
                mode,
                halving,
                os.getcwd(),
                [os.getcwd(), *sys.path],
                [*include_package],
                threads,
                name=run.name,
            )
            for run in pending
        ]
        names = [name for name in runs[0].hyperparameters if any(_differs(run, runs[0], name) for run in runs)]
        with Progress(pending, names, metric, mode, len(runs) - len(pending), silent) as progress:
            for failure in train_all(SearchPlan(jobs, progress), executor):
                run = _run_of(failure.job)
                if run.status == "unfinished":
                    run.finish("failed", failure.reason)


class SearchPlan(Plan):
    """
    # Parameters

    jobs : `List[TrainTrial]`
    progress : `Progress`
    """

    def __init__(self, jobs: List[TrainTrial], progress: Progress) -> None:
        self._jobs = jobs
        self._progress = progress

    def pending(self) -> Iterator[TrainTrial]:
        return (job for job in self._jobs if not _run_of(job).is_done)

    def finish(self, job: Job) -> bool:
        return _run_of(job).is_done

    def show(self, running: Sequence[Job], failures: Sequence[Failure]) -> None:
        self._progress.show([_run_of(job) for job in running])


def _run_of(job: Job) -> Run:
    return Run(Path(job.directory))


def _differs(run: Run, other: Run, name: str) -> bool:
    return run.hyperparameters.get(name) != other.hyperparameters.get(name)
