"""Subcommand that shows what a trained model looks at in a sentence."""

import argparse
import json
import logging
import sys
from os import PathLike
from pathlib import Path
from typing import IO, Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple, Union

from allennlp.commands.subcommand import Subcommand
from allennlp.common.checks import ConfigurationError, check_for_gpu
from allennlp.common.util import lazy_groups_of
from allennlp.predictors import Predictor
from rich.console import Console

from attention_vat.commands.output import Output, add_output_options
from attention_vat.interpret.archives import archive_names, load_attention_archive
from attention_vat.reports.attention_page import write_attention_page
from attention_vat.reports.terminal import legend, print_prediction

BATCH_SIZE = 32


@Subcommand.register("attention")
class ShowAttention(Subcommand):
    """The subcommand `attention`."""

    def add_subparser(self, parser: argparse._SubParsersAction) -> argparse.ArgumentParser:
        description = (
            "Show which words of a sentence a trained model attends to, and what it predicts. Where there are no "
            "colours (in a file, in a pipe, or with NO_COLOR=1), the command prints percentages."
        )
        subparser = parser.add_parser(self.name, description=description, help="Show the attention in a sentence.")
        subparser.add_argument(
            "archive_file",
            type=str,
            nargs="+",
            help="archive of a trained model, or several to compare",
        )
        subparser.add_argument(
            "sentence",
            type=str,
            help='the text; or a JSON object as "allennlp predict" takes it, such as \'{"premise": "…", "hypothesis": '
            '"…"}\'; or "-" to read a text or an object from each line of standard input',
        )
        subparser.add_argument(
            "--query", type=str, help="the second text (a question, a hypothesis), for models of two texts"
        )
        subparser.add_argument(
            "--compare",
            type=str,
            nargs="+",
            default=[],
            metavar="ARCHIVE",
            help="more archives to compare",
        )
        subparser.add_argument("--html", type=str, metavar="FILE", help="also write the answers to this page")
        subparser.add_argument(
            "--serve",
            action=_WithoutSentence,
            nargs=0,
            default=False,
            help="open a page on 127.0.0.1, on which you type texts, remove words and move scores (needs Flask)",
        )
        subparser.add_argument(
            "--data", type=str, metavar="FILE", help="offer the texts of this file on the page of --serve"
        )
        subparser.add_argument("--port", type=int, default=8000, help="port of --serve; 0 takes a free one")
        subparser.add_argument("--cuda-device", type=int, default=-1, help="GPU to use; -1 is the CPU")
        subparser.add_argument(
            "-o", "--overrides", type=str, default="", help="a json(net) structure that overrides the configuration"
        )
        subparser.add_argument("-f", "--force", action="store_true", help="replace the file that --html names")
        add_output_options(
            subparser, attention_from_args, "print one JSON object a line, and nothing else, on standard output"
        )
        return subparser


def attention_from_args(args: argparse.Namespace, output: Output) -> None:
    """
    Runs the subcommand `attention`.

    Raises `ConfigurationError` if what is asked for cannot be shown.
    """
    # AllenNLP's messages about loading would be longer than the answer.
    logging.getLogger("allennlp").setLevel(logging.WARNING)
    if args.serve or args.data is not None:
        return _serve(args, output)
    refused: List[str] = []
    several = args.sentence == "-"

    def refuse(number: int, error: ConfigurationError) -> None:
        if not several:
            raise error
        refused.append(f"line {number}: {error}")
        output.error(refused[-1])

    if args.html and Path(args.html).exists() and not args.force:
        raise ConfigurationError(f"{args.html} exists; choose another file, or add --force to replace it.")
    if any("\udc80" <= character <= "\udcff" for character in args.sentence):  # how Python marks undecodable bytes
        raise ConfigurationError(f"The sentence is not {sys.getfilesystemencoding()} text; convert it first.")
    if args.sentence.endswith(".tar.gz") and Path(args.sentence).exists():
        raise ConfigurationError(f"{args.sentence} stands where the sentence is expected; add one after the archives.")
    lines = _lines_of(sys.stdin) if several else [(1, args.sentence)]
    # Whoever types sees the answer to each sentence at once.
    batch_size = 1 if several and sys.stdin.isatty() else BATCH_SIZE
    archives = [*args.archive_file, *args.compare]
    several_models = len(archives) > 1
    # A terminal may lack characters of some scripts.
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    console, shown = Console(), []
    options = (args.query, batch_size, args.cuda_device, args.overrides)
    for predictions in _predict_numbered(archives, lines, *options, refuse=refuse):
        if args.json:
            for name, prediction in predictions.items():
                output.answer("", {**({"model": name} if several_models else {}), **_plain(prediction)})
        else:
            for name, prediction in predictions.items():
                print_prediction(console, prediction, name if several_models else None)
            console.print()
        if args.html:
            shown.append(predictions)
    if not args.json:
        console.print(legend(console), style="dim")
    if args.html:
        write_attention_page(args.html, shown)
        print(f"Page: {args.html}", file=sys.stderr if args.json else sys.stdout)
    if refused:
        raise ConfigurationError(f"{len(refused)} of the lines have no answer.")


class _WithoutSentence(argparse.Action):
    """`--serve`: the sentence is typed on the page, so that an archive may stand in its place, or nothing."""

    def __call__(self, parser: Any, namespace: argparse.Namespace, values: Any, option: Optional[str] = None) -> None:
        next(action for action in parser._actions if action.dest == "sentence").required = False
        setattr(namespace, self.dest, True)


def _serve(args: argparse.Namespace, output: Output) -> None:
    from attention_vat.serve import serve

    archives = [*args.archive_file, *([] if args.sentence is None else [args.sentence]), *args.compare]
    if not args.serve:
        raise ConfigurationError("--data belongs to --serve; add it, or leave out --data.")
    if args.html or args.query:
        raise ConfigurationError("--html and --query do not belong to --serve; type texts on its page.")
    serve(
        archives,
        args.data,
        args.port,
        args.cuda_device,
        args.overrides,
        lambda address: output.answer(f"Page: {address} (Ctrl-C ends it)", {"address": address}),
    )


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
        Texts, or JSON objects that the predictor takes. A line that is no JSON object is a text; one may be empty.
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

    def refuse(number: int, error: ConfigurationError) -> None:
        raise ConfigurationError(f"line {number}: {error}") from error

    yield from _predict_numbered(
        archives, enumerate(lines, start=1), query, batch_size, cuda_device, overrides, refuse=refuse
    )


def _predict_numbered(
    archives: Sequence[Union[str, PathLike]],
    lines: Iterable[Tuple[int, Union[str, bytes]]],
    query: Optional[str],
    batch_size: int,
    cuda_device: int,
    overrides: str,
    refuse: Callable[[int, ConfigurationError], None],
) -> Iterator[Dict[str, Dict[str, Any]]]:
    check_for_gpu(cuda_device)
    names = archive_names(archives)
    predictors = [Predictor.from_archive(load_attention_archive(path, cuda_device, overrides)) for path in archives]
    if query is not None and any(len(predictor._model.input_names) == 1 for predictor in predictors):
        raise ConfigurationError("This model reads one text; leave out --query.")

    for some in lazy_groups_of(lines, batch_size):
        yield from _answers(predictors, names, some, query, refuse)


def _answers(
    predictors: Sequence[Predictor],
    names: Sequence[str],
    lines: Sequence[Tuple[int, Union[str, bytes]]],
    query: Optional[str],
    refuse: Callable[[int, ConfigurationError], None],
) -> List[Dict[str, Dict[str, Any]]]:
    by_model = []
    try:
        for predictor in predictors:
            inputs = [_input_of(predictor, line, query) for _, line in lines]
            outputs = predictor.predict_batch_json(inputs)
            by_model.append([{**output, **_query_of(one)} for one, output in zip(inputs, outputs)])
    except (ConfigurationError, TypeError, ValueError) as error:  # other readers raise the last two
        if len(lines) > 1:
            # An error in one line leaves the answers to the others.
            return [answer for one in lines for answer in _answers(predictors, names, [one], query, refuse)]
        refuse(lines[0][0], error if isinstance(error, ConfigurationError) else ConfigurationError(str(error)))
        return []
    return [dict(zip(names, predictions)) for predictions in zip(*by_model)]


def _lines_of(file: IO[str]) -> Iterator[Tuple[int, Union[str, bytes]]]:
    """The lines that are not blank, with their numbers, as bytes: one that is not UTF-8 must not end the others."""
    for number, line in enumerate(getattr(file, "buffer", file), start=1):
        if line.strip():
            yield number, line


def _input_of(predictor: Predictor, line: Union[str, bytes], query: Optional[str]) -> Dict[str, Any]:
    takes_pairs = len(predictor._model.input_names) > 1
    try:
        text = (line.decode("utf-8-sig") if isinstance(line, bytes) else line).strip()
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"This is not UTF-8 text ({error.reason}); convert it first, as with iconv."
        ) from error
    one = _object_in(text)
    if one is not None:
        return one
    if takes_pairs and query is None:
        raise ConfigurationError(
            'This model reads two texts: give the second one by --query, or a JSON object {"premise": "…", '
            '"hypothesis": "…"}.'
        )
    return {"premise": text, "hypothesis": query} if takes_pairs else {"sentence": text}


def _object_in(text: str) -> Optional[Dict[str, Any]]:
    try:
        content = json.loads(text) if text.startswith("{") else None
    except (ValueError, RecursionError):
        # Text may begin with a brace, as in "{link} this film".
        return None
    return content if isinstance(content, dict) else None


def _query_of(inputs: Dict[str, Any]) -> Dict[str, str]:
    query = inputs.get("hypothesis")
    return {} if query is None else {"query": query if isinstance(query, str) else " ".join(query)}


def _plain(prediction: Dict[str, Any]) -> Dict[str, Any]:
    return {key: value for key, value in prediction.items() if key != "logits"}
