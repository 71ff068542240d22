"""The search as an Optuna study, which stores what runs report and decides which of them stop early."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from allennlp.common.checks import ConfigurationError

from attention_vat.search.job import Halving
from attention_vat.search.runs import STOP, Run

if TYPE_CHECKING:
    import optuna

JOURNAL = "optuna.journal"
_RUN = "run"


def require_optuna() -> None:
    """Raises `ConfigurationError` if Optuna is not installed."""
    try:
        import optuna
    except ImportError as error:
        raise ConfigurationError(f"Optuna is needed ({error}); run `pip install optuna`") from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def open_study(experiment: Path, mode: str, halving: Optional[Halving] = None) -> "optuna.Study":
    """
    Opens the study in `optuna.journal` of a search, or creates it.

    # Parameters

    experiment : `Path`
        The directory of the search.
    mode : `str`
        `max` or `min`.
    halving : `Halving`, optional

    Raises `ConfigurationError` if the file is damaged.
    """
    require_optuna()
    import optuna
    from optuna.storages.journal import JournalFileBackend

    journal = experiment / JOURNAL
    pruner: Any = optuna.pruners.NopPruner()
    if halving is not None:
        pruner = optuna.pruners.SuccessiveHalvingPruner(halving.grace_period, halving.reduction_factor)
    try:
        storage = optuna.storages.JournalStorage(JournalFileBackend(str(journal)))
        return optuna.create_study(
            storage=storage,
            study_name=experiment.name,
            direction=f"{mode}imize",
            pruner=pruner,
            load_if_exists=True,
        )
    except (KeyError, ValueError) as error:
        raise ConfigurationError(
            f"{journal} is damaged ({error}); delete it. The runs are kept, but early stopping forgets them."
        ) from None


def add_trials(study: "optuna.Study", runs: List[Run], space: Dict[str, Any]) -> None:
    """Adds a trial for each of these runs that has none, or whose trial ended."""
    import optuna

    waiting = {
        trial.user_attrs.get(_RUN) for trial in study.get_trials(deepcopy=False) if not trial.state.is_finished()
    }
    for run in runs:
        if run.name in waiting:
            continue
        drawn = {
            name: _drawn(entry, run.hyperparameters[name]) for name, entry in space.items() if isinstance(entry, dict)
        }
        trial = optuna.trial.create_trial(
            state=optuna.trial.TrialState.WAITING,
            params={name: value for name, (value, _) in drawn.items()},
            distributions={name: distribution for name, (_, distribution) in drawn.items()},
            user_attrs={_RUN: run.name},
        )
        study.add_trial(trial)


def _drawn(entry: Dict[str, Any], value: Any) -> Tuple[Any, Any]:
    """Converts a value of `SearchSpace`, and the distribution that it is from, to Optuna's form."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if "choices" in entry:
        # As the configuration sees it, which tells 1 and true apart.
        return str(value), CategoricalDistribution([*dict.fromkeys(map(str, entry["choices"]))])
    low, high = entry["bounds"]
    if entry["sampling strategy"] == "integer":
        return value, IntDistribution(int(low), int(high) - 1)
    # The logarithm may round a value out of bounds.
    is_logarithmic = entry["sampling strategy"] == "loguniform"
    return min(max(value, low), high), FloatDistribution(low, high, log=is_logarithmic)


class Reports:
    """
    Reports the epochs of a run, and decides whether it continues. The decision to stop is first written to its
    directory, as a file `stop`, so that it also holds after a kill. Epochs reported again after a kill change nothing.

    # Parameters

    run : `Run`
    metric, mode : `str`
    halving : `Halving`, optional
    """

    def __init__(self, run: Run, metric: str, mode: str, halving: Optional[Halving]) -> None:
        import optuna

        self._run = run
        self._metric = metric
        self._halving = halving
        self._study = open_study(run.directory.parent, mode, halving)
        trials = self._study.get_trials(deepcopy=False)
        number = max(trial.number for trial in trials if trial.user_attrs.get(_RUN) == run.name)
        if trials[number].state == optuna.trial.TrialState.WAITING:
            self._study._storage.set_trial_state_values(trials[number]._trial_id, optuna.trial.TrialState.RUNNING)
        self._trial = optuna.trial.Trial(self._study, trials[number]._trial_id)
        self._known = max(trials[number].intermediate_values, default=0)
        self._max_epochs = run.config.get("trainer", {}).get("num_epochs", 20)

    def __call__(self, metrics: Dict[str, Any]) -> bool:
        """Takes the metrics of an epoch when its checkpoint is written, and returns whether to train another one."""
        if self._metric not in metrics:
            raise ConfigurationError(f"There is no metric {self._metric}; choose from {', '.join(sorted(metrics))}.")
        epoch, value, stop = metrics["epoch"] + 1, metrics[self._metric], self._run.directory / STOP
        if epoch > self._known:
            # A run without a finite number is never among the best.
            self._trial.report(value if math.isfinite(value) else math.nan, epoch)
            self._known = epoch
            # A run that is over is not stopped.
            if self._halving is not None and epoch < self._max_epochs and self._trial.should_prune():
                stop.touch()
        return not stop.exists()

    def finish(self, status: str, best: Optional[float] = None) -> None:
        """
        # Parameters

        status : `str`
            `finished`, `stopped` or `failed`.
        best : `float`, optional
            The metric of the best epoch.
        """
        from optuna.trial import TrialState

        has_value = best is not None and math.isfinite(best)
        if status == "finished" and has_value:
            self._study.tell(self._trial, best)
        else:
            self._study.tell(self._trial, state=TrialState.PRUNED if status == "stopped" else TrialState.FAIL)
