"""Checkpoints that survive a kill while they are written."""

import logging
import os
import zipfile
from typing import Set, Tuple

from allennlp.training import Checkpointer

logger = logging.getLogger(__name__)


@Checkpointer.register("whole")
class WholeCheckpointer(Checkpointer):
    """
    AllenNLP's checkpointer, which goes back to the last checkpoint that is whole. AllenNLP writes the model and then
    the training state in place, and recovers from the newest model file: a process killed in between leaves a
    checkpoint that cannot be loaded, and `--recover` fails. The files are zip archives with their directory at the end,
    so one that was cut short is recognised without loading it.

    Registered as a `Checkpointer` with name "whole". Its parameters are those of AllenNLP's `Checkpointer`; keep at
    least 2 checkpoints (`keep_most_recent_by_count`), so that there is one to go back to.

    # Examples

        "checkpointer": {"type": "whole", "save_every_num_batches": 500, "keep_most_recent_by_count": 2}
    """

    def _find_all_checkpoints(self) -> Set[Tuple[int, int]]:
        return {point for point in super()._find_all_checkpoints() if self._is_whole(*point)}

    def _is_whole(self, epochs_completed: int, batches_in_epoch_completed: int) -> bool:
        paths = [
            self._model_state_path(epochs_completed, batches_in_epoch_completed),
            self._training_state_path(epochs_completed, batches_in_epoch_completed),
        ]
        if all(zipfile.is_zipfile(path) for path in paths):
            return True
        logger.warning("Removing a checkpoint that was not written to its end: %s, %s", *paths)
        # AllenNLP does not write over existing files, so these would later be taken for the new checkpoint's.
        for path in filter(os.path.exists, paths):
            os.remove(path)
        return False
