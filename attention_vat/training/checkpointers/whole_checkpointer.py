"""Checkpoints that are written atomically and checked on recovery."""

import logging
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Dict, Optional, Set, Tuple

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.common.file_utils import hardlink_or_copy
from allennlp.training import Checkpointer
from allennlp.training.trainer import Trainer, TrainerCheckpoint

from attention_vat.common.checkpoint_record import CheckpointFiles, every_checkpoint
from attention_vat.common.checksums import checksum, is_whole_zip
from attention_vat.common.whole_file import replaced_whole

logger = logging.getLogger(__name__)


@Checkpointer.register("whole")
class WholeCheckpointer(Checkpointer):
    """
    Extends AllenNLP's checkpointer to recover from the last intact checkpoint. AllenNLP writes the model, the training
    state and then `best.th` in place, and recovers from the newest model file without checking it: a kill in between
    leaves a checkpoint that cannot be loaded, or a `best.th` that is not the best.

    Here a checkpoint has everything that a recovery needs: the model, the training state, the best model so far (a hard
    link, which takes no space) and the checksums of all of them, in `checkpoint_*.json`. The files are written
    atomically. A recovery verifies the checksums, skips a damaged checkpoint with a warning, and restores `best.th`.
    Checkpoints of earlier versions have no checksums; they are checked with the CRCs of their zip archives.

    Registered as a `Checkpointer` with name "whole". Its parameters are those of AllenNLP's `Checkpointer`; keep at
    least 2 checkpoints (`keep_most_recent_by_count`), so that an earlier one is available.

    Raises `ConfigurationError` on recovery if the vocabulary is not that of the run, or if `best.th` is damaged and no
    checkpoint contains it.

    # Examples

        "checkpointer": {"type": "whole", "save_every_num_batches": 500, "keep_most_recent_by_count": 2}
    """

    def __init__(self, serialization_dir: str, **kwargs: Any) -> None:
        super().__init__(serialization_dir, **kwargs)
        self._whole: Set[Tuple[int, int]] = set()
        self._checksum_of_best: Tuple[Any, str] = (None, "")

    @property
    def _best(self) -> Path:
        return Path(self._serialization_dir, "best.th")

    def _files(self, epochs_completed: int, batches_in_epoch_completed: int) -> CheckpointFiles:
        return CheckpointFiles.at(Path(self._model_state_path(epochs_completed, batches_in_epoch_completed)))

    def save_checkpoint(self, trainer: Trainer) -> None:
        state = trainer.get_checkpoint_state()
        if state is not None:
            point = (state.trainer_state["epochs_completed"], state.trainer_state["batches_in_epoch_completed"])
            self._write(self._files(*point), state, _is_best(trainer, point))
            self._whole.add(point)
        # AllenNLP does not overwrite existing files, so it does only the rest.
        super().save_checkpoint(trainer)

    def _write(self, files: CheckpointFiles, state: TrainerCheckpoint, is_best: bool) -> None:
        with ExitStack() as stack:
            # The files are renamed in reverse order, so the model, which identifies a checkpoint, comes last.
            model = stack.enter_context(replaced_whole(files.model))
            training = stack.enter_context(replaced_whole(files.training))
            torch.save(state.model_state, model)
            torch.save(state.trainer_state, training)
            checksums = {files.model.name: checksum(model), files.training.name: checksum(training)}
            has_best = not is_best and state.trainer_state["epochs_completed"] > 0
            if has_best and self._best.exists() and not self.state_is_sharded:
                with replaced_whole(files.best) as aside:
                    hardlink_or_copy(self._best, aside)
                checksums[files.best.name] = self._checksum(files.best)
            files.write_record(checksums, is_best)

    def _checksum(self, best: Path) -> str:
        status = os.stat(best)
        unchanged = (status.st_ino, status.st_size, status.st_mtime_ns)
        if self._checksum_of_best[0] != unchanged:
            self._checksum_of_best = (unchanged, checksum(best))
        return self._checksum_of_best[1]

    def _find_all_checkpoints(self) -> Set[Tuple[int, int]]:
        points = super()._find_all_checkpoints()
        for point in sorted(points - self._whole, reverse=True):
            if self._files(*point).is_whole():
                self._whole.add(point)
            else:
                files = self._files(*point)
                logger.warning("Skipping a damaged or incomplete checkpoint: %s, %s", *files[:2])
                # Otherwise it would count towards the checkpoints to keep.
                if self._is_primary or self.state_is_sharded:
                    files.remove()
        return points & self._whole

    def _remove_checkpoint(self, epochs_completed: int, batches_in_epoch_completed: int) -> None:
        # AllenNLP's pattern for batch 1 would also remove batches 10 to 19.
        self._whole.discard((epochs_completed, batches_in_epoch_completed))
        if self.state_is_sharded:
            super()._remove_checkpoint(epochs_completed, batches_in_epoch_completed)
        else:
            self._files(epochs_completed, batches_in_epoch_completed).remove()

    def load_checkpoint(self) -> Optional[TrainerCheckpoint]:
        self._whole = set()
        latest = self.find_latest_checkpoint()
        if self._is_primary and not self.state_is_sharded:
            self._remove_remains()
            self._remove_surplus()
        if latest is None:
            logger.info("No intact checkpoint was found; training starts with the first epoch.")
            return None
        files = CheckpointFiles.at(Path(latest[0]))
        files.check_run()
        try:
            checkpoint = super().load_checkpoint()
        except Exception as error:
            raise ConfigurationError(
                f"{files.model} and {files.training} cannot be loaded ({error}). Remove both to continue from the "
                "previous checkpoint."
            ) from error
        assert checkpoint is not None
        state = checkpoint.trainer_state
        # Keeps the schedule of the next checkpoint.
        self._last_save_num_epochs_completed = state["epochs_completed"]
        self._last_save_num_batches_in_epoch_completed = state["batches_in_epoch_completed"]
        if not self.state_is_sharded and state["epochs_completed"] > 0:
            if self._is_primary:
                self._restore_best(files, checkpoint)
            if self._best.exists():
                # The saved path may be older than the link, or point to a folder that has since been renamed.
                state["best_model_filename"] = str(self._best)
        return checkpoint

    def _remove_remains(self) -> None:
        """Removes checkpoints that were being written or removed when the process was killed."""
        whole = {self._files(*point) for point in self._whole}
        for files in every_checkpoint(Path(self._serialization_dir)):
            if files not in whole:
                files.remove()

    def _remove_surplus(self) -> None:
        """Removes old checkpoints that a process was about to remove when it was killed."""
        if self._keep_most_recent_by_count is not None and self._keep_most_recent_by_age is None:
            for point in sorted(self._whole, reverse=True)[self._keep_most_recent_by_count :]:
                self._remove_checkpoint(*point)

    def _restore_best(self, files: CheckpointFiles, checkpoint: TrainerCheckpoint) -> None:
        state = checkpoint.trainer_state
        record = files.read_record()
        has_best = files.best.name in record.checkpoint if record is not None else is_whole_zip(files.best)
        if has_best:
            with replaced_whole(self._best) as aside:
                hardlink_or_copy(files.best, aside)
        elif record.is_best if record is not None else _says_best(state):
            averages = state.get("moving_average")
            with replaced_whole(self._best) as aside:
                if averages is None:
                    hardlink_or_copy(files.model, aside)
                else:
                    torch.save(_averaged(checkpoint.model_state, averages["shadows"]), aside)
        elif record is None and not is_whole_zip(self._best):
            raise ConfigurationError(
                f"{self._best}, the model of the best epoch, is damaged or missing, and no checkpoint contains "
                "it. Restore it, or start over with --force."
            )


def _is_best(trainer: Trainer, point: Tuple[int, int]) -> bool:
    """Whether the trainer is about to write its weights to `best.th`, by the condition of AllenNLP's trainer."""
    tracker = getattr(trainer, "_metric_tracker", None)
    validates = getattr(trainer, "_should_validate_this_epoch", True)
    return point[1] == 0 and validates and (tracker is None or tracker.is_best_so_far())


def _says_best(trainer_state: Dict[str, Any]) -> bool:
    """Applies the same condition to a training state, for a checkpoint without a record."""
    is_end_of_epoch = trainer_state["batches_in_epoch_completed"] == 0
    return is_end_of_epoch and trainer_state["metric_tracker"]["is_best_so_far"]


def _averaged(model_state: Dict[str, torch.Tensor], averages: Dict[str, torch.Tensor]) -> Dict[str, torch.Tensor]:
    """Returns the model's state with averaged parameters, each under all of its names in the model."""
    by_place = {model_state[name].data_ptr(): average for name, average in averages.items()}
    return {name: by_place.get(value.data_ptr(), value) for name, value in model_state.items()}
