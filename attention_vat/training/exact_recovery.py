"""Going on after a kill as if nothing had happened."""

from typing import TYPE_CHECKING, Any, Dict, Iterator, Optional

import torch
from allennlp.data import DataLoader, Instance, TensorDict, Vocabulary
from allennlp.training.callbacks import TrainerCallback

from attention_vat.common.random_state import get_random_state, set_random_state

if TYPE_CHECKING:
    from allennlp.training import GradientDescentTrainer


@TrainerCallback.register("exact_recovery")
class ExactRecovery(TrainerCallback):
    """
    Makes a run that was killed and continued by `allennlp train --recover` end with the weights of an uninterrupted
    run, bit for bit on a CPU. AllenNLP restores weights and optimizer but no random generators: dropout, noise and the
    order of the data differ after a recovery. This callback keeps the generators' states in each checkpoint, as they
    were there and as they were at the start of the epoch, so that the data comes in the same order and what follows
    draws the same numbers. Finished epochs are not read again.

    In distributed training all processes continue with the generators of the first one.

    Registered as a `TrainerCallback` with name "exact_recovery".

    # Examples

        "trainer": {"callbacks": ["exact_recovery"], "checkpointer": {"type": "whole", "save_every_num_batches": 500}}
    """

    def __init__(self, serialization_dir: str) -> None:
        super().__init__(serialization_dir)
        self._restored: Optional[Dict[str, Any]] = None
        self._loader: Optional["_ReplayingLoader"] = None

    def on_start(self, trainer: "GradientDescentTrainer", is_primary: bool = True, **kwargs: Any) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        self._loader = _ReplayingLoader(trainer, self._restored)
        trainer.data_loader = self._loader

    def on_end(self, trainer: "GradientDescentTrainer", *args: Any, **kwargs: Any) -> None:
        if self._loader is not None:
            trainer.data_loader = self._loader.data_loader
            self._loader = None

    def state_dict(self) -> Dict[str, Any]:
        assert self._loader is not None
        assert self.trainer is not None
        return {
            "random_state": get_random_state(),
            "random_state_at_epoch_start": self._loader.random_state_at_epoch_start,
            "data_loader": self._loader.position(),
            "data_loader_at_epoch_start": self._loader.position_at_epoch_start,
            "total_batches_completed": self.trainer._total_batches_completed,
        }

    def load_state_dict(self, state_dict: Dict[str, Any]) -> None:
        self._restored = state_dict


class _ReplayingLoader(DataLoader):
    """The trainer's loader, which after a recovery starts where the checkpoint was."""

    def __init__(self, trainer: "GradientDescentTrainer", restored: Optional[Dict[str, Any]]) -> None:
        self.data_loader = trainer.data_loader
        self.random_state_at_epoch_start: Optional[Dict[str, Any]] = None
        self.position_at_epoch_start: Optional[Dict[str, Any]] = None
        self._trainer = trainer
        self._restored = restored

    def __iter__(self) -> Iterator[TensorDict]:
        trainer, restored = self._trainer, self._restored
        if restored is None:
            self.random_state_at_epoch_start = get_random_state()
            self.position_at_epoch_start = self.position()
            yield from self.data_loader
            return
        if trainer._epochs_completed < trainer._start_after_epochs_completed:
            return

        self._restored = None
        batches_done = trainer._start_after_batches_in_epoch_completed
        # The trainer counts what it passes over once more.
        trainer._total_batches_completed = restored["total_batches_completed"] - batches_done
        at_start = restored["random_state_at_epoch_start"] if batches_done else restored["random_state"]
        set_random_state(at_start)
        self.random_state_at_epoch_start = at_start
        self.position_at_epoch_start = restored.get("data_loader_at_epoch_start" if batches_done else "data_loader")
        if self.position_at_epoch_start is not None:
            self.data_loader.load_state_dict(self.position_at_epoch_start)
        batches = iter(self.data_loader)
        for _ in range(batches_done * trainer._num_gradient_accumulation_steps):
            batch = next(batches, None)
            if batch is None:  # the last group of an epoch may be short
                break
            yield batch
        set_random_state(restored["random_state"])
        yield from batches

    def position(self) -> Optional[Dict[str, Any]]:
        """Where a loader is whose epochs are parts of a pass; AllenNLP's do not tell."""
        return self.data_loader.state_dict() if hasattr(self.data_loader, "state_dict") else None

    def __len__(self) -> int:
        return len(self.data_loader)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.data_loader, name)

    def iter_instances(self) -> Iterator[Instance]:
        return self.data_loader.iter_instances()

    def index_with(self, vocab: Vocabulary) -> None:
        self.data_loader.index_with(vocab)

    def set_target_device(self, device: torch.device) -> None:
        self.data_loader.set_target_device(device)
