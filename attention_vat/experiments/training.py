"""One training, wherever it was left."""

import copy
from pathlib import Path
from typing import Any, Dict

from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.models.archival import archive_model

METRICS = "metrics.json"


def train(config: Dict[str, Any], directory: Path) -> None:
    """
    Trains a configuration into a serialization directory, from its last checkpoint if there is one; of a training that
    was finished, it makes the archive again.
    """
    if (directory / METRICS).exists() and (directory / "best.th").exists():
        # What a kill may have cut short is the archive.
        archive_model(directory)
        return
    # A run that was killed before its first checkpoint has nothing to recover; seeds are in its configuration.
    recover = any(directory.glob("training_state_*"))
    train_model(
        Params(copy.deepcopy(config)),
        str(directory),
        recover=recover,
        force=not recover,
        return_model=False,
        file_friendly_logging=True,
    )
