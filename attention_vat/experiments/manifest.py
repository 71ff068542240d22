"""The provenance of an experiment, for `manifest.json`, without names of machines, users or folders."""

import os
import platform
from pathlib import Path
from typing import Any, Dict, List, Sequence

import allennlp
import numpy
import scipy
import torch

from attention_vat.experiments.configuration import paths_in
from attention_vat.experiments.fingerprint import config_hash
from attention_vat.experiments.matrix import Cell
from attention_vat.experiments.runs import Runs
from attention_vat.version import VERSION


def manifest(content: Dict[str, Any], cells: Sequence[Cell], runs: Runs) -> Dict[str, Any]:
    """
    # Parameters

    content : `Dict[str, Any]`
        The content of the experiment file, with its overrides.
    cells : `Sequence[Cell]`
    runs : `Runs`
    """
    by_name = {run.name: runs.result(run) for cell in cells for run in runs.needed(cell)}
    results = [result for result in by_name.values() if result is not None]
    seconds = [sum(result["seconds"].values()) for result in results]
    environments = [result["environment"] for result in results if "environment" in result]
    dates = [result["finished"] for result in results]
    return {
        "experiment": without_folders(content),
        "data": {name: config_hash(path) for cell in cells for name, path in _files(cell)},
        "code": sorted({result["code"] for result in results}),
        "evaluation_code": sorted({result["evaluation_code"] for result in results if result.get("evaluation_code")}),
        "environments": [each for number, each in enumerate(environments) if each not in environments[:number]],
        "runs": {
            "finished": len(results),
            "known": len(by_name),
            "seconds": round(sum(seconds), 1),
        },
        "finished": [min(dates), max(dates)] if dates else None,
    }


def _files(cell: Cell) -> List[Any]:
    files = {**dict(paths_in(cell.whole)), "test_data_path": cell.test_data()}
    return [(f"{cell.column}/{name}", path) for name, path in sorted(files.items())]


def without_folders(value: Any) -> Any:
    """Returns the value with each path reduced to its file name."""
    if isinstance(value, dict):
        return {key: without_folders(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_folders(item) for item in value]
    is_path = isinstance(value, str) and (Path(value).is_absolute() or value.startswith(("./", "../", "~")))
    return Path(value).name if is_path else value


def environment() -> Dict[str, Any]:
    """Returns the versions of the libraries and the kind of machine of this process."""
    return {
        "attention_vat": VERSION,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "allennlp": allennlp.__version__,
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "system": platform.system(),
        "processor": _processor(),
        "cpus": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_initialized() else None,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
