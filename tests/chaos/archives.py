"""Archives that someone made to do harm, and the commands that open them."""

import contextlib
import io
import json
import os
import random
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, List
from unittest import mock

import torch
from allennlp.commands import main
from allennlp.common.checks import ConfigurationError

from tests.chaos.trials import kind
from tests.commands.evaluate_attention_test import make_archive

Change = Callable[[Path, Path], None]
"""Of a folder with the parts of an archive, and the folder that it must not reach."""

Member = Callable[[Path], List[tarfile.TarInfo]]

ZEROS = 110 * 10**6

COMMANDS: Dict[str, List[str]] = {
    "predict": ["predict", "ARCHIVE", "QUESTIONS", "--silent", "--output-file", "OUT/predictions.jsonl"],
    "evaluate": ["evaluate", "ARCHIVE", "DATA", "--output-file", "OUT/metrics.json"],
    "attention": ["attention", "ARCHIVE", "w1 w2 w3"],
    "evaluate-attention": ["evaluate-attention", "ARCHIVE", "DATA", "--output-dir", "OUT/evaluation"],
}


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size, info.mode = kind, link, size, 0o755
    return info


MEMBERS: Dict[str, Member] = {
    "a path that leads out": lambda outside: [member(f"../../{outside.name}/file", size=4)],
    "an absolute path": lambda outside: [member(str(outside / "file"), size=4)],
    "a file behind a symbolic link": lambda outside: [
        member("vocabulary/link", tarfile.SYMTYPE, str(outside)),
        member("vocabulary/link/file", size=4),
    ],
    "a hard link to a file outside": lambda outside: [
        member("vocabulary/link.txt", tarfile.LNKTYPE, str(outside / "a"))
    ],
    "a pipe": lambda outside: [member("vocabulary/pipe.txt", tarfile.FIFOTYPE)],
    "a bomb": lambda outside: [member("vocabulary/zeros.txt", size=ZEROS)],
    "a part twice": lambda outside: [member("config.json", size=4)],
}


class Program:
    """What a pickle does when it is read."""

    def __init__(self, outside: Path) -> None:
        self.outside = outside

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.outside / "ran"),)


def _code_in_weights(parts: Path, outside: Path) -> None:
    torch.save({"weight": Program(outside)}, parts / "weights.th")


def _nan_in_weights(parts: Path, outside: Path) -> None:
    weights = torch.load(parts / "weights.th")
    next(iter(weights.values())).view(-1)[0] = float("nan")
    torch.save(weights, parts / "weights.th")


def _jsonnet(parts: Path, outside: Path) -> None:
    config = (parts / "config.json").read_text()
    (parts / "config.json").write_text(f"{config} + {{secret: importstr {json.dumps(str(outside / 'a'))}}}")


def _type_that_runs(parts: Path, outside: Path) -> None:
    config = json.loads((parts / "config.json").read_text())
    command = {"type": "subprocess.Popen", "args": ["touch", str(outside / "ran")]}
    config["dataset_reader"]["tokenizer"] = config["data_loader"] = command
    (parts / "config.json").write_text(json.dumps(config))


CHANGES: Dict[str, Change] = {
    "code in the weights": _code_in_weights,
    "weights that are not numbers": _nan_in_weights,
    "a configuration that reads files": _jsonnet,
    "a type that runs a program": _type_that_runs,
}

HOSTILE = (*MEMBERS, *CHANGES)


def hostile_archive(what: str, directory: Path, outside: Path, rng: random.Random) -> Path:
    """
    Makes one of `HOSTILE` in a directory. It tries to reach `outside`.
    """
    whole = make_archive(directory / "whole", seed=0)
    parts = whole.parent
    whole.unlink()
    if what in CHANGES:
        CHANGES[what](parts, outside)
    added = MEMBERS[what](outside) if what in MEMBERS else []
    names = ["config.json", "vocabulary", "weights.th"]
    place = rng.randrange(len(names) + 1)
    with tarfile.open(whole, "w:gz", compresslevel=1) as archive:
        for number, name in enumerate([*names, ""]):
            if number == place:
                for info in added:
                    archive.addfile(info, io.BytesIO(bytes(info.size)))
            if name:
                archive.add(parts / name, arcname=name)
    return whole


def refusal(command: str, archive: Path, directory: Path) -> str:
    """
    What a command says about an archive that it refuses. Raises `AssertionError` if it does not.
    """
    data, questions, out = directory / "data.jsonl", directory / "questions.jsonl", directory / "out"
    data.write_text('{"tokens": ["w1", "w2", "w3"], "label": "1"}\n')
    questions.write_text('{"sentence": "w1 w2 w3"}\n')
    out.mkdir(exist_ok=True)
    places = {"ARCHIVE": archive, "DATA": data, "QUESTIONS": questions, "OUT": out}
    arguments = ["allennlp", *COMMANDS[command]]
    for name, path in places.items():
        arguments = [argument.replace(name, str(path)) for argument in arguments]
    output = io.StringIO()
    output.reconfigure = lambda **options: None  # type: ignore[attr-defined]
    try:
        with mock.patch.object(sys, "argv", arguments), contextlib.redirect_stdout(output):
            main()
    except (ConfigurationError, SystemExit) as refused:
        return str(refused)
    raise AssertionError(f"{command} worked: {output.getvalue():.200}")


@kind(
    "hostile-archives",
    "archives made to do harm, in each command that opens one",
    rounds=44,
    quick_rounds=2,
    seconds=120,
)
def hostile_archives(rng: random.Random, directory: Path) -> None:
    what, command = rng.choice(HOSTILE), rng.choice(list(COMMANDS))
    with watched(directory) as outside:
        message = refusal(command, hostile_archive(what, directory, outside, rng), directory)
    assert message and "\n" not in message, f"{command} says of {what}: {message}"


@contextlib.contextmanager
def watched(directory: Path) -> Any:
    """
    A folder that must stay as it is, and temporary files of which none may stay.
    """
    outside, temporary = directory / "outside", directory / "temporary"
    outside.mkdir()
    temporary.mkdir()
    (outside / "a").write_text("a secret")
    with mock.patch.object(tempfile, "tempdir", str(temporary)):
        yield outside
    assert [path.name for path in outside.iterdir()] == ["a"], f"written: {list(outside.iterdir())}"
    assert (outside / "a").read_text() == "a secret"
    assert not list(temporary.iterdir()), f"left: {list(temporary.rglob('*'))}"
