"""The job that is handed to the process of a run of a search."""

from dataclasses import dataclass
from pathlib import Path
from typing import List, NamedTuple, Optional

from attention_vat.experiments.job import Job
from attention_vat.search.runs import Run


class Halving(NamedTuple):
    """
    Asynchronous successive halving (Li et al. 2020): after `grace_period` epochs, and each time their number has grown
    by the factor `reduction_factor`, a run continues if it is among the best `1/reduction_factor` of the runs that got
    that far.
    """

    grace_period: int = 1
    reduction_factor: int = 3


@dataclass
class TrainTrial(Job):
    """
    # Parameters

    directory : `str`
    metric, mode : `str`
        From `validation_metric`.
    halving : `Halving`, optional
        Without it, the run trains to its end.
    working_directory : `str`
        Where the search was started.
    python_path, packages : `List[str]`
        Where packages are found, and those that `--include-package` names.
    threads, gpus, name
        See `Job`.
    """

    directory: str
    metric: str
    mode: str
    halving: Optional[Halving]
    working_directory: str
    python_path: List[str]
    packages: List[str]
    threads: int = 1
    gpus: Optional[str] = None
    name: str = ""

    @property
    def stage(self) -> str:
        return f"epoch {len(Run(Path(self.directory)).epochs()) + 1}"

    def run(self) -> None:
        # Only the processes of runs need these imports.
        from attention_vat.search.training import train_trial

        train_trial(self)
