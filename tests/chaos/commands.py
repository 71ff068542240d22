"""Commands that are killed and given again, and commands that are given twice at once."""

import functools
import json
import random
import shutil
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

from tests.chaos.configurations import EXAMPLE, FIXTURES
from tests.chaos.contents import contents_of, differences
from tests.chaos.continuation import kill_and_continue
from tests.chaos.damage import command
from tests.chaos.processes import Countdown, Process, run
from tests.chaos.recovery import train, undisturbed
from tests.chaos.trials import kind, shared
from tests.experiments.small import PARAMETERS, TINY
from tests.search import tiny

README = FIXTURES.parent / "README.md"

# A command, its output directory, and whether it is given for the second time.
Command = Callable[[Path, bool], None]


def make_dataset(output: Path, again: bool, *corpus: Any) -> None:
    command("make-dataset", *(corpus or ["example"]), "--output-dir", output, *_force(again))


def select_unlabeled(output: Path, again: bool, strategy: Tuple[str, ...] = ()) -> None:
    files = ["--labeled", EXAMPLE / "validation.jsonl", "--pool", EXAMPLE / "unlabeled.jsonl"]
    command("select-unlabeled", *files, "--output-dir", output, "--count", 50, *strategy, *_force(again))


def evaluate_attention(output: Path, again: bool, *options: str) -> None:
    archive, data = undisturbed("single") / "training" / "model.tar.gz", EXAMPLE / "validation.jsonl"
    command("evaluate-attention", archive, data, "--output-dir", output, "--title", "T", *options, *_force(again))


def _force(again: bool) -> List[str]:
    return ["--force"] if again else []


COMMANDS: Dict[str, Dict[str, Command]] = {
    "make-dataset": {
        "example": make_dataset,
        "sentences": lambda output, again: make_dataset(output, again, "sentences", "--source", README, "--sample", 30),
    },
    "select-unlabeled": {
        "random": select_unlabeled,
        "nearest": functools.partial(
            select_unlabeled, strategy=("--strategy", "nearest_neighbors", "--embedding", "bag_of_words")
        ),
    },
    "evaluate-attention": {
        "one model": evaluate_attention,
        "three measures": lambda output, again: evaluate_attention(
            output, again, "--measures", "correlation,leave_one_out,uniform"
        ),
    },
}


def _register(name: str) -> None:
    @kind(f"kills-{name}", f"`{name}` killed, then given again", rounds=10, quick_rounds=1, seconds=600)
    def killed(rng: random.Random, directory: Path) -> None:
        variant = rng.choice(sorted(COMMANDS[name]))
        give = COMMANDS[name][variant]
        reference = _undisturbed(f"{name}, {variant}", give)
        output = directory / "place" / "output"

        def work(killer: Any) -> None:
            with killer() if killer is not None else Countdown():
                give(output, output.exists())

        events = int((reference / "events").read_text())
        kills = [rng.randint(1, events) for _ in range(rng.choice([1, 1, 2]))]
        kill_and_continue(
            f"{name} {variant}",
            work,
            [(f"event {event} of {events}", functools.partial(Countdown, event)) for event in kills],
            output.parent,
            reference / "place",
            directory / "log",
        )


for _name in COMMANDS:
    _register(_name)


def _undisturbed(name: str, give: Command) -> Path:
    """A directory with `place`, in which the command wrote `output`, and the number of events."""

    def make(directory: Path) -> None:
        output = directory / "place" / "output"

        def work() -> None:
            with Countdown() as countdown:
                give(output, False)
            (directory / "events").write_text(str(countdown.events))

        run(work, directory / "log").expect_success(f"undisturbed, {name}")

    return shared(name, make)


@kind("kills-reproduce", "`reproduce` killed, then given again", rounds=10, quick_rounds=0, seconds=600)
def reproduce_killed(rng: random.Random, directory: Path) -> None:
    seconds = float((_reproduced() / "seconds").read_text())
    kills = [(f"{after:.2f} s", after) for after in (rng.uniform(0.0, seconds) for _ in range(rng.choice([1, 2])))]
    kill_and_continue(
        "reproduce",
        lambda _: reproduce(directory / "output"),
        kills,
        directory / "output",
        _reproduced() / "output",
        directory / "log",
    )


def reproduce(output: Path) -> None:
    output.mkdir(exist_ok=True)
    experiment = output / "tiny.json"
    content = {
        "corpora": ["example"],
        "techniques": ["vanilla", "attention_ivat"],
        "seeds": [0, 1],
        "parameters": PARAMETERS,
        "overrides": TINY,
        "measures": ["f1", "pearson"],
    }
    experiment.write_text(json.dumps(content), encoding="utf-8")
    command("reproduce", experiment, "--output-dir", output / "results", "--num-cpus", 1)


def _reproduced() -> Path:
    def make(directory: Path) -> None:
        start = time.monotonic()
        run(lambda: reproduce(directory / "output"), directory / "log", 300).expect_success("undisturbed reproduce")
        (directory / "seconds").write_text(str(time.monotonic() - start))

    return shared("reproduce", make)


@kind("kills-search", "`search` killed, then given again", rounds=10, quick_rounds=0, seconds=600)
def search_killed(rng: random.Random, directory: Path) -> None:
    seconds = float((_searched() / "seconds").read_text())
    kills = [(f"{after:.2f} s", after) for after in (rng.uniform(0.0, seconds) for _ in range(rng.choice([1, 2])))]
    kill_and_continue(
        "search",
        lambda _: search(directory / "output"),
        kills,
        directory / "output",
        _searched() / "output",
        directory / "log",
    )


def search(output: Path) -> None:
    output.mkdir(exist_ok=True)
    configuration, space = output / "tiny.json", output / "space.json"
    configuration.write_text(json.dumps(tiny.configuration(num_epochs=3)), encoding="utf-8")
    space.write_text('{"SEED": {"sampling strategy": "grid", "choices": [1, 2]}}', encoding="utf-8")
    again = ["--resume"] if (output / "logs" / "tiny").exists() else []
    options = ["--experiment-name", "tiny", "--log-dir", str(output / "logs"), "--num-cpus", "1", "--silent", *again]
    command("search", configuration, "--search-space", space, *options)


def _searched() -> Path:
    def make(directory: Path) -> None:
        start = time.monotonic()
        run(lambda: search(directory / "output"), directory / "log", 300).expect_success("undisturbed search")
        (directory / "seconds").write_text(str(time.monotonic() - start))

    return shared("search", make)


@kind("two-at-once", "the same command twice at once in one place", rounds=20, quick_rounds=1, seconds=600)
def two_at_once(rng: random.Random, directory: Path) -> None:
    name = rng.choice([*sorted(COMMANDS), "train", "train --recover"])
    place = directory / "place"
    if name.startswith("train"):
        story, reference = name, undisturbed("single") / "training"
        target = place
        if name == "train --recover":
            shutil.copytree(reference, target)

        def once() -> None:
            train("single", target, recover=name == "train --recover")

    else:
        variant = rng.choice(sorted(COMMANDS[name]))
        give = COMMANDS[name][variant]
        story, reference = f"{name} {variant}", _undisturbed(f"{name}, {variant}", give) / "place"

        def once() -> None:
            give(place / "output", False)

    processes = [Process(once, directory / f"log-{number}") for number in (1, 2)]
    endings = [process.wait() for process in processes]
    for ending in endings:
        assert ending.code == 0 or ending.refused, f"{story}: one of two ended with {ending.code}: {ending.error}"
    assert any(ending.code == 0 for ending in endings), f"{story}: both are refused: {endings[0].error}"
    problems = differences(contents_of(reference), contents_of(place))
    assert not problems, f"{story}: after two at once: {problems}"
