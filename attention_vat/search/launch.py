"""Runs a search."""

import os
import sys
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Union

from allennlp.common.checks import ConfigurationError

from attention_vat.common.locks import only_one
from attention_vat.experiments.executors import LocalExecutor, RayExecutor
from attention_vat.experiments.files import read_json
from attention_vat.experiments.gpus import check_share, visible_gpus
from attention_vat.experiments.job import Job
from attention_vat.experiments.loop import Failure, Plan, train_all
from attention_vat.search.configuration import validation_metric
from attention_vat.search.job import Halving, TrainTrial
from attention_vat.search.prepare import prepare_search
from attention_vat.search.progress import Progress
from attention_vat.search.results import collect
from attention_vat.search.runs import SEARCH, STATUS, Run
from attention_vat.search.space import SearchSpace
from attention_vat.search.study import add_trials, open_study, require_optuna

if TYPE_CHECKING:
    import pandas


class Searched(NamedTuple):
    """
    A search that has ended.

    # Parameters

    directory : `Path`
    runs : `List[Run]`
        In order. `status` says how each one ended.
    """

    directory: Path
    runs: List[Run]

    def counts(self) -> Dict[str, int]:
        """How many runs are `finished`, `stopped` early, and `failed`."""
        return {status: sum(run.status == status for run in self.runs) for status in ("finished", "stopped", "failed")}

    def frame(self) -> "pandas.DataFrame":
        """
        Returns a row for each run that is done: metrics, the configuration with its keys joined by dots, and the
        sampled values as `hyperparameters.NAME`. Raises `ConfigurationError` if no run is done.
        """
        import pandas

        return pandas.DataFrame(collect([self.directory]))


def search(
    config_file: Union[str, PathLike],
    space: Union[str, PathLike, Mapping[str, Any], SearchSpace],
    directory: Union[str, PathLike],
    num_samples: int = 1,
    seed: int = 13370,
    overrides: str = "",
    num_cpus: float = 1,
    num_gpus: float = 0,
    cpus_per_trial: float = 1,
    gpus_per_trial: float = 0,
    address: Optional[str] = None,
    halving: Optional[Halving] = None,
    include_package: Sequence[str] = (),
    resume: bool = False,
    silent: bool = False,
) -> Searched:
    """
    Trains a configuration many times with different values, like the subcommand `allennlp search`.

    # Parameters

    config_file : `Union[str, PathLike]`
        It reads values with `std.extVar`, or takes them as its hidden fields.
    space : `Union[str, PathLike, Mapping[str, Any], SearchSpace]`
        A JSON file, or the content of one.
    directory : `Union[str, PathLike]`
        The directory of the runs.
    num_samples : `int`, optional (default = `1`)
        The number of runs, multiplied by the size of a grid.
    seed : `int`, optional (default = `13370`)
        The seed of the sampled values.
    overrides : `str`, optional (default = `""`)
        JSON or Jsonnet that overrides the configuration.
    num_cpus, num_gpus : `float`, optional (default = `1`, `0`)
        How many to use on this machine.
    cpus_per_trial, gpus_per_trial : `float`, optional (default = `1`, `0`)
        How many each run needs.
    address : `str`, optional (default = `None`)
        The address of a Ray cluster.
    halving : `Halving`, optional (default = `None`)
        Stops runs that fall behind.
    include_package : `Sequence[str]`, optional
    resume : `bool`, optional (default = `False`)
        Continue a search that was killed, or extend it.
    silent : `bool`, optional (default = `False`)
        Show no table during the search.

    Raises `ConfigurationError` for invalid arguments, before anything is trained.

    # Examples

        space = {"EPSILON": {"sampling strategy": "loguniform", "bounds": [0.01, 30]}}
        found = search("training_configs/example/vanilla.jsonnet", space, "logs/first", num_samples=20, num_cpus=2)
        found.frame().sort_values("best_validation_f1").tail()
    """
    if not isinstance(space, SearchSpace):
        space = SearchSpace(dict(space)) if isinstance(space, Mapping) else SearchSpace.from_file(space)
    wanted = {"num_samples": (num_samples, 1), "seed": (seed, 0)}
    if halving is not None:
        wanted.update(grace_period=(halving.grace_period, 1), reduction_factor=(halving.reduction_factor, 2))
    for name, (value, least) in wanted.items():
        if value < least:
            raise ConfigurationError(f"--{name.replace('_', '-')} must be at least {least}, not {value}")
    _check_places(num_cpus, num_gpus, cpus_per_trial, gpus_per_trial, address is None)
    require_optuna()
    path = Path(directory).absolute()
    runs = prepare_search(config_file, space, path, num_samples, seed, overrides, gpus_per_trial, resume)
    places: Any = (num_cpus, cpus_per_trial, num_gpus, gpus_per_trial)
    executor = RayExecutor(address, *places) if address else LocalExecutor(*places)
    try:
        run_search(runs, executor, halving, include_package, silent, max(1, int(cpus_per_trial)))
    finally:
        executor.close()
    return Searched(path, runs)


def _check_places(num_cpus: float, num_gpus: float, cpus_per_trial: float, gpus_per_trial: float, here: bool) -> None:
    numbers = {"num-cpus": num_cpus, "num-gpus": num_gpus}
    numbers.update({"cpus-per-trial": cpus_per_trial, "gpus-per-trial": gpus_per_trial})
    for name, number in numbers.items():
        if not number >= 0:
            raise ConfigurationError(f"--{name} must not be negative")
    check_share("--gpus-per-trial", gpus_per_trial)
    if not here:
        return
    for what, needed, there in (("cpus", cpus_per_trial, num_cpus), ("gpus", gpus_per_trial, num_gpus)):
        if needed > there:
            raise ConfigurationError(
                f"a run needs {needed:g} {what} (--{what}-per-trial), but only {there:g} are available"
            )
    if num_gpus > len(visible_gpus()):
        raise ConfigurationError(f"--num-gpus is {num_gpus}, but this machine has {len(visible_gpus())}")


def run_search(
    runs: Sequence[Run],
    executor: Union[LocalExecutor, RayExecutor],
    halving: Optional[Halving] = None,
    include_package: Sequence[str] = (),
    silent: bool = False,
    threads: int = 1,
) -> None:
    """
    Trains the runs that are not done. The `status.json` of each run says how it ended; runs that failed in an earlier
    session are retried.

    # Parameters

    runs : `Sequence[Run]`
        From `prepare_search`.
    executor : `Union[LocalExecutor, RayExecutor]`
    halving : `Halving`, optional (default = `None`)
        Without it, every run trains to its end.
    include_package : `Sequence[str]`, optional
    silent : `bool`, optional (default = `False`)
    threads : `int`, optional (default = `1`)
        The number of threads per run.

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
