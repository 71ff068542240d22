"""The numbers of finished runs as one data frame, the source of tables, tests and figures."""

from __future__ import annotations

import json
import math
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple, Union

from allennlp.common.checks import ConfigurationError

from attention_vat.common.plain_json import dumps
from attention_vat.common.whole_file import written_whole
from attention_vat.experiments.experiment import TRAINING
from attention_vat.experiments.manifest import without_folders
from attention_vat.experiments.matrix import Cell
from attention_vat.experiments.names import row_names, technique_name
from attention_vat.experiments.runs import Runs

if TYPE_CHECKING:
    import pandas


RESULTS = "results.jsonl"
# The columns that identify a run, in order.
KEYS = ["setting", "model", "corpus", "technique", "seed", "epsilon", "unlabeled", "labels", "stage", "run", "path"]


def experiment_results(cells: Sequence[Cell], runs: Runs) -> List[Dict[str, Any]]:
    """Returns the results of all finished runs, with their names in tables. `path` is the folder of a run."""
    found: Dict[Tuple[str, str, str], Dict[str, Any]] = {}
    for cell, model in zip(cells, row_names(cells)):
        final = {run.name for run in runs.final_runs(cell)}
        for run in runs.needed(cell):
            result = runs.result(run)
            if result is None:
                continue
            found[cell.column, model, run.name] = {
                "run": run.name,
                "stage": "final" if run.name in final and "test" in result else "search",
                "setting": cell.column,
                "model": model,
                "labels": cell.part.labels,
                **result,
                "path": str(runs.folder(run)),
            }
    return [*found.values()]


def write_results(path: Path, results: Iterable[Dict[str, Any]]) -> None:
    """Writes `results.jsonl`, one line per run, without the folders of this machine."""
    with written_whole(path) as file:
        for result in results:
            file.write(dumps({k: without_folders(v) for k, v in result.items() if k != "path"}) + "\n")


def results_frame(source: Union[str, PathLike, Iterable[Dict[str, Any]]]) -> pandas.DataFrame:
    """
    Returns the numbers of finished runs, one row per run and measure.

    The columns are `setting` (the name of the corpus in tables), `model` (the row of the tables), `corpus`,
    `technique`, `seed`, `epsilon`, `unlabeled` (the number of sentences), `labels` (of the setting, if the experiment
    states them), `stage` (`"final"` or `"search"`), `run`, `path` (the folder of the run, if known; its
    `predictions.npz` has the values of each sentence), `measure` and `value`. Measures on test data have no prefix;
    others begin with `validation_` or `training_`. Missing and non-finite numbers have no row.

    # Parameters

    source : `Union[str, PathLike, Iterable[Dict[str, Any]]]`
        `results.jsonl` of an experiment, its folder, or the results themselves.

    # Examples

        frame = results_frame("docs/results/few_labels")
        final = frame[(frame.stage == "final") & (frame.measure == "f1")]
        final.groupby(["setting", "model"], sort=False)["value"].agg(["mean", "std", "count"])

    Raises `ConfigurationError` if the file is damaged (it names the line), if a model of a setting has two runs with
    the same seed, or if models of one setting were evaluated on different test data.
    """
    import pandas

    results = list(_lines(Path(source)) if isinstance(source, (str, PathLike)) else source)
    rows = [(*key, name, value) for key, result in zip(map(_key, results), results) for name, value in _numbers(result)]
    frame = pandas.DataFrame(rows, columns=[*KEYS, "measure", "value"])
    frame = frame.astype({"epsilon": float, "unlabeled": float, "labels": float, "value": float})
    _check(frame, results)
    return frame


def _lines(path: Path) -> Iterator[Dict[str, Any]]:
    file = path / RESULTS if path.is_dir() else path
    if not file.is_file():
        raise ConfigurationError(f"There is no {file}; `allennlp reproduce` writes it.")
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            result = json.loads(line)
        except ValueError as error:
            raise ConfigurationError(f"{file}, line {number}: not JSON ({error}).") from error
        if not isinstance(result, dict) or not {"corpus", "technique", "seed", "stage"} <= set(result):
            raise ConfigurationError(f"{file}, line {number}: not a result of `allennlp reproduce`.")
        yield result


def _key(result: Dict[str, Any]) -> List[Any]:
    # Old results lack the names of tables; in their experiments, corpus and technique were enough.
    named = {"setting": result["corpus"], "model": technique_name(result["technique"]), **result}
    named["unlabeled"] = (result.get("unlabeled") or {}).get("count")
    return [named.get(key) for key in KEYS]


def _numbers(result: Dict[str, Any]) -> Iterator[Tuple[str, float]]:
    # Old results have no training metrics except the time.
    training = {**result.get("training", {}), "seconds": result.get("seconds", {}).get("train")}
    for prefix, numbers in (
        ("", result.get("test", {})),
        ("", {name: result.get(name) for name in ("epochs", "best_epoch")}),
        ("validation_", result.get("validation", {})),
        (f"{TRAINING}_", training),
    ):
        for name, value in numbers.items():
            if isinstance(value, (int, float)) and math.isfinite(value):
                yield prefix + name, float(value)


def _check(frame: pandas.DataFrame, results: Sequence[Dict[str, Any]]) -> None:
    final = frame[frame.stage == "final"]
    twice = final[final.duplicated(["setting", "model", "seed", "measure"])]
    for row in twice.itertuples():
        raise ConfigurationError(
            f"There are two runs of {row.setting}/{row.model} with seed {row.seed}, such as {row.run}; rewrite "
            f"{RESULTS} with `allennlp reproduce ... --report-only`."
        )
    data: Dict[Any, Optional[str]] = {}
    for result in results:
        if result["stage"] == "final":
            setting = _key(result)[0]
            if data.setdefault(setting, result.get("test_data")) != result.get("test_data"):
                raise ConfigurationError(
                    f"Models of {setting} were evaluated on different test data; give one part of the experiment "
                    "different `names`."
                )
