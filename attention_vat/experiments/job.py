"""What a run is to the engine."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Optional

LOG = "log.txt"


class Job(ABC):
    """
    One run, as it is handed to a process. Subclasses are dataclasses with these fields and whatever `run` needs.

    # Parameters

    directory : `str`
        Of this run. Nothing else writes there.
    threads : `int`
    gpus : `str`, optional
        The `CUDA_VISIBLE_DEVICES` of the run: empty for the CPU, `None` for that of the process that starts it.
    name : `str`
        What the progress calls it.
    """

    directory: str
    threads: int
    gpus: Optional[str]
    name: str

    @property
    @abstractmethod
    def stage(self) -> str:
        """How far it is, such as `epoch 2/8`, by what is in its directory."""

    @abstractmethod
    def run(self) -> None:
        """Trains and evaluates; continues what was killed. Called in a process that ends after it."""

    @property
    def log(self) -> Path:
        """What the process prints."""
        return Path(self.directory, LOG)


def last_line(log: Path) -> str:
    """What a failed run said last."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return "no log was written"
    return next((line.strip() for line in reversed(lines) if line.strip()), "the log is empty")
