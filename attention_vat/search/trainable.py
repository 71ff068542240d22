"""A run of a search, as Ray Tune sees it."""

import gc
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any, Dict

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.common.plugins import import_plugins
from allennlp.common.util import import_module_and_submodules
from filelock import FileLock

from attention_vat.search.runs import STOP, Run
from attention_vat.search.trial import train_run

EPOCHS = "epochs"


class TrainRun:
    """
    What a `ray.tune.Trainable` does for a run; the class is put together with Ray's where it is used, for importing Ray
    takes seconds and not everybody has it.

    An iteration is an epoch. The training has a thread of its own, which waits at the end of each epoch until Tune
    asks for the next one. It keeps its own checkpoints, so there is nothing for Tune to save: after the death of a
    process Tune starts the run again, and it goes on from its checkpoint.

    A run that is to stop early finds a file `stop` in its directory, ends its training, and is finished when its
    metrics and its best model are written: Tune's own way of stopping would kill it after a few seconds.

    # Parameters (of `setup`)

    directory : `str`
    working_directory : `str`
        Where the search was started.
    python_path, packages : `List[str]`
        What `--include-package` named, and where it is found.
    cpus : `float`
    metric : `str`
        What the search looks at.
    """

    def setup(self, config: Dict[str, Any]) -> None:
        self.config = config
        self.run = Run(Path(config["directory"]))
        # A process whose search was killed may live on for a moment.
        self.lock = FileLock(str(self.run.directory / ".lock"))
        self.lock.acquire(timeout=120)
        self.metric = config["metric"]
        self.epochs: "queue.Queue[Dict[str, Any]]" = queue.Queue()
        self.answers: "queue.Queue[bool]" = queue.Queue()
        self.last: Dict[str, Any] = {}
        self.thread = threading.Thread(target=self._train, daemon=True)

    def reset_config(self, new_config: Dict[str, Any]) -> bool:
        """The next run in the same process, whose imports take longer than many a training."""
        self.thread.join()
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        self.setup(new_config)
        return True

    def step(self) -> Dict[str, Any]:
        if self.thread.ident is None:
            self.thread.start()
        else:
            self.answers.put(not (self.run.directory / STOP).exists())
        metrics = self.epochs.get()
        if not metrics:
            self.lock.release()
            return {**self.last, "done": True}
        self.last = {EPOCHS: metrics["epoch"] + 1, self.metric: metrics[self.metric]}
        return {**self.last, "done": False}

    def _train(self) -> None:
        try:
            if not self.run.is_done:
                train_run(self.run, self._gate, self._import_packages)
        finally:
            self.epochs.put({})

    def _import_packages(self) -> None:
        torch.set_num_threads(max(1, int(self.config["cpus"])))
        # Plugins are found from where the search was started, as by `allennlp train`.
        if os.path.isdir(self.config["working_directory"]):
            os.chdir(self.config["working_directory"])
        sys.path.extend(path for path in self.config["python_path"] if path not in sys.path)
        import_plugins()
        for package in self.config["packages"]:
            import_module_and_submodules(package)

    def _gate(self, metrics: Dict[str, Any]) -> bool:
        if self.metric not in metrics:
            raise ConfigurationError(f"There is no metric {self.metric}; there are {', '.join(sorted(metrics))}.")
        self.epochs.put(metrics)
        return self.answers.get()
