"""The process of a run: its log, its exit code, and what it cleans up."""

import multiprocessing
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import pytest
import torch

from attention_vat.experiments.job import Job
from attention_vat.experiments.worker import perform

TEXT = "naïve"


@dataclass
class Prints(Job):
    directory: str
    threads: int = 1
    gpus: Optional[str] = None
    name: str = "prints"
    error: Optional[str] = None

    @property
    def stage(self) -> str:
        return "printing"

    def run(self) -> None:
        print(f"{TEXT} {torch.get_num_threads()} {Path(tempfile.gettempdir()).resolve()}")
        print("an error", file=sys.stderr)
        Path(tempfile.gettempdir(), "unpacked").write_text("an archive")
        if self.error == "exit":
            sys.exit("a worker of the data loader")
        if self.error is not None:
            raise ValueError(self.error)


def run(job):
    process = multiprocessing.get_context("fork").Process(target=perform, args=(job,))
    process.start()
    process.join(60)
    return process.exitcode


def test_what_is_printed_is_in_the_log(tmp_path):
    directory = tmp_path / "runs" / "a"
    assert run(Prints(str(directory), threads=1)) == 0
    printed = (directory / "log.txt").read_text(encoding="utf-8")
    assert f"{TEXT} 1 {directory.resolve() / 'tmp'}\n" in printed and "an error\n" in printed
    assert os.listdir(directory) == ["log.txt"], "no temporary files, no lock"


def test_a_second_attempt_continues_the_log(tmp_path):
    for _ in range(2):
        assert run(Prints(str(tmp_path))) == 0
    assert (tmp_path / "log.txt").read_text(encoding="utf-8").count(TEXT) == 2


@pytest.mark.parametrize(("error", "message"), [("no data", "ValueError: no data"), ("exit", "SystemExit: a worker")])
def test_an_error_is_in_the_log_and_in_the_exit_code(tmp_path, error, message):
    assert run(Prints(str(tmp_path), error=error)) == 1
    assert message in (tmp_path / "log.txt").read_text(encoding="utf-8")


def test_what_a_killed_run_left_is_removed(tmp_path):
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp" / "half").write_text("an archive")
    (tmp_path / ".result.json-abcdefgh").write_text("{")
    (tmp_path / "result.json").write_text("{}")
    assert run(Prints(str(tmp_path))) == 0
    assert sorted(os.listdir(tmp_path)) == ["log.txt", "result.json"]
