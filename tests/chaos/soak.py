"""A training that goes on and on in one process."""

import os
import random
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Tuple

from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.training.callbacks import TrainerCallback

from tests.chaos.configurations import configuration
from tests.chaos.processes import run
from tests.chaos.trials import kind

if TYPE_CHECKING:
    from allennlp.training import GradientDescentTrainer

MINUTES = float(os.environ.get("CHAOS_SOAK_MINUTES", "5"))
# A heap breathes; a leak of a few hundred bytes a step is more than this in a minute.
GROWTH = 1.02


class Enough(Exception):
    """Ends a training."""


@TrainerCallback.register("chaos_soak")
class Soak(TrainerCallback):
    """Writes down, after each epoch, the memory in pages and the number of descriptors, until the time is over."""

    def __init__(self, serialization_dir: str, seconds: float) -> None:
        super().__init__(serialization_dir)
        self._end = time.monotonic() + seconds
        self.seen: List[Tuple[int, int]] = []

    def on_epoch(self, trainer: "GradientDescentTrainer", *args: Any, **kwargs: Any) -> None:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        self.seen.append((pages, len(os.listdir("/proc/self/fd"))))
        if time.monotonic() > self._end:
            assert self.serialization_dir is not None
            seen = "\n".join(f"{pages} {descriptors}" for pages, descriptors in self.seen)
            Path(self.serialization_dir, "seen").write_text(seen)
            raise Enough


def _soak(directory: Path, seconds: float) -> None:
    config: Dict[str, Any] = configuration("semi-supervised")
    config["trainer"]["num_epochs"] = 10**9
    config["trainer"]["callbacks"].append({"type": "chaos_soak", "seconds": seconds})
    target = directory / "training"

    def work() -> None:
        try:
            train_model(Params(config), str(target), return_model=False)
        except Enough:
            pass

    run(work, directory / "log", seconds=3 * seconds + 120).expect_success("soak")
    seen = [tuple(map(int, line.split())) for line in (target / "seen").read_text().splitlines()]
    # The first third is for warming up.
    seen = seen[len(seen) // 3 :]
    half = len(seen) // 2
    before, after = (statistics.median(pages for pages, _ in part) for part in (seen[:half], seen[half:]))
    story = f"{len(seen)} epochs after the first third"
    assert after <= GROWTH * before, f"{story}: memory grows from {before} to {after} pages"
    descriptors = {descriptors for _, descriptors in seen}
    assert len(descriptors) == 1, f"{story}: {sorted(descriptors)} open files"


@kind("soak", f"training of {MINUTES:g} minutes in one process", rounds=1, quick_rounds=0)
def soak(rng: random.Random, directory: Path) -> None:
    _soak(directory, 60 * MINUTES)


@kind("soak-short", "training of some seconds in one process", rounds=1, quick_rounds=1)
def short_soak(rng: random.Random, directory: Path) -> None:
    _soak(directory, 5.0)
