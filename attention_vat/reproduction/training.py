"""What happens in the process of one run: training, evaluation, and clearing up."""

import json
import os
import shutil
import sys
import tarfile
import tempfile
import threading
import time
import traceback
from pathlib import Path
from typing import Any, Dict

import torch
from allennlp.commands.train import train_model
from allennlp.common import Params, Tqdm
from allennlp.models.archival import archive_model
from filelock import FileLock

import attention_vat  # noqa: F401  (registers all parts)
from attention_vat.common.end_with_parent import end_with_parent
from attention_vat.interpret import evaluate_archive
from attention_vat.reproduction.checks import MODEL
from attention_vat.reproduction.environment import environment
from attention_vat.reproduction.job import ARCHIVE, LOG, METRICS, Job
from attention_vat.reproduction.model_metrics import model_metrics
from attention_vat.reproduction.results import RESULT, numbers_of, read_result, save_predictions, type_of, write_json
from attention_vat.search.gpus import check_fork


def perform(job: Job) -> None:
    """
    Trains unless that is done, continuing what was killed; evaluates; writes `result.json` last. What it prints goes to
    `log.txt`. The process ends with 1 after an error, and when the process that asked for it is killed.
    """
    end_with_parent()
    directory = Path(job.directory)
    directory.mkdir(parents=True, exist_ok=True)
    _redirect_output(directory / LOG)
    # An archive is unpacked there, and stays if the process is killed.
    tempfile.tempdir = str(directory / "tmp")
    # The lock that tqdm would make is a semaphore of the system, which the end below leaves behind.
    Tqdm.set_lock(threading.RLock())
    torch.set_num_threads(job.threads)
    try:
        check_fork()
        # A run that was killed a moment ago may need another moment to end.
        with FileLock(str(directory / ".lock")):
            shutil.rmtree(tempfile.tempdir, ignore_errors=True)
            os.mkdir(tempfile.tempdir)
            for half_written in directory.glob(".*.json-????????"):
                half_written.unlink()
            _train(job, directory)
            _evaluate(job, directory)
            shutil.rmtree(tempfile.tempdir, ignore_errors=True)
        code = 0
    except BaseException:
        traceback.print_exc()
        code = 1
    # At once: what waits for the end of a process, such as pools of threads, belongs to the one it was forked from.
    os._exit(code)


def _train(job: Job, directory: Path) -> None:
    inner, start = directory / "training", time.time()
    # A power failure can leave a file without its contents.
    if (directory / ARCHIVE).exists() and tarfile.is_tarfile(directory / ARCHIVE):
        shutil.rmtree(inner, ignore_errors=True)
        return
    if (inner / METRICS).exists() and (inner / "best.th").exists():
        # Training was finished; what a kill may have cut short is the archive.
        archive_model(inner)
    else:
        # A run that was killed before its first checkpoint has nothing to recover.
        recover = any(inner.glob("training_state_*"))
        train_model(Params(job.config), str(inner), recover=recover, force=not recover, return_model=False)
    _add_seconds(directory, "train", time.time() - start)
    shutil.copyfile(inner / "config.json", directory / "config.json")
    # AllenNLP writes NaN, which is no JSON.
    write_json(directory / METRICS, json.loads((inner / METRICS).read_text(encoding="utf-8")))
    # The last step: where there is an archive, there is all the rest.
    os.replace(inner / ARCHIVE, directory / ARCHIVE)
    shutil.rmtree(inner)


def _evaluate(job: Job, directory: Path) -> None:
    metrics = json.loads((directory / METRICS).read_text(encoding="utf-8"))
    result = {**job.facts, "validation": _named(metrics, "best_validation_"), "best_epoch": metrics.get("best_epoch")}
    result["epochs"] = metrics["epoch"] + 1
    earlier = read_result(directory) or {}
    # What one experiment keeps, another one that has the same run does not delete. Candidates are not kept.
    kept = job.test_data is not None and (job.keep_model or earlier.get("kept", False))
    result["training"] = {**_named(metrics, "training_"), "memory": metrics.get("peak_worker_0_memory_MB")}
    if job.test_data is not None:
        start = time.time()
        # What another experiment asked of the same run stays there, unless this one wants the measure in another way.
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


def _named(metrics: Dict[str, Any], prefix: str) -> Dict[str, Any]:
    return {name[len(prefix) :]: value for name, value in metrics.items() if name.startswith(prefix)}


def _seconds(directory: Path) -> Dict[str, float]:
    file = directory / "seconds.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def _add_seconds(directory: Path, name: str, seconds: float) -> None:
    before = _seconds(directory)
    write_json(directory / "seconds.json", {**before, name: round(before.get(name, 0.0) + seconds, 1)})


def _redirect_output(log: Path) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
    # Whatever these were in the process that this one was forked from.
    sys.stdout = sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
