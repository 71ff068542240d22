"""Runs a search on Ray Tune."""

import logging
import os
import shutil
import sys
from os import PathLike
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Union

from allennlp.common.checks import ConfigurationError
from filelock import FileLock, Timeout

from attention_vat.search.configuration import check_files, evaluate_configuration, first_difference, validation_metric
from attention_vat.search.progress import Progress
from attention_vat.search.ray_required import require_ray
from attention_vat.search.runs import (
    CONFIG,
    HYPERPARAMETERS,
    SEARCH,
    STATUS,
    Run,
    read_json,
    run_directory,
    write_json,
)
from attention_vat.search.scheduler import epoch_asha
from attention_vat.search.space import SearchSpace
from attention_vat.search.trainable import TrainRun
from attention_vat.version import VERSION

_TUNE = ".tune"


class Resources(NamedTuple):
    """
    # Parameters

    cpus, gpus : `float`
        Of this machine; a cluster has its own.
    cpus_per_trial, gpus_per_trial : `float`
        Fractions are allowed: two runs with 0.5 share one.
    address : `str`, optional (default = `None`)
        Of a running cluster. Without it Ray starts on this machine and ends with the search.
    """

    cpus: float = 1
    gpus: float = 0
    cpus_per_trial: float = 1
    gpus_per_trial: float = 0
    address: Optional[str] = None


class Halving(NamedTuple):
    """Asynchronous successive halving; see `epoch_asha`."""

    grace_period: int = 1
    reduction_factor: float = 3


def check_resources(resources: Resources) -> None:
    """Raises `ConfigurationError` if there is not enough for a single run."""
    for what in ("cpus", "gpus"):
        there, needed = getattr(resources, what), getattr(resources, f"{what}_per_trial")
        if needed > there:
            raise ConfigurationError(f"a run needs {needed:g} {what} (--{what}-per-trial), but there are {there:g}")


def prepare_search(
    config_file: Union[str, PathLike],
    space: SearchSpace,
    experiment: Path,
    num_samples: int = 1,
    seed: int = 13370,
    overrides: str = "",
    gpus_per_trial: float = 0,
    resume: bool = False,
) -> List[Run]:
    """
    Draws the values of all runs, evaluates their configurations, and writes both to disk. Of a search that is resumed,
    those that are there must be the same.

    # Parameters

    config_file : `Union[str, PathLike]`
    space : `SearchSpace`
    experiment : `Path`
        The directory of the search.
    num_samples, seed : `int`
    overrides : `str`, optional
    gpus_per_trial : `float`, optional
    resume : `bool`, optional (default = `False`)

    Raises `ConfigurationError` before anything is written.
    """
    if not Path(config_file).is_file():
        raise ConfigurationError(f"There is no configuration {config_file}.")
    old = sorted(experiment.glob("run_*"))
    if old and not resume:
        raise ConfigurationError(
            f"{experiment} has runs already; add --resume to go on with them, or choose another --experiment-name."
        )
    runs, contents = [], []
    for number, sample in enumerate(space.samples(num_samples, seed)):
        run = Run(run_directory(experiment, number))
        config = evaluate_configuration(config_file, sample, overrides, gpus_per_trial)
        for name, new in ((HYPERPARAMETERS, sample), (CONFIG, config)):
            difference = first_difference(read_json(run.directory / name) or new, new)
            if difference:
                raise ConfigurationError(
                    f"{run.directory} belongs to another search: {difference}. Give the configuration, the search "
                    "space, --seed and --overrides that it was started with, or choose another --experiment-name."
                )
        check_files(config, run.directory)
        runs.append(run)
        contents.append((sample, config))
    if len(old) > len(runs):
        raise ConfigurationError(f"{experiment} has {len(old)} runs, but these are {len(runs)}; raise --num-samples.")

    experiment.mkdir(parents=True, exist_ok=True)
    for run, (sample, config) in zip(runs, contents):
        run.directory.mkdir(exist_ok=True)
        write_json(run.directory / HYPERPARAMETERS, sample)
        write_json(run.directory / CONFIG, config)
    record = {
        "config_file": str(config_file),
        "search_space": space.space,
        "num_samples": num_samples,
        "seed": seed,
        "overrides": overrides,
        "attention_vat": VERSION,
    }
    write_json(experiment / SEARCH, record)
    return runs


def run_search(
    runs: Sequence[Run],
    resources: Resources,
    halving: Optional[Halving] = None,
    include_package: Sequence[str] = (),
    silent: bool = False,
    retries: int = 3,
) -> None:
    """
    Trains the runs that are not done. How each one ended is in its `status.json`; those that failed in an earlier
    session are tried again.

    # Parameters

    runs : `Sequence[Run]`
        From `prepare_search`.
    resources : `Resources`
    halving : `Halving`, optional (default = `None`)
        Without it every run trains to its end.
    include_package : `Sequence[str]`, optional
    silent : `bool`, optional (default = `False`)
    retries : `int`, optional (default = `3`)
        How often a run whose process died is continued.

    Raises `ConfigurationError` if Ray is missing, if another process runs the same search, or if the resources do not
    suffice for a single run.
    """
    experiment = runs[0].directory.parent
    try:
        with FileLock(str(experiment / ".lock"), timeout=1):
            pending = [run for run in runs if not run.is_done]
            if pending:
                _run(runs, pending, resources, halving, include_package, silent, retries)
    except Timeout:
        raise ConfigurationError(f"A search is already running in {experiment}.") from None


def _run(
    runs: Sequence[Run],
    pending: List[Run],
    resources: Resources,
    halving: Optional[Halving],
    include_package: Sequence[str],
    silent: bool,
    retries: int,
) -> None:
    require_ray(resources.address)
    import ray
    from ray import tune

    class TuneRun(TrainRun, tune.Trainable):
        """Ray's actor."""

    class TuneProgress(Progress, tune.Callback):
        """Ray's callback."""

    for run in pending:
        if run.status == "failed":
            (run.directory / STATUS).unlink()
    config = runs[0].config
    metric, mode = validation_metric(config)
    experiment = runs[0].directory.parent
    scheduler = None
    if halving is not None:
        max_epochs = max(run.config["trainer"].get("num_epochs", 20) for run in runs)
        scheduler = epoch_asha(metric, mode, max_epochs, *halving, done=[run for run in runs if run.is_done])
    # Ours are the runs' directories; what Tune writes is of no use later.
    storage = experiment / _TUNE
    shutil.rmtree(storage, ignore_errors=True)
    os.environ["TUNE_DISABLE_AUTO_CALLBACK_LOGGERS"] = "1"
    os.environ["TUNE_DISABLE_SIGINT_HANDLER"] = "1"  # a training that Ctrl-C interrupts is not done
    os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
    logging.getLogger("ray.tune").setLevel(logging.CRITICAL)  # errors are told at the end, in a sentence each
    names = [name for name in runs[0].hyperparameters if any(_differs(run, runs[0], name) for run in runs)]
    _start_ray(resources)
    try:
        _check_cluster(resources)
        progress = TuneProgress(pending, names, metric, mode, len(runs) - len(pending), silent)
        with progress:
            tune.Tuner(
                tune.with_resources(TuneRun, {"cpu": resources.cpus_per_trial, "gpu": resources.gpus_per_trial}),
                param_space={
                    "directory": tune.grid_search([str(run.directory) for run in pending]),
                    "working_directory": os.getcwd(),
                    "python_path": [os.getcwd(), *sys.path],
                    "packages": list(include_package),
                    "cpus": resources.cpus_per_trial,
                    "metric": metric,
                },
                tune_config=tune.TuneConfig(
                    scheduler=scheduler,
                    reuse_actors=True,
                    trial_dirname_creator=_name_of,
                    trial_name_creator=_name_of,
                ),
                run_config=tune.RunConfig(
                    name="tune",
                    storage_path=str(storage),
                    failure_config=tune.FailureConfig(max_failures=retries),
                    # A run keeps its own checkpoints.
                    checkpoint_config=tune.CheckpointConfig(checkpoint_frequency=0, checkpoint_at_end=False),
                    callbacks=[progress],
                    verbose=0,
                ),
            ).fit()
        for run in pending:
            if run.status == "unfinished":
                run.finish("failed", f"its process died {retries + 1} times")
    finally:
        ray.shutdown()
        shutil.rmtree(storage, ignore_errors=True)


def _start_ray(resources: Resources) -> None:
    import ray

    options: Dict[str, Any] = {}
    if resources.address is None:
        # The objects that go from process to process are a few numbers.
        options = {
            "num_cpus": resources.cpus,
            "num_gpus": resources.gpus,
            "include_dashboard": False,
            "object_store_memory": 100 * 2**20,
        }
    for attempt in range(3):
        try:
            ray.init(address=resources.address or "local", log_to_driver=False, logging_level=logging.ERROR, **options)
            return
        except ConnectionError as error:
            problem = str(error).splitlines()[0]
            raise ConfigurationError(f"--address {resources.address}: there is no Ray cluster ({problem})") from None
        except Exception as error:
            # Ray gives its own processes half a minute, too little for a very busy machine.
            if "timed out" not in str(error) or attempt == 2:
                raise
            ray.shutdown()


def _check_cluster(resources: Resources) -> None:
    import ray

    available = ray.cluster_resources()
    resources = resources._replace(cpus=available.get("CPU", 0), gpus=available.get("GPU", 0))
    check_resources(resources)


def _name_of(trial: Any) -> str:
    return Path(trial.config["directory"]).name


def _differs(run: Run, other: Run, name: str) -> bool:
    return run.hyperparameters.get(name) != other.hyperparameters.get(name)
