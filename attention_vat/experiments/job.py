"""The jobs that are handed to the processes of runs."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Optional, Union

LOG = "log.txt"
ARCHIVE = "model.tar.gz"
TRAINING = "training"


class Job(ABC):
    """
    One run, as it is handed to a process. Subclasses are dataclasses with these fields and whatever `run` needs.

    # Parameters

    directory : `str`
        The directory of this run. Nothing else writes there.
    threads : `int`
    gpus : `str`, optional
        The `CUDA_VISIBLE_DEVICES` of the run: empty for the CPU, `None` to inherit it from the parent process.
    name : `str`
        The name that the progress shows.
    """

    directory: str
    threads: int
    gpus: Optional[str]
    name: str

    @property
    @abstractmethod
    def stage(self) -> str:
        """The current stage, such as `epoch 2/8`, read from the directory of the run."""

    @abstractmethod
    def run(self) -> None:
        """Trains and evaluates, continuing a killed run. The process that calls it ends afterwards."""

    @property
    def log(self) -> Path:
        """The file with the output of the process."""
        return Path(self.directory, LOG)


@dataclass
class TrainAndEvaluate(Job):
    """
    # Parameters

    directory : `str`
        The directory of this run; nothing else writes there.
    config : `Dict[str, Any]`
    test_data : `str`, optional
        The data to evaluate on; `None` for a candidate of a search.
    evaluation : `List[Union[str, Dict[str, Any]]]`
        What to compute on it; see `Experiment`.
    keep_model : `bool`
        Keep `model.tar.gz`.
    facts : `Dict[str, Any]`
        What to write into the result in addition to the numbers.
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
        from attention_vat.experiments.training import train_and_evaluate

        train_and_evaluate(self)


def last_line(log: Path) -> str:
    """Returns the last line in the log of a failed run."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return "no log was written"
    return next((line.strip() for line in reversed(lines) if line.strip()), "the log is empty")
