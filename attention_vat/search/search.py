"""Runs a search on Ray Tune."""

import logging
import os
import shutil
import sys
from pathlib import Path
from typing import Any, List, NamedTuple, Optional, Sequence

from attention_vat.common.only_one import only_one
from attention_vat.search.configuration import validation_metric
from attention_vat.search.local_ray import stop_ray
from attention_vat.search.progress import Progress
from attention_vat.search.ray_required import require_ray
from attention_vat.search.resources import Resources, check_cluster, start_ray
from attention_vat.search.runs import STATUS, Run
from attention_vat.search.scheduler import epoch_asha
from attention_vat.search.termination import interrupt_on_sigterm, sigterm_restored
from attention_vat.search.trainable import TrainRun

_TUNE = ".tune"


class Halving(NamedTuple):
    """Asynchronous successive halving; see `epoch_asha`."""

    grace_period: int = 1
    reduction_factor: float = 3


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
    with only_one(experiment / ".lock", "allennlp search", experiment, "--experiment-name"), sigterm_restored():
        pending = [run for run in runs if not run.is_done]
        if pending:
            _run(runs, pending, resources, halving, include_package, silent, retries)


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
    start_ray(resources)
    try:
        interrupt_on_sigterm()
        check_cluster(resources)
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
        stop_ray()
        shutil.rmtree(storage, ignore_errors=True)


def _name_of(trial: Any) -> str:
    return Path(trial.config["directory"]).name


def _differs(run: Run, other: Run, name: str) -> bool:
    return run.hyperparameters.get(name) != other.hyperparameters.get(name)
