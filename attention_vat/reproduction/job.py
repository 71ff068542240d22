"""What the process of one run is told."""

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Union

LOG = "log.txt"
ARCHIVE = "model.tar.gz"
METRICS = "metrics.json"


@dataclass
class Job:
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
    threads : `int`
    gpus : `str`, optional
        The `CUDA_VISIBLE_DEVICES` of the run: empty for the CPU, `None` for that of the process that starts it.
    """

    directory: str
    config: Dict[str, Any]
    test_data: Optional[str]
    evaluation: List[Union[str, Dict[str, Any]]]
    keep_model: bool
    facts: Dict[str, Any]
    threads: int = 1
    gpus: Optional[str] = None
