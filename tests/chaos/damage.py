"""Damaged files of trainings: whatever reads them refuses them in a sentence, or gives the exact result."""

import json
import random
import re
import shutil
import sys
from pathlib import Path
from typing import Any, Callable, Dict

from allennlp.commands import main

from tests.chaos.configurations import EXAMPLE
from tests.chaos.contents import Contents, contents_of, differences
from tests.chaos.processes import run
from tests.chaos.recovery import Moment, MomentWatch, train, undisturbed
from tests.chaos.trials import kind, shared

NAME = "single"
# Of these nothing is read; what is in them is for people.
FOR_PEOPLE = re.compile(r"out\.log|err\.log|metrics_epoch_\d+\.json")


def _cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content))] if content else content


def _garbage(content: bytes, rng: random.Random) -> bytes:
    return bytes(rng.getrandbits(8) for _ in range(max(len(content), 64)))


def _changed(content: bytes, rng: random.Random) -> bytes:
    """64 bytes in a row, as on a disk that is going bad."""
    start = rng.randrange(max(len(content) - 64, 1))
    return content[:start] + _garbage(b"", rng) + content[start + 64 :]


DAMAGES: Dict[str, Callable[[bytes, random.Random], bytes]] = {
    "cut": _cut,
    "emptied": lambda content, rng: b"",
    "filled with garbage": _garbage,
    "changed in 64 bytes": _changed,
}


@kind("damage-recover", "damaged files of a training, then recovered", rounds=60, quick_rounds=1, seconds=300)
def damaged_training(rng: random.Random, directory: Path) -> None:
    finished = rng.random() < 0.5
    source = undisturbed(NAME) / "training" if finished else _killed()
    target, log = directory / "training", directory / "log"
    shutil.copytree(source, target)
    damaged, story = _damage(target, rng)
    ending = run(lambda: train(NAME, target, recover=True), log)
    if ending.refused:
        return
    story = f"{'finished' if finished else 'killed'} training, {story}, recovered"
    ending.expect_success(story)
    before, after = (contents_of(one) for one in (undisturbed(NAME) / "training", target))
    problems = differences(_that_matters(before, damaged), _that_matters(after, damaged))
    assert not problems, f"{story}: {problems}"


def _killed() -> Path:
    """A training that was killed in its last epoch."""

    def make(directory: Path) -> None:
        def work() -> None:
            with MomentWatch(directory, Moment("backward", 100, "before")):
                train(NAME, directory)

        ending = run(work, directory.with_name("damage.log"))
        assert ending.killed, ending.error

    return shared("killed training", make)


def _damage(directory: Path, rng: random.Random, pattern: str = "**/*") -> "tuple[str, str]":
    """Damages a file, and returns its name, and in words what was done."""
    files = sorted(path for path in directory.glob(pattern) if path.is_file() and path.name != ".lock")
    path = rng.choice(files)
    name, how = str(path.relative_to(directory)), rng.choice([*DAMAGES, "removed"])
    if how == "removed":
        path.unlink()
    else:
        content = DAMAGES[how](path.read_bytes(), rng)
        path.unlink()  # `best.th` may be another name of a checkpoint
        path.write_bytes(content)
    return name, f"{name} {how}"


def _that_matters(contents: Contents, damaged: str) -> Contents:
    """Without the damaged file where it is a checkpoint, which goes with its companions, or for people."""
    point = re.search(r"_e\d+_b\d+", damaged)
    return {
        name: value
        for name, value in contents.items()
        if not FOR_PEOPLE.fullmatch(name) and not (point and point.group() in name)
    }


@kind("damage-read", "damaged models, then read by commands", rounds=60, quick_rounds=1, seconds=300)
def damaged_model(rng: random.Random, directory: Path) -> None:
    command = rng.choice(sorted(READERS))
    target = directory / "training"
    shutil.copytree(undisturbed(NAME) / "training", target)
    as_archive = rng.random() < 0.5
    _, story = _damage(target, rng, "model.tar.gz" if as_archive else "**/*")
    archive = target / "model.tar.gz" if as_archive else target
    ending = run(lambda: READERS[command](archive, directory / "result"), directory / "log")
    if ending.refused:
        return
    story = f"{story}, {command} of the {'archive' if as_archive else 'directory'}"
    ending.expect_success(story)
    problems = differences(contents_of(_read(command)), contents_of(directory / "result"))
    assert not problems, f"{story}, silently: {problems}"


def _read(command: str) -> Path:
    """What a command says of the model that nobody damaged."""

    def make(directory: Path) -> None:
        archive = undisturbed(NAME) / "training" / "model.tar.gz"
        run(lambda: READERS[command](archive, directory / "result"), directory / "log").expect_success(command)

    return shared(f"reads {command}", make) / "result"


def predict(archive: Path, result: Path) -> None:
    result.mkdir()
    lines = (EXAMPLE / "validation.jsonl").read_text(encoding="utf-8").splitlines()[:5]
    sentences = [json.dumps({"sentence": " ".join(json.loads(line)["tokens"])}) for line in lines]
    questions = result / "questions.jsonl"
    questions.write_text("\n".join(sentences), encoding="utf-8")
    command("predict", archive, questions, "--silent", "--output-file", result / "predictions.jsonl")


def evaluate_attention(archive: Path, result: Path) -> None:
    command("evaluate-attention", archive, EXAMPLE / "validation.jsonl", "--output-dir", result, "--title", "Title")


def command(*arguments: Any) -> None:
    """A command of AllenNLP, in this process."""
    sys.argv = ["allennlp", *map(str, arguments)]
    main()


READERS: Dict[str, Callable[[Path, Path], None]] = {"predict": predict, "evaluate-attention": evaluate_attention}
