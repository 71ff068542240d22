"""A small experiment on the embedded example, and executors that do not train."""

import json
from concurrent.futures import Future
from pathlib import Path

from attention_vat.experiments import executors
from attention_vat.experiments.job import ARCHIVE

ROOT = Path(__file__).parent.parent.parent

# Whatever runs are forked from here tells whether it asked CUDA.
if "tests.experiments.gpu_build" not in executors.PRELOADED:
    executors.PRELOADED.insert(0, "tests.experiments.gpu_build")

SEEDS = [0, 1, 2, 3, 4]
SENTENCES = 60

# Enough to see that all is there: eight sentences, twice.
TINY = {
    "dataset_reader.max_instances": 8,
    "data_loader.batch_sampler.batch_size": 4,
    "trainer.checkpointer.save_every_num_batches": 1,
}
PARAMETERS = {"num_epochs": 2, "hidden_size": 4, "vectors": {"file": None, "dim": 6}}


def write_experiment(tmp_path, **fields):
    content = {"corpora": ["example"], "parameters": PARAMETERS, "overrides": TINY, "measures": ["f1", "pearson"]}
    path = tmp_path / "tiny.json"
    path.write_text(json.dumps({**content, **fields}), encoding="utf-8")
    return path


class Executor:
    """Performs a job at once by a function of the job, which returns the exit code."""

    def __init__(self, perform, slots=1):
        self.slots = slots
        self.jobs = []
        self._perform = perform

    def submit(self, job):
        self.jobs.append(job)
        future: Future = Future()
        future.set_result(self._perform(job))
        return future


def finish(job, f1=0.5, test=None):
    """What a finished run leaves."""
    directory = Path(job.directory)
    directory.mkdir(parents=True, exist_ok=True)
    result = {**job.facts, "validation": {"f1": f1}, "seconds": {"train": 6.0}, "finished": "2026-01-01T00:00:00Z"}
    if job.test_data is not None:
        result.update(test=test or {"f1": f1, "pearson": 0.1}, evaluation=job.evaluation, kept=job.keep_model)
    (directory / ARCHIVE).write_text("a model")
    (directory / "result.json").write_text(json.dumps(result))
    return 0
