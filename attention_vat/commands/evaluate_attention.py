"""Subcommand that says how readable the attention of a trained model is."""

import argparse
import logging
import sys
from os import PathLike
from pathlib import Path
from typing import Any, Dict, Optional, Union

from allennlp.commands.subcommand import Subcommand
from allennlp.common.checks import ConfigurationError, check_for_gpu

from attention_vat.interpret.archives import archive_names, check_exists, evaluate_archive
from attention_vat.interpret.evaluation import AttentionEvaluation
from attention_vat.interpret.importance import METHODS, OUTPUTS
from attention_vat.reports import check_output_dir, metrics_table, write_evaluation


@Subcommand.register("evaluate-attention")
class EvaluateAttention(Subcommand):
    def add_subparser(self, parser: argparse._SubParsersAction) -> argparse.ArgumentParser:
        description = (
            "Correlate the attention of a trained model with the importance of words, score it against human "
            "rationales where the data has them, and write the numbers and a report."
        )
        subparser = parser.add_parser(self.name, description=description, help="Evaluate the attention of a model.")
        subparser.add_argument("archive_file", type=str, help="path to an archived trained model")
        subparser.add_argument(
            "data", type=str, help="path to the sentences, in the format that the model was trained on"
        )
        subparser.add_argument(
            "-s",
            "--output-dir",
            type=str,
            required=True,
            help="where to write metrics.json, instances.jsonl, report.html",
        )
        subparser.add_argument(
            "--compare", type=str, metavar="ARCHIVE", help="a second model to set beside the first one"
        )
        subparser.add_argument("--title", type=str, default="Attention report", help="title of the report")
        subparser.add_argument("--cuda-device", type=int, default=-1, help="id of GPU to use (if any)")
        subparser.add_argument("--batch-tokens", type=int, default=8192, help="words in a batch, with padding")
        subparser.add_argument("--importance", choices=list(METHODS), default="gradient_x_input", help="of a word")
        subparser.add_argument(
            "--gradient-of", choices=OUTPUTS, default="probability", help="what the importance is the gradient of"
        )
        subparser.add_argument(
            "--rationale-fraction",
            type=float,
            metavar="K",
            help="share of words taken as a hard rationale (default = the mean share that people marked)",
        )
        subparser.add_argument("--seed", type=int, default=13, help="of the bootstrap")
        subparser.add_argument(
            "-o", "--overrides", type=str, default="", help="a json(net) structure to override the configuration with"
        )
        subparser.add_argument("-f", "--force", action="store_true", help="replace the files of an earlier evaluation")
        subparser.set_defaults(func=evaluate_attention_from_args)
        return subparser


def evaluate_attention_from_args(args: argparse.Namespace) -> None:
    try:
        results = evaluate_archives(
            args.archive_file,
            args.data,
            args.output_dir,
            compare=args.compare,
            title=args.title,
            force=args.force,
            cuda_device=args.cuda_device,
            overrides=args.overrides,
            batch_tokens=args.batch_tokens,
            method=args.importance,
            output=args.gradient_of,
            rationale_fraction=args.rationale_fraction,
            seed=args.seed,
        )
    except ConfigurationError as error:
        sys.exit(f"allennlp evaluate-attention: {error}")
    print(metrics_table(results))
    print(f"\nReport: {Path(args.output_dir) / 'report.html'}")


def evaluate_archives(
    archive_file: Union[str, PathLike],
    data: str,
    output_dir: Union[str, PathLike],
    compare: Optional[Union[str, PathLike]] = None,
    title: str = "Attention report",
    force: bool = False,
    **options: Any,
) -> Dict[str, AttentionEvaluation]:
    """
    Evaluates one archive, or two on the same data, and writes what `write_evaluation` writes; from Python, the same as
    the subcommand.

    # Parameters

    archive_file : `Union[str, PathLike]`
    data : `str`
    output_dir : `Union[str, PathLike]`
    compare : `Union[str, PathLike]`, optional (default = `None`)
        The second archive.
    title : `str`, optional
    force : `bool`, optional (default = `False`)
        Replace the files of an earlier evaluation.
    options : `Any`
        See `evaluate_archive` and `evaluate_attention`.

    Raises `ConfigurationError` before any work if a file is missing, an option is out of range or the output directory
    is not empty.
    """
    archives = [archive_file] if compare is None else [archive_file, compare]
    check_output_dir(output_dir, force)
    check_for_gpu(options.get("cuda_device", -1))
    check_exists(data, "data file")
    for archive in archives:
        check_exists(archive, "archive")
    # As `allennlp evaluate` does: the configuration is not news here.
    for name in ("allennlp.common.params", "allennlp.nn.initializers"):
        logging.getLogger(name).disabled = True
    results = {}
    for name, archive in zip(archive_names(archives), archives):
        results[name] = evaluate_archive(archive, data, **options)
    write_evaluation(output_dir, results, title=title, data=Path(data).name, force=force)
    return results
