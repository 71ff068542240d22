"""Which runs go on."""

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, Iterable

from attention_vat.search.runs import STOP, Run
from attention_vat.search.trainable import EPOCHS

_WORST = 1e30


def epoch_asha(
    metric: str,
    mode: str,
    max_epochs: int,
    grace_period: int = 1,
    reduction_factor: float = 3,
    done: Iterable[Run] = (),
) -> Any:
    """
    Asynchronous successive halving (Li et al. 2020) on epochs, a scheduler for Ray Tune: after `grace_period` epochs,
    and again whenever there are `reduction_factor` times as many, a run goes on if it is among the best
    `1/reduction_factor` of those that came so far. Tune's own count of iterations starts again when a process dies;
    epochs do not.

    The decision is left in the run's directory instead of being handed to Tune: see `TrainRun`.

    # Parameters

    metric : `str`
    mode : `str`
        `max` or `min`.
    max_epochs : `int`
    grace_period : `int`, optional (default = `1`)
    reduction_factor : `float`, optional (default = `3`)
    done : `Iterable[Run]`, optional
        Runs of an earlier session, from which the scheduler learns what Tune itself would forget.
    """
    from ray.tune.schedulers import ASHAScheduler, TrialScheduler

    class EpochASHA(ASHAScheduler):
        def on_trial_result(self, tune_controller: Any, trial: Any, result: Dict) -> str:
            if metric in result:
                result = {**result, metric: _comparable(result[metric], mode)}
            decision = super().on_trial_result(tune_controller, trial, result)
            if decision == TrialScheduler.STOP and result[EPOCHS] < max_epochs:
                Path(trial.config["directory"], STOP).touch()
            return TrialScheduler.CONTINUE

    scheduler = EpochASHA(
        time_attr=EPOCHS,
        metric=metric,
        mode=mode,
        max_t=max_epochs,
        grace_period=min(grace_period, max_epochs),
        reduction_factor=reduction_factor,
        stop_last_trials=False,
    )
    controller: Any = None  # it is not asked
    for run in done:
        trial: Any = SimpleNamespace(trial_id=run.name)
        scheduler.on_trial_add(controller, trial)
        for metrics in run.epochs():
            if metric in metrics:
                result = {EPOCHS: metrics["epoch"] + 1, metric: _comparable(metrics[metric], mode)}
                ASHAScheduler.on_trial_result(scheduler, controller, trial, result)
    return scheduler


def _comparable(value: float, mode: str) -> float:
    """No comparison with NaN is true, so that a run with it would always go on: it counts as worse than all others."""
    if math.isfinite(value):
        return value
    return -_WORST if mode == "max" else _WORST
