"""The results of searches as a table, in AllenTune's format."""

import os
from os import PathLike
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

import numpy
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from attention_vat.common.plain_json import dumps
from attention_vat.common.whole_file import written_whole
from attention_vat.experiments.files import read_json
from attention_vat.plots import Points
from attention_vat.reports.table import format_table
from attention_vat.search.configuration import validation_metric
from attention_vat.search.runs import Run, list_runs, seconds

RESULTS = "results.jsonl"
Row = Dict[str, Any]
# The defaults of AllenNLP.
_SEEDS = {"random_seed": 13370, "numpy_seed": 1337, "pytorch_seed": 133}


def collect(experiments: Sequence[Union[str, PathLike]], model: Optional[str] = None) -> List[Row]:
    """
    Returns a row for each run that is done: metrics, configuration and seeds with their keys joined by dots and
    `training_duration` in seconds, as `allentune report` writes them, and also `model` (the name of the search), `run`,
    `status`, and the sampled values as `hyperparameters.NAME`.

    # Parameters

    experiments : `Sequence[Union[str, PathLike]]`
        `LOG_DIR/EXPERIMENT_NAME` of one or more searches.
    model : `str`, optional
        The name of a single search.

    Raises `ConfigurationError` if a directory has no runs, or no run is done.
    """
    paths = [Path(os.path.abspath(experiment)) for experiment in experiments]
    names = [path.name for path in paths]
    if len(set(names)) < len(names):
        names = [str(path) for path in paths]
    if model is not None and len(paths) == 1:
        names = [model]
    rows = [row for path, name in zip(paths, names) for run in list_runs(path) for row in _rows(run, name)]
    if not rows:
        raise ConfigurationError(f"No run in {', '.join(map(str, paths))} is done yet.")
    return rows


def _rows(run: Run, model: str) -> List[Row]:
    metrics, config = read_json(run.trial / "metrics.json"), read_json(run.trial / "config.json")
    # AllenTune's own runs have no status.
    if metrics is None or config is None or run.status == "failed":
        return []
    row = {"directory": f"{run.trial}{os.sep}", **_SEEDS, **config, **metrics, "hyperparameters": run.hyperparameters}
    flat = Params(row).as_flat_dict()
    flat.update(training_duration=seconds(metrics.get("training_duration")), model=model, run=run.name)
    flat["status"] = run.status if run.status != "unfinished" else "finished"
    return [flat]


def write_results(path: Path, rows: Sequence[Row]) -> None:
    """Writes `results.jsonl`. As in AllenTune, every row has every key, with `null` if a run has no value."""
    keys = list(dict.fromkeys(key for row in rows for key in row))
    with written_whole(path) as file:
        for row in rows:
            file.write(dumps({key: row.get(key) for key in keys}) + "\n")


def choose_metric(rows: Sequence[Row], metric: Optional[str] = None, mode: Optional[str] = None) -> Tuple[str, str]:
    """
    Returns a metric and its direction, by default `best_` and the validation metric of the first run, in its direction.
    For other metrics more is better, unless they end in `loss`.
    """
    name, direction = validation_metric({"trainer": {"validation_metric": rows[0].get("trainer.validation_metric")}})
    default = f"best_{name}"
    if metric not in (None, default):
        direction = "min" if str(metric).endswith("loss") else "max"
    return metric or default, mode or direction


def values_of(rows: Sequence[Row], metric: str) -> List[float]:
    """
    Returns the finite values of a metric. Raises a `ConfigurationError` that lists known metrics if no row has it.
    """
    values = [row[metric] for row in rows if _is_number(row.get(metric))]
    if not values and any(metric in row for row in rows):
        raise ConfigurationError(f"{metric} is not finite in any of the {len(rows)} runs; choose another --metric.")
    if not values:
        known = sorted(
            {key for row in rows for key, value in row.items() if "validation_" in key and _is_number(value)}
        )
        raise ConfigurationError(f"There is no metric {metric}; choose from {', '.join(known)}.")
    return values


def by_model(rows: Sequence[Row]) -> Dict[str, List[Row]]:
    """Groups the rows by model."""
    groups: Dict[str, List[Row]] = {}
    for row in rows:
        groups.setdefault(row["model"], []).append(row)
    return groups


def epsilon_points(rows: Sequence[Row], metric: str) -> Dict[str, Points]:
    """
    Returns the ε of the first regularizer of each run's configuration and the run's metric, by the regularizer's type.
    Runs without a finite metric, or without an ε above 0, are left out.
    """
    points: Dict[str, Points] = {}
    for row in rows:
        regularizer: Dict[str, Any] = (row.get("model.regularizers") or [{}])[0]
        epsilon: Any = regularizer.get("epsilon")
        value: Any = row.get(metric)
        if _is_number(epsilon) and epsilon > 0 and _is_number(value):
            group = points.setdefault(regularizer["type"], Points([], []))
            group.x.append(epsilon)
            group.value.append(value)
    return points


def summaries(rows: Sequence[Row], metric: Optional[str] = None, mode: Optional[str] = None) -> List[Dict[str, Any]]:
    """
    Returns for each search its `model`, the `metric`, the number of `runs` with a finite value `of` all, `best`,
    `mean`, `std` (of a sample; `None` for a single run), `median`, `worst`, and the directory of the `best_run`.

    # Parameters

    rows : `Sequence[Row]`
    metric, mode : `str`, optional
        See `choose_metric`.
    """
    metric, mode = choose_metric(rows, metric, mode)
    sign = 1 if mode == "max" else -1
    found = []
    for model, group in by_model(rows).items():
        values = sign * numpy.array(values_of(group, metric))
        best = max((row for row in group if _is_number(row.get(metric))), key=lambda row: sign * row[metric])
        numbers = {"best": values.max(), "mean": values.mean(), "median": numpy.median(values), "worst": values.min()}
        found.append(
            {
                "model": model,
                "metric": metric,
                "runs": len(values),
                "of": len(group),
                **{name: sign * float(number) for name, number in numbers.items()},
                "std": float(values.std(ddof=1)) if len(values) > 1 else None,
                "best_run": best["directory"],
            }
        )
    return found


def summary_table(
    rows: Sequence[Row], metric: Optional[str] = None, mode: Optional[str] = None, markdown: bool = False
) -> str:
    """
    Returns a table with one line per search: best, mean and standard deviation (of a sample), median, worst, and the
    directory of the best run. Runs whose metric is missing or not finite do not count, and are named below the table.

    # Parameters

    rows : `Sequence[Row]`
    metric, mode : `str`, optional
        See `choose_metric`.
    markdown : `bool`, optional (default = `False`)
    """
    metric, mode = choose_metric(rows, metric, mode)
    header = [metric, "runs", "best", "mean ± std", "median", "worst", "best run"]
    lines = []
    for one in summaries(rows, metric, mode):
        cells = [f"{one[name]:.4f}" for name in ("best", "mean", "median", "worst")]
        cells[1] += f" ± {one['std']:.4f}" if one["std"] is not None else ""
        count = str(one["runs"]) if one["runs"] == one["of"] else f"{one['runs']} of {one['of']}"
        lines.append([one["model"], count, *cells, one["best_run"]])
    without = [row for group in by_model(rows).values() for row in group if not _is_number(row.get(metric))]
    table = format_table(header, lines, markdown)
    if not without:
        return table
    named = [f"{row['directory']} ({_kind(row.get(metric))})" for row in without]
    return (
        f"{table}\n\nBest, mean, median and worst are of the other runs; {metric} is not finite in "
        f"{len(named)}: {', '.join(named)}."
    )


def _kind(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else "missing"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and numpy.isfinite(value)
