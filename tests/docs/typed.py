"""
What happens to a command of the documentation: as much of it as is cheap. Its arguments are parsed by its own parser,
and it runs on small data, without training for long, drawing reports, or starting other processes.
"""

import argparse
import contextlib
import importlib
import io
import re
import runpy
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional
from unittest import mock

import setuptools
from allennlp.commands import parse_args
from allennlp.commands.train import train_model
from allennlp.common import Params
from packaging.requirements import Requirement

from attention_vat.commands import evaluate_attention, select_unlabeled
from attention_vat.data.corpora import Corpus
from attention_vat.experiments.experiment import load_experiment
from attention_vat.experiments.matrix import cells_of
from tests.docs.clone import make_small_dataset, make_small_encoder
from tests.docs.pages import ROOT

_PINNED = re.compile(r"^([\w-]+)==(\S+?)(?:;|$)", re.M)


def allennlp(arguments: List[str]) -> None:
    """A subcommand of AllenNLP or of this package."""
    args = parsed_by_allennlp(arguments)
    for package in getattr(args, "include_package", []):
        importlib.import_module(package)
    _SUBCOMMANDS.get(arguments[0], args.func)(args)


def parsed_by_allennlp(arguments: List[str]) -> argparse.Namespace:
    with _errors_of_parsers():
        return _parser().parse_args(arguments)


@lru_cache(maxsize=None)
def _parser() -> argparse.ArgumentParser:
    with mock.patch.object(sys, "argv", ["allennlp", "test-install"]):
        return parse_args("allennlp")[0]


def check_name(subcommand: str, options: List[str]) -> None:
    """That there is a subcommand with these options, which running text names without its arguments."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        parsed_by_allennlp([subcommand, "--help"])
    for option in options:
        if not re.search(rf"(^|\s){option}\b", said.getvalue()):
            raise ValueError(f"allennlp {subcommand} has no option {option}")


def shrunk(params: Params) -> Params:
    """The configuration with few instances and an epoch of two batches."""
    params["dataset_reader"]["max_instances"] = 12
    params["trainer"]["num_epochs"] = 1
    return params


def _train(args: argparse.Namespace) -> None:
    params = shrunk(Params.from_file(args.param_path, args.overrides))
    train_model(params, args.serialization_dir, args.recover, args.force)


def _make_dataset(args: argparse.Namespace) -> None:
    if args.name == "own" and all(Path(source).exists() for source in args.source):
        args.func(args)
        return
    options = {"sample": args.sample, "seed": args.seed, "all_labeled": args.all_labeled, "labeled": args.labeled}
    Corpus.by_name(args.name)(args.source, **options)
    make_small_dataset(args.name, Path(args.output_dir or f"data/{args.name}"))


def _make_encoder(args: argparse.Namespace) -> None:
    make_small_encoder(Path(args.output_dir or f"encoders/{args.source}"))


def _attention(args: argparse.Namespace) -> None:
    args.port = 0
    with mock.patch("werkzeug.serving.BaseWSGIServer.serve_forever"):
        args.func(args)


def _evaluate_attention(args: argparse.Namespace) -> None:
    with mock.patch.object(evaluate_attention, "write_evaluation"):
        args.func(args)


def _search(args: argparse.Namespace) -> None:
    args.num_samples = min(args.num_samples, 2)
    where = "attention_vat.search.launch"
    with mock.patch(f"{where}.run_search"), mock.patch(f"{where}.RayExecutor"):
        args.func(args)


def _search_report(args: argparse.Namespace) -> None:
    for path in [*args.experiments, *([args.attention] if args.attention else [])]:
        _check_exists(path)


def _reproduce(args: argparse.Namespace) -> None:
    experiment = load_experiment(args.experiment, args.overrides)
    # One configuration with the command's parameters and overrides; tests/experiments/ has all of them.
    (part,) = experiment.parts = experiment.parts[-1:]
    part.corpora, part.techniques = part.corpora[:1], part.techniques[-1:]
    cells_of(experiment, args.data_dir, args.output_dir)


def _select_unlabeled(args: argparse.Namespace) -> None:
    select_unlabeled.strategy_from_args(args)
    for path in (args.labeled, args.pool, args.vectors):
        _check_exists(path)


_SUBCOMMANDS: Dict[str, Callable[[argparse.Namespace], None]] = {
    "train": _train,
    "attention": _attention,
    "make-dataset": _make_dataset,
    "make-encoder": _make_encoder,
    "evaluate-attention": _evaluate_attention,
    "search": _search,
    "search-report": _search_report,
    "reproduce": _reproduce,
    "select-unlabeled": _select_unlabeled,
    "test-install": lambda args: None,
}


def make(arguments: List[str]) -> None:
    """A target of the Makefile with its variables; what it would call is parsed as well."""
    known = re.findall(r"^(\w+) \?=", Path("Makefile").read_text(encoding="utf-8"), re.M)
    for argument in arguments:
        name, is_variable, _ = argument.partition("=")
        if is_variable and name not in [*known, "PYTHON"]:
            raise ValueError(f"the Makefile has no variable {name}")
    result = subprocess.run(
        ["make", "-n", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True
    )
    if result.returncode:
        raise ValueError(result.stderr)
    for called in re.findall(r"^\S+/python (-m benchmarks.*|scripts/.*)", result.stdout, re.M):
        python(called.split())


def python(arguments: List[str]) -> None:
    """A script or module of this repository: its arguments are parsed, and nothing else is done."""
    is_module = arguments[0] == "-m"
    name, arguments = arguments[is_module], arguments[is_module + 1 :]
    run = runpy.run_module if is_module else runpy.run_path
    parse = argparse.ArgumentParser.parse_args
    parsed: List[argparse.Namespace] = []

    def only_parse(parser: argparse.ArgumentParser, args: Optional[List[str]] = None) -> Any:
        parsed.append(parse(parser, args))
        raise KeyboardInterrupt

    with mock.patch.object(sys, "argv", [name, *arguments]), mock.patch.object(
        argparse.ArgumentParser, "parse_args", only_parse
    ), _errors_of_parsers(), contextlib.suppress(KeyboardInterrupt):
        run(name, run_name="__main__")
    for value in vars(parsed[0]).values():
        for path in value if isinstance(value, list) else [value]:
            if isinstance(path, (str, Path)) and re.match(r"(data|output|training_configs)/", str(path)):
                _check_exists(path)


def pip(arguments: List[str]) -> None:
    """Options are those of pip, files are there, extras are in setup.py, and versions are those of the lock."""
    from pip._internal.commands import create_command

    with _errors_of_parsers():
        options, requirements = create_command(arguments[0]).parse_args(arguments[1:])
    for path in [*getattr(options, "requirements", []), *getattr(options, "constraints", [])]:
        _check_exists(path)
    pins = dict(_PINNED.findall((ROOT / "requirements" / "modern.txt").read_text(encoding="utf-8")))
    for each in requirements:
        extras = re.search(r"\[(.*)\]", each)
        if each.startswith("."):
            unknown = set(extras.group(1).split(",") if extras else []) - set(extras_of_the_package())
            if unknown:
                raise ValueError(f"setup.py has no extra {unknown.pop()}")
            continue
        requirement = Requirement(each)
        if requirement.name == "attention-vat":
            raise ValueError("attention-vat is on no index; write '.' or '.[extra]'")
        if "==" in each and f"=={pins[requirement.name]}" != str(requirement.specifier):
            raise ValueError(f"the lock has {requirement.name}=={pins[requirement.name]}")


def extras_of_the_package() -> Dict[str, List[str]]:
    with mock.patch.object(setuptools, "setup") as setup:
        runpy.run_path(str(ROOT / "setup.py"))
    return setup.call_args[1]["extras_require"]


@contextlib.contextmanager
def _errors_of_parsers() -> Iterator[None]:
    """What a parser says before it exits."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            yield
    except SystemExit as error:
        if not error.code:  # --help
            raise
        raise ValueError(said.getvalue().strip().splitlines()[-1]) from None


def _check_exists(path: Any) -> None:
    if path is not None and not Path(path).exists():
        raise FileNotFoundError(f"{path} is neither in the repository nor made by a command before")
