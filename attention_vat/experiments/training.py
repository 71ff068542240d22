"""The steps of a run: training, evaluation and cleanup."""

import copy
import json
import os
import shutil
import tarfile
import tempfile
import time
from os import PathLike
from pathlib import Path
from typing import Any, Dict, Union

import torch
from allennlp.commands.evaluate import evaluate_from_archive
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.models.archival import archive_model

from attention_vat.experiments.experiment import MODEL
from attention_vat.experiments.files import read_json, write_json
from attention_vat.experiments.job import ARCHIVE, TRAINING, TrainAndEvaluate
from attention_vat.experiments.manifest import environment
from attention_vat.experiments.results import RESULT, numbers_of, save_predictions, type_of
from attention_vat.interpret import evaluate_archive

METRICS = "metrics.json"


def train(config: Dict[str, Any], directory: Path) -> None:
    """
    Trains a configuration into a serialization directory, from its last checkpoint if there is one. If the training is
    finished, it only makes the archive again.
    """
    if (directory / METRICS).exists() and (directory / "best.th").exists():
        # A kill may have truncated the archive.
        archive_model(directory)
        return
    # A run that was killed before its first checkpoint has nothing to recover; seeds are in its configuration.
    recover = any(directory.glob("training_state_*"))
    train_model(
        Params(copy.deepcopy(config)),
        str(directory),
        recover=recover,
        force=not recover,
        return_model=False,
        file_friendly_logging=True,
    )


def train_and_evaluate(job: TrainAndEvaluate) -> None:
    """Trains the run, or continues a killed training; evaluates; writes `result.json` last."""
    directory = Path(job.directory)
    _train(job, directory)
    _evaluate(job, directory)


def _train(job: TrainAndEvaluate, directory: Path) -> None:
    inner, start = directory / TRAINING, time.time()
    # A power failure can leave a file without its contents.
    if (directory / ARCHIVE).exists() and tarfile.is_tarfile(directory / ARCHIVE):
        shutil.rmtree(inner, ignore_errors=True)
        return
    train(job.config, inner)
    _add_seconds(directory, "train", time.time() - start)
    shutil.copyfile(inner / "config.json", directory / "config.json")
    # AllenNLP writes NaN, which is not valid JSON.
    write_json(directory / METRICS, json.loads((inner / METRICS).read_text(encoding="utf-8")))
    # The last step: if the archive exists, everything else does too.
    os.replace(inner / ARCHIVE, directory / ARCHIVE)
    shutil.rmtree(inner)


def _evaluate(job: TrainAndEvaluate, directory: Path) -> None:
    metrics = json.loads((directory / METRICS).read_text(encoding="utf-8"))
    result = {**job.facts, "validation": _named(metrics, "best_validation_"), "best_epoch": metrics.get("best_epoch")}
    result["epochs"] = metrics["epoch"] + 1
    earlier = read_json(directory / RESULT) or {}
    # An experiment does not delete a model that another one with the same run keeps. Candidates are not kept.
    kept = job.test_data is not None and (job.keep_model or earlier.get("kept", False))
    result["training"] = {**_named(metrics, "training_"), "memory": metrics.get("peak_worker_0_memory_MB")}
    if job.test_data is not None:
        start = time.time()
        # Measures that another experiment needs are computed too, unless this one configures them differently.
        wanted = {type_of(measure) for measure in job.evaluation}
        before = earlier.get("evaluation", [])
        result["evaluation"] = job.evaluation + [measure for measure in before if type_of(measure) not in wanted]
        device = 0 if torch.cuda.device_count() else -1  # as AllenNLP chooses for training
        measures = [measure for measure in result["evaluation"] if measure != MODEL]
        result["test"] = {}
        if MODEL in result["evaluation"]:
            result["test"] = model_metrics(directory / ARCHIVE, job.test_data, device)
        if measures:
            evaluation = evaluate_archive(directory / ARCHIVE, job.test_data, measures=measures, cuda_device=device)
            result["test"].update(numbers_of(evaluation))
            save_predictions(directory, evaluation)
        _add_seconds(directory, "evaluate", time.time() - start)
    result["kept"] = kept
    result["seconds"] = _seconds(directory)
    result["environment"] = environment()
    result["finished"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    write_json(directory / RESULT, result)
    if job.test_data is not None and not kept:
        (directory / ARCHIVE).unlink()


def model_metrics(archive_file: Union[str, PathLike], data: str, cuda_device: int = -1) -> Dict[str, float]:
    """
    Returns the metrics of `allennlp evaluate` for an archive, with the prefix `model_`.

    # Examples

        model_metrics("output/wnut17/model.tar.gz", "data/wnut17/test.jsonl")["model_entity_f1"]
    """
    with tempfile.TemporaryDirectory() as folder:
        metrics = evaluate_from_archive(
            str(archive_file), data, metrics_output_file=str(Path(folder, "metrics.json")), cuda_device=cuda_device
        )
    return {f"{MODEL}_{name}": value for name, value in metrics.items()}


def _named(metrics: Dict[str, Any], prefix: str) -> Dict[str, Any]:
    return {name[len(prefix) :]: value for name, value in metrics.items() if name.startswith(prefix)}


def _seconds(directory: Path) -> Dict[str, float]:
    file = directory / "seconds.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def _add_seconds(directory: Path, name: str, seconds: float) -> None:
    before = _seconds(directory)
    write_json(directory / "seconds.json", {**before, name: round(before.get(name, 0.0) + seconds, 1)})
