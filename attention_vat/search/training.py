"""Trains a run of a search, asking after each epoch whether to continue."""

import os
import sys
import traceback
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, Optional

from allennlp.common.plugins import import_plugins
from allennlp.common.util import dump_metrics, import_module_and_submodules
from allennlp.training import gradient_descent_trainer
from allennlp.training.callbacks import TrainerCallback

from attention_vat.experiments.files import read_json
from attention_vat.experiments.training import train
from attention_vat.search.job import TrainTrial
from attention_vat.search.runs import STOP, Run, seconds
from attention_vat.search.study import Reports

if TYPE_CHECKING:
    from allennlp.training import GradientDescentTrainer

Gate = Callable[[Dict[str, Any]], bool]
"""Takes the metrics of an epoch when its checkpoint is written, and returns whether to train another one."""


def train_trial(job: TrainTrial) -> None:
    """Trains a run of a search, and reports its progress and outcome to the study."""
    run = Run(Path(job.directory))
    reports = Reports(run, job.metric, job.mode, job.halving)
    try:
        # Plugins are found from the directory where the search was started, as in `allennlp train`.
        if os.path.isdir(job.working_directory):
            os.chdir(job.working_directory)
        sys.path.extend(path for path in job.python_path if path not in sys.path)
        import_plugins()
        for package in job.packages:
            import_module_and_submodules(package)
        train_run(run, reports)
    except BaseException as error:  # also SystemExit, which a data loader's worker may raise
        lines = "".join(traceback.format_exception_only(type(error), error)).strip().splitlines()
        run.finish("failed", lines[-1] if lines else type(error).__name__)
        reports.finish("failed")
        raise
    reports.finish(run.status, (read_json(run.trial / "metrics.json") or {}).get(f"best_{job.metric}"))


def train_run(run: Run, gate: Gate) -> None:
    """
    Trains the configuration in `config.json` of the run into `trial`, from its last checkpoint if there is one. Metrics
    and the best model are written even if the gate stops the training, and `status.json` says how it ended. The working
    directory of the process becomes the run's directory.

    # Parameters

    run : `Run`
    gate : `Callable[[Dict[str, Any]], bool]`
        Also called for the epochs before a recovery.
    """
    asked = _Asked(gate)
    os.chdir(run.directory)
    with _reporting(asked):
        train(run.config, run.trial)
    # The gate is not asked again if only the archive was missing.
    run.finish("stopped" if asked.stopped or (run.directory / STOP).exists() else "finished")


class _Asked:
    """The gate, and whether it has stopped the training."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.stopped = False

    def __call__(self, metrics: Dict[str, Any]) -> bool:
        if not self._gate(dict(metrics)):
            self.stopped = True
        return not self.stopped


class ReportEpochs(TrainerCallback):
    """
    Asks the gate when AllenNLP's trainer checks whether it ran out of patience: the checkpoint and the best weights of
    the epoch are written by then, and a training that stops there ends normally.

    It also restores what AllenNLP forgets when it recovers: `training_duration` continues from the checkpoint, and the
    metrics of the last epoch are in `metrics.json` even if the kill came after it.
    """

    def __init__(self, serialization_dir: str, gate: _Asked) -> None:
        super().__init__(serialization_dir)
        self._gate = gate
        self._metrics: Dict[str, Any] = {}
        self._seconds_before = 0.0

    def on_start(self, trainer: "GradientDescentTrainer", is_primary: bool = True, **kwargs: Any) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        log = Path(self.serialization_dir, "stdout.log")  # AllenTune's name for AllenNLP 2's out.log
        if not os.path.lexists(log):
            log.symlink_to("out.log")
        for epoch in range(trainer._start_after_epochs_completed):
            self._metrics = read_json(self._path(epoch)) or self._metrics
            if self._metrics:
                self._gate(self._metrics)
        if self._gate.stopped:
            trainer._num_epochs = trainer._start_after_epochs_completed
        self._seconds_before = seconds(self._metrics.get("training_duration"))
        tracker = trainer._metric_tracker
        ran_out_of_patience = tracker.should_stop_early
        tracker.should_stop_early = lambda: ran_out_of_patience() or not self._gate(self._metrics)

    def on_epoch(
        self,
        trainer: "GradientDescentTrainer",
        metrics: Dict[str, Any],
        epoch: int,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        if self._seconds_before:
            duration = self._seconds_before + seconds(metrics["training_duration"])
            metrics["training_duration"] = str(timedelta(seconds=duration))
            dump_metrics(str(self._path(epoch)), metrics)
        self._metrics = metrics

    def on_end(
        self, trainer: "GradientDescentTrainer", metrics: Optional[Dict[str, Any]] = None, **kwargs: Any
    ) -> None:
        if metrics is not None:
            for name, value in self._metrics.items():
                metrics.setdefault(name, value)

    def _path(self, epoch: int) -> Path:
        return Path(self.serialization_dir, f"metrics_epoch_{epoch}.json")


@contextmanager
def _reporting(gate: _Asked) -> Iterator[None]:
    """
    Adds a default callback for the duration of a training. In the configuration, which is kept, it would not make sense
    in later trainings.
    """
    before = gradient_descent_trainer.DEFAULT_CALLBACKS
    gradient_descent_trainer.DEFAULT_CALLBACKS = (*before, partial(ReportEpochs, gate=gate))
    try:
        yield
    finally:
        gradient_descent_trainer.DEFAULT_CALLBACKS = before
