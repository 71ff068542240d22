"""Subcommand that makes a corpus ready for training, from its original download or from a local copy."""

import argparse
import inspect
from pathlib import Path
from typing import Any, Dict, List, Optional

from allennlp.commands.subcommand import Subcommand
from allennlp.common.checks import ConfigurationError

from attention_vat.commands.output import Output, add_output_options
from attention_vat.data.corpora import Corpus

OPTIONS = {"text_columns": "--text-column", "label_column": "--label-column", "shares": "--shares"}


@Subcommand.register("make-dataset")
class MakeDataset(Subcommand):
    """The subcommand `make-dataset`."""

    def add_subparser(self, parser: argparse._SubParsersAction) -> argparse.ArgumentParser:
        description = (
            "Make the training, validation, test and unlabelled files of a corpus, and compare its counts with the "
            "published ones."
        )
        names = ", ".join(sorted(Corpus.list_available()))
        subparser = parser.add_parser(self.name, description=description, help="Make the files of a corpus.")
        subparser.add_argument("name", type=str, help=f"the corpus: {names}")
        subparser.add_argument(
            "--source",
            type=str,
            nargs="+",
            default=[],
            metavar="PATH",
            help="local copy to read: a directory, archive or files",
        )
        subparser.add_argument("-o", "--output-dir", type=str, help="directory to write (default = data/NAME)")
        subparser.add_argument("--sample", type=int, metavar="N", help="draw N sentences from an unlabelled pool")
        subparser.add_argument("--seed", type=int, default=13370, help="random seed of all draws")
        subparser.add_argument(
            "--all-labeled", action="store_true", help="keep the labels of the half that would become unlabelled"
        )
        subparser.add_argument(
            "--labeled", type=int, metavar="N", help="keep the labels of N training examples only, drawn at random"
        )
        own = subparser.add_argument_group("own", "options for texts of your own, the corpus `own`")
        own.add_argument(
            "--text-column",
            type=str,
            nargs="+",
            metavar="NAME",
            help="column of the text, or the two columns of a pair (default = text)",
        )
        own.add_argument("--label-column", type=str, metavar="NAME", help="column of the class (default = label)")
        own.add_argument(
            "--shares",
            type=float,
            nargs=3,
            metavar=("TRAIN", "VALIDATION", "TEST"),
            help="shares of the splits, for a source that has none (default = 0.8 0.1 0.1)",
        )
        subparser.add_argument("-f", "--force", action="store_true", help="replace the files of an earlier run")
        add_output_options(subparser, make_dataset_from_args)
        return subparser


def make_dataset_from_args(args: argparse.Namespace, output: Output) -> None:
    """Runs the subcommand `make-dataset`."""
    make_dataset(
        args.name,
        args.source,
        args.output_dir,
        args.sample,
        args.seed,
        args.force,
        args.all_labeled,
        args.labeled,
        text_columns=args.text_column,
        label_column=args.label_column,
        shares=args.shares,
    )
    # The corpus prints the table of counts.
    directory = _directory(args.name, args.output_dir)
    output.answer(f"written to {directory}", directory / "statistics.json")


def make_dataset(
    name: str,
    source: Optional[List[str]] = None,
    output_dir: Optional[str] = None,
    sample: Optional[int] = None,
    seed: int = 13370,
    force: bool = False,
    all_labeled: bool = False,
    labeled: Optional[int] = None,
    **options: Any,
) -> Dict[str, Any]:
    """
    Makes the files of a corpus and prints its counts; from Python, the same as the subcommand.

    # Parameters

    name : `str`
        A registered `Corpus`.
    source : `List[str]`, optional (default = `None`)
        Local copies to read; without them the corpus is downloaded.
    output_dir : `str`, optional (default = `data/{name}`)
    sample, seed, all_labeled, labeled :
        See `Corpus`.
    force : `bool`, optional (default = `False`)
        Replace the files of an earlier run.
    options : `Any`
        Other parameters of the corpus, see `OwnTexts`; `None` is its default.

    # Returns

    statistics : `Dict[str, Any]`
        What `statistics.json` holds.  Raises a `ConfigurationError` for anything that prevents it.
    """
    available = sorted(Corpus.list_available())
    if name not in available:
        raise ConfigurationError(f"there is no corpus {name!r}; choose one of {', '.join(available)}")
    kind = Corpus.by_name(name)
    options = {key: value for key, value in options.items() if value is not None}
    foreign = sorted(options.keys() - inspect.signature(kind).parameters)
    if foreign:
        raise ConfigurationError(f"{OPTIONS[foreign[0]]} is for the corpus 'own', not for {name!r}")
    corpus = kind(sources=source or [], sample=sample, seed=seed, all_labeled=all_labeled, labeled=labeled, **options)
    return corpus.make(_directory(name, output_dir), force)


def _directory(name: str, output_dir: Optional[str]) -> Path:
    return Path(output_dir or f"data/{name}")
