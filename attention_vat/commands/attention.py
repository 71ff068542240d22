"""Subcommand that shows what a trained model looks at in a sentence."""

import argparse
import json
import logging
import sys
from os import PathLike
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Union

from allennlp.commands.subcommand import Subcommand
from allennlp.common.checks import ConfigurationError, check_for_gpu
from allennlp.common.util import lazy_groups_of
from allennlp.predictors import Predictor
from rich.console import Console

from attention_vat.interpret.archives import archive_names, load_attention_archive
from attention_vat.reports.attention_page import write_attention_page
from attention_vat.reports.terminal import legend, print_prediction

BATCH_SIZE = 32


@Subcommand.register("attention")
class ShowAttention(Subcommand):
    def add_subparser(self, parser: argparse._SubParsersAction) -> argparse.ArgumentParser:
        description = (
            "Show which words of a sentence a trained model attends to, and what it predicts. Without colours (in a "
            "file or a pipe, or with NO_COLOR=1) percentages take their place."
        )
        subparser = parser.add_parser(self.name, description=description, help="Show the attention in a sentence.")
        subparser.add_argument("archive_file", type=str, help="path to an archived trained model")
        subparser.add_argument(
            "sentence",
            type=str,
            help='a text; or a JSON object as for "allennlp predict", such as \'{"premise": "…", "hypothesis": "…"}\'; '
            "or - to read texts or objects from standard input, one a line",
        )
        subparser.add_argument(
            "--query", type=str, help="for models of two texts: the second one (a question, a hypothesis)"
        )
        subparser.add_argument(
            "--compare",
            type=str,
            nargs="+",
            default=[],
            metavar="ARCHIVE",
            help="more models to set below the first one",
        )
        subparser.add_argument("--html", type=str, metavar="FILE", help="write a page as well")
        subparser.add_argument("--json", action="store_true", help="print an object a line instead")
        subparser.add_argument("--cuda-device", type=int, default=-1, help="id of GPU to use (if any)")
        subparser.add_argument(
            "-o", "--overrides", type=str, default="", help="a json(net) structure to override the configuration with"
        )
        subparser.add_argument("-f", "--force", action="store_true", help="replace the file of --html")
        subparser.set_defaults(func=attention_from_args)
        return subparser


def attention_from_args(args: argparse.Namespace) -> None:
    # What was loaded from where would be longer than the answer.
    logging.getLogger("allennlp").setLevel(logging.WARNING)
    try:
        if args.html and Path(args.html).exists() and not args.force:
            raise ConfigurationError(f"{args.html} exists; choose another file, or add --force to replace it.")
        lines = sys.stdin if args.sentence == "-" else [args.sentence]
        # Who types wants to see each sentence at once.
        batch_size = 1 if args.sentence == "-" and sys.stdin.isatty() else BATCH_SIZE
        archives = [args.archive_file, *args.compare]
        # A terminal may not have every character of every script.
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
        console, shown = Console(), []
        for predictions in predict_lines(archives, lines, args.query, batch_size, args.cuda_device, args.overrides):
            if args.json:
                for name, prediction in predictions.items():
                    print(json.dumps({**({"model": name} if args.compare else {}), **_plain(prediction)}), flush=True)
            else:
                for name, prediction in predictions.items():
                    print_prediction(console, prediction, name if args.compare else None)
                console.print()
            if args.html:
                shown.append(predictions)
        if not args.json:
            console.print(legend(console), style="dim")
        if args.html:
            write_attention_page(args.html, shown)
            print(f"Page: {args.html}", file=sys.stderr if args.json else sys.stdout)
    except ConfigurationError as error:
        sys.exit(f"allennlp attention: {error}")


def predict_lines(
    archives: Sequence[Union[str, PathLike]],
    lines: Iterable[str],
    query: Optional[str] = None,
    batch_size: int = BATCH_SIZE,
    cuda_device: int = -1,
    overrides: str = "",
) -> Iterator[Dict[str, Dict[str, Any]]]:
    """
    What some models predict for each line; from Python, the same as the subcommand.

    # Parameters

    archives : `Sequence[Union[str, PathLike]]`
    lines : `Iterable[str]`
        Texts, or JSON objects that the predictor takes. Blank ones are skipped.
    query : `str`, optional (default = `None`)
        For models of two texts, the second one of every line that is a text.
    batch_size : `int`, optional (default = `32`)
    cuda_device, overrides
        See `load_attention_archive`.

    # Returns

    predictions : `Iterator[Dict[str, Dict[str, Any]]]`
        For each line, by the name of the model: the predictor's output, and `query` where there is one.

    Raises `ConfigurationError` if an archive is missing or of another kind, or if a line does not fit the model.

    # Examples

        for predictions in predict_lines(["output/vanilla", "output/ivat"], ["a fine film", "a dull film"]):
            print(predictions["ivat"]["attention"])
    """
    check_for_gpu(cuda_device)
    names = archive_names(archives)
    predictors = [Predictor.from_archive(load_attention_archive(path, cuda_device, overrides)) for path in archives]
    numbered = ((number, line.strip()) for number, line in enumerate(lines, start=1) if line.strip())
    for some in lazy_groups_of(numbered, batch_size):
        by_model: List[List[Dict[str, Any]]] = []
        for predictor in predictors:
            inputs = [_input_of(predictor, line, number, query) for number, line in some]
            outputs = predictor.predict_batch_json(inputs)
            by_model.append([{**output, **_query_of(one)} for one, output in zip(inputs, outputs)])
        for predictions in zip(*by_model):
            yield dict(zip(names, predictions))


def _input_of(predictor: Predictor, line: str, number: int, query: Optional[str]) -> Dict[str, Any]:
    takes_pairs = len(predictor._model.input_names) > 1
    if line.startswith("{"):
        try:
            one = json.loads(line)
        except ValueError as error:
            raise ConfigurationError(f"Line {number} begins like a JSON object but is none: {error}.") from error
        if not takes_pairs and "sentence" not in one:
            # A line of a file that the model was trained on.
            one["sentence"] = one.get("tokens", one.get("text"))
        return one
    if not takes_pairs and query is not None:
        raise ConfigurationError("This model reads one text; leave out --query.")
    if takes_pairs and query is None:
        raise ConfigurationError(
            'This model reads two texts: give the second one by --query, or a JSON object {"premise": "…", '
            '"hypothesis": "…"}.'
        )
    return {"premise": line, "hypothesis": query} if takes_pairs else {"sentence": line}


def _query_of(inputs: Dict[str, Any]) -> Dict[str, str]:
    query = inputs.get("hypothesis")
    return {} if query is None else {"query": query if isinstance(query, str) else " ".join(query)}


def _plain(prediction: Dict[str, Any]) -> Dict[str, Any]:
    return {key: value for key, value in prediction.items() if key != "logits"}
