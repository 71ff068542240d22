"""The files of an evaluation, written completely or not at all."""

import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any, Dict, Iterator, Optional, Union

from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.evaluation import AttentionEvaluation, as_json, compare_evaluations
from attention_vat.reports.html import write_report

METRICS = "metrics.json"
REPORT = "report.html"
INSTANCES = ("instances.jsonl", "instances.compare.jsonl")


def check_output_dir(output_dir: Union[str, PathLike], force: bool = False) -> None:
    """
    To be called before any work.

    # Parameters

    output_dir : `Union[str, PathLike]`
        Must be missing or empty, unless `force` is given.
    force : `bool`, optional (default = `False`)

    Raises `ConfigurationError` otherwise.
    """
    path = Path(output_dir)
    if path.exists() and not path.is_dir():
        raise ConfigurationError(f"The output directory {path} is a file; choose another one.")
    if not force and path.exists() and any(path.iterdir()):
        raise ConfigurationError(
            f"The output directory {path} is not empty; choose another one, or add --force to replace the files of an "
            "earlier evaluation in it."
        )


def write_evaluation(
    output_dir: Union[str, PathLike],
    results: Dict[str, AttentionEvaluation],
    title: str = "Attention report",
    data: Optional[str] = None,
    force: bool = False,
) -> None:
    """
    Writes `metrics.json`, `report.html`, and a line per sentence into `instances.jsonl` (of a second model into
    `instances.compare.jsonl`). They are written aside and moved when all are there; other files in the directory stay.

    # Parameters

    output_dir : `Union[str, PathLike]`
    results : `Dict[str, AttentionEvaluation]`
        One or two models by name, on the same sentences.
    title : `str`, optional
        Of the report.
    data : `str`, optional
        What the sentences are called in the report.
    force : `bool`, optional (default = `False`)
        Write into a directory that is not empty.

    Raises `ConfigurationError` as `check_output_dir` does.
    """
    check_output_dir(output_dir, force)
    with _moved_together(Path(output_dir)) as aside:
        (aside / METRICS).write_text(json.dumps(metrics_of(results, data), indent=2) + "\n", encoding="utf-8")
        for name, evaluation in zip(INSTANCES, results.values()):
            # Half a surrogate pair cannot be written in UTF-8, but as an escape it is JSON.
            with open(aside / name, "w", encoding="utf-8", errors="backslashreplace") as file:
                for sentence in evaluation.sentences:
                    file.write(json.dumps(as_json(sentence), ensure_ascii=False) + "\n")
        write_report(aside / REPORT, results, title=title, data=data)


def metrics_of(results: Dict[str, AttentionEvaluation], data: Optional[str] = None) -> Dict[str, Any]:
    """What stands in `metrics.json`."""
    evaluations = list(results.values())
    content: Dict[str, Any] = {"data": data, "sentences": len(evaluations[0].sentences), "models": {}}
    for name, evaluation in results.items():
        content["models"][name] = {
            "settings": evaluation.settings,
            "labels": evaluation.labels,
            "positive_label": evaluation.positive_label,
            "metrics": {metric: estimate._asdict() for metric, estimate in evaluation.metrics.items()},
        }
    if len(evaluations) == 2:
        content["differences"] = {
            metric: difference._asdict() for metric, difference in compare_evaluations(*evaluations).items()
        }
    return content


@contextmanager
def _moved_together(directory: Path) -> Iterator[Path]:
    directory.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".evaluation-", dir=directory))
    try:
        yield aside
        written = sorted(path.name for path in aside.iterdir())
        for name in written:
            os.replace(aside / name, directory / name)
        # The second model of an earlier evaluation does not belong to this one.
        for name in set(INSTANCES) - set(written):
            if (directory / name).exists():
                (directory / name).unlink()
    finally:
        shutil.rmtree(aside, ignore_errors=True)
