"""Measures how readable the attention of each run is."""

import logging
from os import PathLike
from os.path import isfile
from pathlib import Path
from typing import Any, Dict, List, Sequence, Union

from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError

from attention_vat.experiments.files import read_json, write_json
from attention_vat.interpret.evaluation import evaluate_archive

ATTENTION = "attention.json"


def add_attention(rows: Sequence[Dict[str, Any]], data: Union[str, PathLike], cuda_device: int = -1) -> None:
    """
    Adds `attention.NAME` to each row: the numbers of `allennlp evaluate-attention` for the run's best model. They are
    kept in the run's directory and recomputed only for other data.

    # Parameters

    rows : `Sequence[Dict[str, Any]]`
        From `collect`.
    data : `Union[str, PathLike]`
        Sentences, preferably the validation data.
    cuda_device : `int`, optional (default = `-1`)

    Raises `ConfigurationError` if the data is missing.
    """
    path = data_file(data)
    identity = {"data": str(path), "bytes": path.stat().st_size}
    missing: List[Dict[str, Any]] = []
    for row in rows:
        known = read_json(_file(row)) or {}
        if {key: known.get(key) for key in identity} == identity:
            _add(row, known["metrics"])
        else:
            missing.append(row)
    for name in ("allennlp.common.params", "allennlp.nn.initializers"):
        logging.getLogger(name).disabled = True
    for row in Tqdm.tqdm(missing, desc="evaluating attention", disable=not missing):
        evaluation = evaluate_archive(Path(row["directory"], "model.tar.gz"), str(path), cuda_device=cuda_device)
        metrics = {name: estimate.value for name, estimate in evaluation.metrics.items()}
        write_json(_file(row), {**identity, "metrics": metrics})
        _add(row, metrics)


def data_file(data: Union[str, PathLike]) -> Path:
    """
    Returns the absolute path of the data.

    Raises `ConfigurationError` if it is missing.
    """
    path = Path(data).resolve()
    if not isfile(path):
        raise ConfigurationError(f"There is no data file {data}.")
    return path


def _file(row: Dict[str, Any]) -> Path:
    return Path(row["directory"]).parent / ATTENTION


def _add(row: Dict[str, Any], metrics: Dict[str, Any]) -> None:
    row.update({f"attention.{name}": value for name, value in metrics.items()})
