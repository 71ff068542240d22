"""The files of a search: a directory for each run, laid out as in AllenTune."""

import re
from os import PathLike
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Union

from allennlp.common.checks import ConfigurationError

from attention_vat.experiments.files import read_json, write_json

SEARCH = "search.json"
HYPERPARAMETERS = "hyperparameters.json"
CONFIG = "config.json"
STATUS = "status.json"
STOP = "stop"
TRIAL = "trial"


class Run(NamedTuple):
    """
    `DIR/NAME/run_00007` holds the values (`hyperparameters.json`), the configuration with them (`config.json`), the
    outcome of the run (`status.json`) and `trial`, an ordinary AllenNLP serialization directory.
    """

    directory: Path

    @property
    def name(self) -> str:
        return self.directory.name

    @property
    def trial(self) -> Path:
        return self.directory / TRIAL

    @property
    def hyperparameters(self) -> Dict[str, Any]:
        return read_json(self.directory / HYPERPARAMETERS) or {}

    @property
    def config(self) -> Dict[str, Any]:
        return read_json(self.directory / CONFIG) or {}

    @property
    def status(self) -> str:
        """`finished`, `stopped` (early), `failed`, or `unfinished`."""
        return (read_json(self.directory / STATUS) or {}).get("status", "unfinished")

    @property
    def error(self) -> str:
        """The last line of the error that made the run fail."""
        return (read_json(self.directory / STATUS) or {}).get("error", "")

    @property
    def is_done(self) -> bool:
        return self.status in ("finished", "stopped")

    def epochs(self, start: int = 0) -> List[Dict[str, Any]]:
        """Returns the metrics of the epochs so far, in order, beginning with epoch `start`."""
        found: List[Dict[str, Any]] = []
        while True:
            metrics = read_json(self.trial / f"metrics_epoch_{start + len(found)}.json")
            if metrics is None:
                return found
            found.append(metrics)

    def finish(self, status: str, error: str = "") -> None:
        write_json(self.directory / STATUS, {"status": status, **({"error": error} if error else {})})


def run_directory(experiment: Path, number: int) -> Path:
    """Returns the directory of a run of a search."""
    return experiment / f"run_{number:05d}"


def list_runs(experiment: Union[str, PathLike]) -> List[Run]:
    """
    Returns all runs of a search, in order.

    Raises `ConfigurationError` if it has no runs.
    """
    runs = [Run(path) for path in sorted(Path(experiment).glob("run_*")) if path.is_dir()]
    if not runs:
        raise ConfigurationError(
            f"There are no runs (run_*) in {experiment}; give LOG_DIR/EXPERIMENT_NAME of a search."
        )
    return runs


def seconds(duration: Optional[str]) -> float:
    """
    Converts a duration to seconds; AllenNLP writes it as `str(timedelta)`.

    # Examples

        seconds("1 day, 2:03:04.5")  # 93784.5

    A missing duration counts as 0. Raises `ValueError` for any other text.
    """
    if not duration:
        return 0.0
    match = re.fullmatch(r"(?:(\d+) days?, )?(\d+):(\d\d):(\d\d(?:\.\d+)?)", duration)
    if match is None:
        raise ValueError(f"{duration!r} is not a duration")
    days, hours, minutes, rest = match.groups()
    return 86400 * int(days or 0) + 3600 * int(hours) + 60 * int(minutes) + float(rest)
