"""What an experiment was made with, for `manifest.json`. Nothing in it names a machine, a user or a folder."""

from pathlib import Path
from typing import Any, Dict, List, Sequence

from attention_vat.reproduction.configuration import paths_in
from attention_vat.reproduction.fingerprint import config_hash
from attention_vat.reproduction.matrix import Cell
from attention_vat.reproduction.runs import Runs


def manifest(content: Dict[str, Any], cells: Sequence[Cell], runs: Runs) -> Dict[str, Any]:
    """
    # Parameters

    content : `Dict[str, Any]`
        Of the experiment file, with its overrides.
    cells : `Sequence[Cell]`
    runs : `Runs`
    """
    by_name = {run.name: runs.result(run) for cell in cells for run in runs.needed(cell)}
    results = [result for result in by_name.values() if result is not None]
    seconds = [sum(result["seconds"].values()) for result in results]
    dates = [result["finished"] for result in results]
    return {
        "experiment": without_folders(content),
        "data": {name: config_hash(path) for cell in cells for name, path in _files(cell)},
        "code": sorted({result["code"] for result in results}),
        "evaluation_code": sorted({result["evaluation_code"] for result in results if result.get("evaluation_code")}),
        "environments": _distinct([result["environment"] for result in results if "environment" in result]),
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
    if isinstance(value, dict):
        return {key: without_folders(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_folders(item) for item in value]
    is_path = isinstance(value, str) and (Path(value).is_absolute() or value.startswith(("./", "../", "~")))
    return Path(value).name if is_path else value


def _distinct(items: Sequence[Dict[str, Any]]) -> List[Dict[str, Any]]:
    found: List[Dict[str, Any]] = []
    for item in items:
        if item not in found:
            found.append(item)
    return found
