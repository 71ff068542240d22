"""Subcommand that selects unlabelled sentences from a large pool, at random or near the labelled sentences."""

import argparse
import logging
from pathlib import Path
from typing import Any, Dict

from allennlp.commands.subcommand import Subcommand
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from attention_vat.commands.output import Output, add_output_options
from attention_vat.data.selection import Representation, SelectionStrategy, select_unlabeled


@Subcommand.register("select-unlabeled")
class SelectUnlabeled(Subcommand):
    """The subcommand `select-unlabeled`."""

    def add_subparser(self, parser: argparse._SubParsersAction) -> argparse.ArgumentParser:
        description = "Select unlabelled sentences from a large pool, at random or near the labelled sentences."
        subparser = parser.add_parser(
            self.name, description=description, help="Select unlabelled sentences from a pool."
        )
        subparser.add_argument("--labeled", type=str, required=True, metavar="FILE", help="labelled sentences (jsonl)")
        subparser.add_argument(
            "--pool", type=str, required=True, metavar="FILE", help="sentences to select from (jsonl)"
        )
        subparser.add_argument("-o", "--output-dir", type=str, required=True, help="directory to write")
        subparser.add_argument(
            "--strategy", choices=sorted(SelectionStrategy.list_available()), default="random", help="how to select"
        )
        subparser.add_argument(
            "--embedding",
            choices=sorted(Representation.list_available()),
            help="representation that distances are measured in (default = bag_of_words)",
        )
        subparser.add_argument(
            "--vectors", type=str, metavar="FILE", help="word vectors for mean_embedding: text or .npz"
        )
        subparser.add_argument(
            "--neighbors", type=int, default=10, metavar="K", help="select K times as many as are labelled"
        )
        subparser.add_argument("--count", type=int, metavar="N", help="select N sentences instead")
        subparser.add_argument(
            "--exact", action="store_true", help="compare with the whole pool, without an approximate index"
        )
        subparser.add_argument("--seed", type=int, default=13370, help="random seed of the selection")
        subparser.add_argument("-f", "--force", action="store_true", help="replace the files of an earlier run")
        add_output_options(subparser, select_unlabeled_from_args)
        return subparser


def select_unlabeled_from_args(args: argparse.Namespace, output: Output) -> None:
    """Runs the subcommand `select-unlabeled`."""
    selection = select_unlabeled(
        args.labeled,
        args.pool,
        args.output_dir,
        strategy_from_args(args),
        neighbors=args.neighbors,
        count=args.count,
        force=args.force,
    )
    counts = selection["counts"]
    text = f"{counts['selected']:,} of {counts['pool']:,} sentences written to {args.output_dir}"
    if selection["distances"]:
        text += f"\nmean distance to the nearest labelled sentence: {selection['distances']['mean']}"
    output.answer(text, Path(args.output_dir) / "selection.json")


def strategy_from_args(args: argparse.Namespace) -> SelectionStrategy:
    """
    The strategy that the options describe.  Raises a `ConfigurationError` for options that do not go together.
    """
    params: Dict[str, Any] = {"type": args.strategy, "seed": args.seed}
    if args.strategy == "nearest_neighbors":
        representation = {"type": args.embedding or "bag_of_words"}
        if (args.embedding == "mean_embedding") != bool(args.vectors):
            needs = "needs --vectors FILE" if not args.vectors else "takes no --vectors"
            raise ConfigurationError(f"--embedding {representation['type']} {needs}")
        if args.vectors:
            representation["vectors"] = args.vectors
        params.update(representation=representation, exact=args.exact)
    elif args.embedding or args.vectors or args.exact:
        raise ConfigurationError(f"--strategy {args.strategy} takes no --embedding, --vectors and --exact")
    # The options that were just typed need no log.
    logging.getLogger("allennlp.common.params").disabled = True
    return SelectionStrategy.from_params(Params(params))
