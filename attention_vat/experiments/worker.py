"""The work in the process of one run."""

import os
import shutil
import sys
import tempfile
import threading
import traceback
from pathlib import Path

import torch
from allennlp.common import Tqdm

import attention_vat  # noqa: F401  (registers all parts)
from attention_vat.common.end_with_parent import end_with_parent
from attention_vat.common.locks import locked
from attention_vat.experiments.gpus import check_fork
from attention_vat.experiments.job import Job


def perform(job: Job) -> None:
    """
    Runs a job, with its output in its log. The process exits with 1 after an error, and ends if its parent process is
    killed.
    """
    end_with_parent()
    directory = Path(job.directory)
    directory.mkdir(parents=True, exist_ok=True)
    _redirect_output(job.log)
    # Archives are unpacked there, and remain if the process is killed.
    tempfile.tempdir = str(directory.resolve() / "tmp")
    # By default, tqdm makes a lock that is a system semaphore, which `os._exit` below would leave behind.
    Tqdm.set_lock(threading.RLock())
    torch.set_num_threads(job.threads)
    try:
        check_fork()
        # A run that was just killed may need a moment to end.
        with locked(directory.resolve() / ".lock"):
            shutil.rmtree(tempfile.tempdir, ignore_errors=True)
            os.mkdir(tempfile.tempdir)
            for half_written in directory.glob(".*.json-????????"):
                half_written.unlink()
            job.run()
            shutil.rmtree(tempfile.tempdir, ignore_errors=True)
        code = 0
    except BaseException:  # also SystemExit, which a data loader's worker may raise
        traceback.print_exc()
        code = 1
    # Skip exit handlers, such as those of thread pools, which belong to the process that this one was forked from.
    os._exit(code)


def _redirect_output(log: Path) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
    # Replace what these were in the process that this one was forked from.
    sys.stdout = sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
