"""What a search leaves on disk: a directory for each run, laid out as AllenTune does."""

import json
from os import PathLike
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Union

from allennlp.common.checks import ConfigurationError

from attention_vat.common.plain_json import dumps
from attention_vat.common.whole_file import written_whole

SEARCH = "search.json"
HYPERPARAMETERS = "hyperparameters.json"
CONFIG = "config.json"
STATUS = "status.json"
STOP = "stop"
TRIAL = "trial"


class Run(NamedTuple):
    """
    `DIR/NAME/run_00007` holds the values (`hyperparameters.json`), the configuration with them (`config.json`), the
    end of the run (`status.json`) and `trial`, an ordinary serialization directory of AllenNLP.
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
        """The last line of what made the run fail."""
        return (read_json(self.directory / STATUS) or {}).get("error", "")

    @property
    def is_done(self) -> bool:
        return self.status in ("finished", "stopped")

    def epochs(self, start: int = 0) -> List[Dict[str, Any]]:
        """The metrics of the epochs so far, in their order, without the first ones."""
        found: List[Dict[str, Any]] = []
        while True:
            metrics = read_json(self.trial / f"metrics_epoch_{start + len(found)}.json")
            if metrics is None:
                return found
            found.append(metrics)

    def finish(self, status: str, error: str = "") -> None:
        write_json(self.directory / STATUS, {"status": status, **({"error": error} if error else {})})


def run_directory(experiment: Path, number: int) -> Path:
    return experiment / f"run_{number:05d}"


def list_runs(experiment: Union[str, PathLike]) -> List[Run]:
    """
    All runs of a search, in their order.

    Raises `ConfigurationError` if there are none.
    """
    runs = [Run(path) for path in sorted(Path(experiment).glob("run_*")) if path.is_dir()]
    if not runs:
        raise ConfigurationError(
            f"There are no runs (run_*) in {experiment}; give LOG_DIR/EXPERIMENT_NAME of a search."
        )
    return runs


def read_json(path: Path) -> Optional[Dict[str, Any]]:
    """`None` if the file is not there or was cut short by a kill."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write_json(path: Path, content: Any) -> None:
    with written_whole(path) as file:
        file.write(dumps(content, indent=2) + "\n")
