"""What the process of one run is told."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Optional, Union

from attention_vat.experiments.job import Job

ARCHIVE = "model.tar.gz"
TRAINING = "training"


@dataclass
class TrainAndEvaluate(Job):
    """
    # Parameters

    directory : `str`
        Of this run; nothing else writes there.
    config : `Dict[str, Any]`
    test_data : `str`, optional
        Evaluate on it; without it the run is a candidate of a search.
    evaluation : `List[Union[str, Dict[str, Any]]]`
        What to compute on it, see `Experiment`.
    keep_model : `bool`
        Leave `model.tar.gz` there.
    facts : `Dict[str, Any]`
        What to write into the result beside the numbers.
    threads, gpus, name
        See `Job`.
    """

    directory: str
    config: Dict[str, Any]
    test_data: Optional[str] = None
    evaluation: List[Union[str, Dict[str, Any]]] = field(default_factory=list)
    keep_model: bool = False
    facts: Dict[str, Any] = field(default_factory=dict)
    threads: int = 1
    gpus: Optional[str] = None
    name: str = ""

    @property
    def stage(self) -> str:
        if Path(self.directory, ARCHIVE).exists():
            return "evaluation"
        epochs = self.config["trainer"]["num_epochs"]
        finished = len(list(Path(self.directory, TRAINING).glob("metrics_epoch_*.json")))
        return f"epoch {min(finished + 1, epochs)}/{epochs}"

    def run(self) -> None:
        # Only the processes of runs need these imports.
        from attention_vat.reproduction.training import train_and_evaluate

        train_and_evaluate(self)
