"""Distributed training, one process of which is killed."""

import random
from pathlib import Path
from typing import Any, Optional

from allennlp.commands import train as train_command
from allennlp.commands.train import train_model
from allennlp.common import Params

from tests import forks
from tests.chaos.configurations import configuration
from tests.chaos.contents import contents_of, differences
from tests.chaos.processes import Countdown, run
from tests.chaos.trials import kind, shared


def _of_rank(number: int, work: Any, args: Any, directory: Path, rank: int, event: Optional[int]) -> None:
    with Countdown(event if number == rank else None) as countdown:
        work(number, *args)
    (directory / f"events-{number}").write_text(str(countdown.events))


def distributed(directory: Path, recover: bool = False, rank: int = 0, event: Optional[int] = None) -> None:
    """Trains in two processes."""

    def spawn(work: Any, args: Any, nprocs: int) -> None:
        forks.spawn(_of_rank, (work, args, directory, rank, event), nprocs)

    train_command.mp.spawn = spawn
    config = {**configuration("single"), "distributed": {"cuda_devices": [-1, -1]}}
    # After a recovery all processes have the random generators of the first one, so nothing may draw by its own data.
    config["model"].update(dropout=0.0, regularizers=[{"type": "attention_at", "epsilon": 1.0}])
    train_model(Params(config), str(directory), recover=recover, return_model=False)


def _undisturbed() -> Path:
    def make(directory: Path) -> None:
        run(lambda: distributed(directory / "training"), directory / "log").expect_success("undisturbed, distributed")

    return shared("distributed", make) / "training"


@kind("rank-killed", "one of two training processes killed, then recovered", rounds=20, quick_rounds=1, seconds=600)
def rank_killed(rng: random.Random, directory: Path) -> None:
    reference, rank = _undisturbed(), rng.choice([0, 1])
    events = int((reference / f"events-{rank}").read_text())
    event = rng.randint(1, events)
    target, log = directory / "training", directory / "log"
    story = f"process {rank} of two killed at event {event} of {events}"
    ending = run(lambda: distributed(target, rank=rank, event=event), log)
    # How many events there are depends a little on the time that the processes wait for each other.
    if ending.code != 0:
        assert ending.code == 1 and "SIGKILL" in ending.error, f"{story}: code {ending.code}: {ending.error}"
    run(lambda: distributed(target, recover=True), log).expect_success(f"{story}; the recovery")
    before, after = (
        {name: value for name, value in contents_of(one).items() if not name.startswith("events-")}
        for one in (reference, target)
    )
    problems = differences(before, after)
    assert not problems, f"{story}; differs from the undisturbed run: {problems}"
