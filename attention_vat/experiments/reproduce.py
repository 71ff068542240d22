"""Runs an experiment, from its file to its tables."""

import fnmatch
import json
from os import PathLike
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence, Union

from allennlp.common.checks import ConfigurationError

from attention_vat.common.directories import make_writable
from attention_vat.common.locks import only_one
from attention_vat.experiments.estimate import Work, duration, work_left
from attention_vat.experiments.executors import LocalExecutor, RayExecutor
from attention_vat.experiments.experiment import experiment_path, load_experiment, read_experiment
from attention_vat.experiments.figures import check_amounts
from attention_vat.experiments.frame import RESULTS
from attention_vat.experiments.gpus import check_gpus, check_share, visible_gpus
from attention_vat.experiments.loop import Failure
from attention_vat.experiments.matrix import Cell, cells_of
from attention_vat.experiments.report import write_report
from attention_vat.experiments.runs import Runs
from attention_vat.experiments.schedule import run_all
from attention_vat.reports.table import format_table


def reproduce(
    experiment_file: Union[str, PathLike],
    output_dir: Union[str, PathLike] = "output/reproduction",
    data_dir: str = "data",
    overrides: str = "",
    address: Optional[str] = None,
    num_cpus: Optional[int] = None,
    cpus_per_run: int = 1,
    num_gpus: Optional[int] = None,
    gpus_per_run: Optional[float] = None,
    time_limit: Optional[float] = None,
    only: Optional[Sequence[str]] = None,
    any_code: bool = False,
    dry_run: bool = False,
    report_only: bool = False,
    answer: Callable[[str, Dict[str, Any]], None] = lambda text, content: print(text),
) -> List[Failure]:
    """
    Trains the unfinished runs of an experiment and writes its tables, like the subcommand `allennlp reproduce`.

    # Parameters

    experiment_file : `Union[str, PathLike]`
        See `Experiment`. Its name without the suffix is the folder of the tables.
    output_dir : `Union[str, PathLike]`, optional (default = `"output/reproduction"`)
        Experiments with the same directory share identical runs.
    data_dir : `str`, optional (default = `"data"`)
        The folder that replaces `data/` in configurations.
    overrides : `str`, optional (default = `""`)
        JSON or Jsonnet that overrides the experiment.
    address : `str`, optional
        The address of a Ray cluster. Without it, runs are processes on this machine.
    num_cpus : `int`, optional (default = all)
    cpus_per_run : `int`, optional (default = `1`)
    num_gpus : `int`, optional (default = all)
    gpus_per_run : `float`, optional (default = `1` where there are GPUs, `0` on a cluster)
    time_limit : `float`, optional
        Minutes after which no more runs start.
    only : `Sequence[str]`, optional
        Patterns of the models to train, such as `"sst/attention_*"`, or `"SST, 250 labels/*"` if the experiment names a
        setting. The tables have everything that is finished.
    any_code : `bool`, optional (default = `False`)
        Accept finished runs and evaluations of other versions of the code.
    dry_run : `bool`, optional (default = `False`)
        Print what would be done.
    report_only : `bool`, optional (default = `False`)
        Train nothing.
    answer : `Callable[[str, Dict[str, Any]], None]`, optional (default = prints the text)
        Called with the text to show, and the same as data: `output_dir`, the `results` of `results.jsonl`, `outdated`,
        `failed`; with `dry_run`, the planned `runs` and `seconds_left`.

    # Returns

    failures : `List[Failure]`
        Runs that ended with an error; the others are finished.

    Raises `ConfigurationError` for any error in the experiment, before a run starts.
    """
    for name, value in (("--num-cpus", num_cpus), ("--cpus-per-run", cpus_per_run)):
        if value is not None and value < 1:
            raise ConfigurationError(f"{name} is {value}, but must be at least 1.")
    if gpus_per_run is not None:
        check_share("--gpus-per-run", gpus_per_run)
    if address is None:
        check_gpus(num_gpus, gpus_per_run, len(visible_gpus()))
    experiment = load_experiment(experiment_file, overrides)
    directory = Path(output_dir)
    cells = cells_of(experiment, data_dir, str(output_dir))
    wanted = [cell for cell in cells if _is_wanted(cell, only)]
    if not wanted:
        raise ConfigurationError(f"--only {' '.join(only or [])} matches no CORPUS/TECHNIQUE of {experiment_file}.")
    if experiment.figure == "unlabeled":
        check_amounts(cells)
    runs = Runs(directory / "runs", any_code, experiment.evaluation, experiment.keep_models and not report_only)
    if dry_run:
        slots = LocalExecutor(num_cpus, cpus_per_run, num_gpus, gpus_per_run).slots
        work = work_left(wanted, runs)
        answer(_plan(work, slots), _plan_as_data(work, slots))
        return []

    make_writable(directory, "--output-dir")
    failures: List[Failure] = []
    if not report_only:
        with only_one(directory / ".lock", "allennlp reproduce", directory, "--output-dir"):
            for pool in [cell.pool() for cell in wanted]:
                if pool is not None:
                    pool.make()
            places = (num_cpus, cpus_per_run, num_gpus, gpus_per_run)
            executor = RayExecutor(address, *places) if address else LocalExecutor(*places)
            try:
                failures = run_all(wanted, runs, executor, experiment.keep_models, cpus_per_run, time_limit)
            finally:
                executor.close()
    place = directory / experiment_path(experiment_file).stem
    lines = [write_report(experiment, read_experiment(experiment_file, overrides), cells, runs, place)]
    lines.append(f"Tables and figures: {place}")
    outdated = sum(runs.is_outdated(run) for cell in cells for run in runs.final_runs(cell))
    if outdated:
        lines.append(
            f"Left out: {outdated} runs that were evaluated with other test data, measures or code; run the command "
            "without --report-only to evaluate them again."
        )
    lines += [f"failed: {failure.job.name}: {failure.reason}\n        {failure.job.log}" for failure in failures]
    content = {
        "output_dir": str(place),
        "results": [json.loads(line) for line in (place / RESULTS).read_text(encoding="utf-8").splitlines()],
        "outdated": outdated,
        "failed": [{"run": one.job.name, "reason": one.reason, "log": str(one.job.log)} for one in failures],
    }
    answer("\n".join(lines), content)
    return failures


def _is_wanted(cell: Cell, only: Optional[Sequence[str]]) -> bool:
    names = {f"{place}/{cell.technique}" for place in (cell.corpus, cell.column)}
    return not only or any(fnmatch.filter(names, pattern) for pattern in only)


def _plan_as_data(work: Sequence[Work], slots: int) -> Dict[str, Any]:
    runs = [
        {
            "corpus": item.cell.corpus,
            "setting": item.cell.column,
            "model": item.cell.row,
            "search": item.search,
            "final": item.final,
            "finished": item.finished,
            "seconds_per_run": item.seconds,
            "measured": item.measured,
        }
        for item in work
    ]
    return {"runs": runs, "seconds_left": sum(item.seconds_left for item in work) / slots}


def _plan(work: Sequence[Work], slots: int) -> str:
    rows = [
        [
            f"{item.cell.column}/{item.cell.row}",
            str(item.search or ""),
            str(item.final),
            str(item.finished),
            duration(item.seconds) + ("" if item.measured else " ?"),
        ]
        for item in work
    ]
    table = format_table(["", "search", "final", "finished", "a run"], rows)
    total, left = sum(item.search + item.final for item in work), sum(item.seconds_left for item in work)
    return (
        f"{table}\n\n{total} runs, {sum(item.finished for item in work)} finished; the rest takes about "
        f"{duration(left / slots)}, {slots} at a time.\n? by a rule of thumb: no run of this kind is finished yet."
    )
