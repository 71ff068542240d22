"""Exact recovery of a run that was killed."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional

from allennlp.common import util as common_util
from allennlp.data import TensorDict
from allennlp.training.callbacks import TrainerCallback

from attention_vat.common.random_state import get_random_state, set_random_state
from attention_vat.training.loader_position import LoaderAround, knowing_its_place, position_of

if TYPE_CHECKING:
    from allennlp.training import GradientDescentTrainer


@TrainerCallback.register("exact_recovery")
class ExactRecovery(TrainerCallback):
    """
    Lets a run that was killed and continued with `allennlp train --recover` end with the weights of an uninterrupted
    run, bit for bit on a CPU. AllenNLP restores weights and optimizer but no random generators: dropout, noise and the
    order of the data differ after a recovery. This callback saves the generator states in each checkpoint, those of
    that moment and those at the start of the epoch, so that the data has the same order and all later random numbers
    are the same. Finished epochs are not read again.

    The metrics of the epochs before the kill are restored as well, in `metrics.json` and `metrics_epoch_*.json`. An
    epoch that is continued in its middle has no training metrics, because they would cover only a part of it. A run
    that stopped early is not trained further, and a finished run stays unchanged.

    In distributed training all processes continue with the generator states of the first one.

    Registered as a `TrainerCallback` with name "exact_recovery".

    # Examples

        "trainer": {"callbacks": ["exact_recovery"], "checkpointer": {"type": "whole", "save_every_num_batches": 500}}
    """

    def __init__(self, serialization_dir: str) -> None:
        super().__init__(serialization_dir)
        self._restored: Optional[Dict[str, Any]] = None
        self._loader: Optional["_ReplayingLoader"] = None
        self._metrics: List[Dict[str, Any]] = []  # of each epoch

    def on_start(self, trainer: "GradientDescentTrainer", is_primary: bool = True, **kwargs: Any) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        self._loader = _ReplayingLoader(trainer, self._restored)
        trainer.data_loader = self._loader
        if trainer._validation_data_loader is not None:
            trainer._validation_data_loader = knowing_its_place(trainer._validation_data_loader)
        if self._restored is not None:
            self._restore(trainer, self._restored, is_primary)

    def _restore(self, trainer: "GradientDescentTrainer", state: Dict[str, Any], is_primary: bool) -> None:
        self._metrics = state.get("metrics", [])
        for epoch, metrics in enumerate(self._metrics):
            path = Path(self.serialization_dir, f"metrics_epoch_{epoch}.json")
            found = _read(path)
            if {**found, **_DURATION} == {**metrics, **_DURATION}:
                metrics.update(found)  # a callback may have corrected the duration
            elif is_primary:
                common_util.dump_metrics(str(path), metrics)
        if self._metrics:
            # The tracker counts only the epochs with validation.
            trainer._metric_tracker.best_epoch = self._metrics[-1].get("best_epoch")
        if position_of(trainer._validation_data_loader) is not None:
            trainer._validation_data_loader.load_state_dict(state.get("validation_data_loader") or {})
        if trainer._scaler is not None and state.get("scaler"):
            trainer._scaler.load_state_dict(state["scaler"])
        if trainer._metric_tracker.should_stop_early():
            trainer._num_epochs = trainer._start_after_epochs_completed

    def on_epoch(
        self,
        trainer: "GradientDescentTrainer",
        metrics: Dict[str, Any],
        epoch: int,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        self._metrics.append(dict(metrics))

    def on_end(
        self,
        trainer: "GradientDescentTrainer",
        metrics: Optional[Dict[str, Any]] = None,
        epoch: Optional[int] = None,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        if metrics is not None and "epoch" not in metrics and self._metrics:
            metrics.update(self._metrics[-1])  # all epochs were finished before the kill
        if self._loader is not None:
            trainer.data_loader = self._loader.original
            self._loader = None

    def state_dict(self) -> Dict[str, Any]:
        assert self._loader is not None
        assert self.trainer is not None
        return {
            "random_state": get_random_state(),
            "random_state_at_epoch_start": self._loader.random_state_at_epoch_start,
            "data_loader": position_of(self._loader.data_loader),
            "validation_data_loader": position_of(self.trainer._validation_data_loader),
            "data_loader_at_epoch_start": self._loader.position_at_epoch_start,
            "total_batches_completed": self.trainer._total_batches_completed,
            "should_validate": self.trainer._should_validate_this_epoch,
            "metrics": self._metrics,
            "scaler": None if self.trainer._scaler is None else self.trainer._scaler.state_dict(),
        }

    def load_state_dict(self, state_dict: Dict[str, Any]) -> None:
        self._restored = state_dict


_DURATION = {"training_duration": None}


def _read(path: Path) -> Dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


class _ReplayingLoader(LoaderAround):
    """Wraps the trainer's loader, and starts at the position of the checkpoint after a recovery."""

    def __init__(self, trainer: "GradientDescentTrainer", restored: Optional[Dict[str, Any]]) -> None:
        super().__init__(knowing_its_place(trainer.data_loader))
        self.original = trainer.data_loader
        self.random_state_at_epoch_start: Optional[Dict[str, Any]] = None
        self.position_at_epoch_start: Optional[Dict[str, Any]] = None
        self._trainer = trainer
        self._restored = restored

    def __iter__(self) -> Iterator[TensorDict]:
        trainer, restored = self._trainer, self._restored
        if restored is None:
            return self._epoch()
        if trainer._epochs_completed < trainer._start_after_epochs_completed:
            return iter(())

        self._restored = None
        # Callbacks have set the flag for the first epoch.
        trainer._should_validate_this_epoch = restored.get("should_validate", trainer._should_validate_this_epoch)
        batches_done = trainer._start_after_batches_in_epoch_completed
        # The trainer counts the batches that it skips again.
        trainer._total_batches_completed = restored["total_batches_completed"] - batches_done
        if batches_done:
            return self._rest_of_epoch(restored, batches_done)
        # Before the first batch, because some samplers draw random numbers to determine the number of batches.
        set_random_state(restored["random_state"])
        self._go_to(restored.get("data_loader"))
        return self._epoch()

    def _epoch(self) -> Iterator[TensorDict]:
        self.random_state_at_epoch_start = get_random_state()
        self.position_at_epoch_start = position_of(self.data_loader)
        yield from self.data_loader

    def _rest_of_epoch(self, restored: Dict[str, Any], batches_done: int) -> Iterator[TensorDict]:
        set_random_state(restored["random_state_at_epoch_start"])
        self.random_state_at_epoch_start = restored["random_state_at_epoch_start"]
        self.position_at_epoch_start = restored.get("data_loader_at_epoch_start")
        self._go_to(self.position_at_epoch_start)
        batches = iter(self.data_loader)
        for _ in range(batches_done * self._trainer._num_gradient_accumulation_steps):
            batch = next(batches, None)
            if batch is None:  # the last group of an epoch may be short
                break
            yield batch
        set_random_state(restored["random_state"])
        yield from batches

    def _go_to(self, position: Optional[Dict[str, Any]]) -> None:
        if position is not None:
            self.data_loader.load_state_dict(position)  # type: ignore[attr-defined]
