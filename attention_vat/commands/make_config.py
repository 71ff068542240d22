"""
Subcommand that writes a configuration for your own data.
"""

import argparse
import json
import sys
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import Any, Dict, Optional, Sequence, Union

from allennlp.commands.subcommand import Subcommand
from allennlp.common.checks import ConfigurationError

from attention_vat.commands.output import Output, add_output_options
from attention_vat.common.configurations import choices
from attention_vat.common.templates import render
from attention_vat.common.whole_file import written_whole
from attention_vat.data.corpora.sources import Source
from attention_vat.data.corpora.statistics import LABELLED_SPLITS

ENCODERS = ("lstm", "gru")
# The first ε of each technique: a perturbation has the scale of what it perturbs.
TECHNIQUES: Dict[str, Dict[str, Any]] = {
    "none": {},
    "attention_vat": {"epsilon": 3.0},
    "attention_ivat": {"epsilon": 3.0},
    "attention_at": {"epsilon": 3.0},
    "word_at": {"epsilon": 0.3},
    "word_vat": {"epsilon": 0.3},
    "tying": {"weight": 0.1},
    "tying+word_at": {"weight": 0.1, "epsilon": 0.3},
}
RANDOM_EPSILON = 0.1
"""Of word techniques, for embeddings that start at random and are small."""

VIRTUAL = ("attention_vat", "attention_ivat", "word_vat", "tying")
"""Those that need no labels."""

TEMPLATE = "commands/config.jsonnet.jinja"
QUESTIONS = (
    ("data_dir", "Folder with train.jsonl and validation.jsonl", "data/own", None),
    ("technique", "Technique", "tying+word_at", tuple(TECHNIQUES)),
    ("encoder", "Encoder", "lstm", ENCODERS),
)


@Subcommand.register("make-config")
class MakeConfig(Subcommand):
    """The subcommand `make-config`."""

    def add_subparser(self, parser: argparse._SubParsersAction) -> argparse.ArgumentParser:
        description = (
            "Write a configuration for data of your own, with comments. On a terminal, the command asks for what you "
            "leave out."
        )
        subparser = parser.add_parser(
            self.name, description=description, help="Write a configuration for data of your own."
        )
        subparser.add_argument("file", type=str, help="configuration to write, such as my.jsonnet")
        for name, question, default, answers in QUESTIONS:
            listed = f": {', '.join(answers)}" if answers else ""
            subparser.add_argument(
                f"--{name.replace('_', '-')}",
                type=str,
                help=f"{question[0].lower()}{question[1:]}{listed} (default = {default})",
            )
        subparser.add_argument(
            "--vectors", type=str, metavar="FILE", help="pretrained word vectors, in the text format of GloVe"
        )
        subparser.add_argument("-f", "--force", action="store_true", help="replace the file if it exists")
        add_output_options(subparser, make_config_from_args)
        return subparser


def make_config_from_args(args: argparse.Namespace, output: Output) -> None:
    """Runs the subcommand `make-config`."""
    answers = {}
    for name, question, default, among in QUESTIONS:
        # With --quiet or --json the command asks nothing.
        silent = args.quiet or args.json
        answers[name] = getattr(args, name) or (default if silent else _asked(question, default, among))
    make_config(args.file, vectors=args.vectors, force=args.force, **answers)
    directory = f"output/{Path(args.file).stem}"
    output.answer(
        f"written to {args.file}; train it by: attention-vat train {args.file} -s {directory}",
        {"file": args.file, **answers, **({"vectors": args.vectors} if args.vectors else {})},
    )


def make_config(
    file: Union[str, PathLike],
    data_dir: Union[str, PathLike] = "data/own",
    technique: str = "tying+word_at",
    encoder: str = "lstm",
    vectors: Optional[Union[str, PathLike]] = None,
    force: bool = False,
) -> None:
    """
    Writes a configuration for `allennlp train`: of a single text or a pair, as the data has it, with the unlabelled
    text of the folder if there is some and the technique takes it.

    # Parameters

    file : `Union[str, PathLike]`
    data_dir : `Union[str, PathLike]`, optional (default = `"data/own"`)
        What `make-dataset` made.
    technique : `str`, optional (default = `"tying+word_at"`)
        One of `TECHNIQUES`.
    encoder : `str`, optional (default = `"lstm"`)
        Or `"gru"`.
    vectors : `Union[str, PathLike]`, optional
        A file of word vectors in the text format of GloVe, plain or compressed. Their scale decides the first ε.
    force : `bool`, optional (default = `False`)
        Replace the file.

    Raises `ConfigurationError` if the file exists, if the folder holds no data, or if a name is unknown.

    # Examples

        make_config("my.jsonnet", "data/own", "word_vat")
    """
    for value, known, what in ((technique, TECHNIQUES, "technique"), (encoder, ENCODERS, "encoder")):
        if value not in known:
            raise ConfigurationError(f"there is no {what} {value!r} here; {choices(value, [*known])}")
    if Path(file).exists() and not force:
        raise ConfigurationError(f"{file} exists; choose another name, or add --force to replace it")
    text = _configuration(Path(data_dir), technique, encoder, vectors)
    with written_whole(file) as out:
        out.write(text)


def _asked(question: str, default: str, among: Optional[Sequence[str]]) -> str:
    if not (sys.stdin is not None and sys.stdin.isatty()):
        return default
    listed = f" ({', '.join(among)})" if among else ""
    try:
        return input(f"{question}{listed} [{default}]: ").strip() or default
    except EOFError:
        return default


def _configuration(data_dir: Path, technique: str, encoder: str, vectors: Optional[Union[str, PathLike]]) -> str:
    parts = [] if technique == "none" else technique.split("+")
    settings = dict(TECHNIQUES[technique])
    if vectors is None and "word_" in technique:
        settings["epsilon"] = RANDOM_EPSILON
    unlabeled = data_dir / "unlabeled.jsonl"
    return render(
        TEMPLATE,
        data_dir=data_dir.as_posix(),
        train=_quoted(data_dir / "train.jsonl"),
        validation=_quoted(data_dir / "validation.jsonl"),
        unlabeled=_quoted(unlabeled) if unlabeled.exists() and any(part in VIRTUAL for part in parts) else None,
        kind="pair" if "premise" in _first_example(data_dir) else "single",
        vectors=None if vectors is None else _quoted(Path(vectors)),
        embedding_dim=100 if vectors is None else _dimension(vectors),
        encoder=encoder,
        has_tying="tying" in parts,
        unit="scores" if "attention" in technique else "embeddings",
        regularizers=[
            {"type": part, **{key: value for key, value in settings.items() if (key == "weight") == (part == "tying")}}
            for part in parts
        ],
    )


def _first_example(data_dir: Path) -> Dict[str, Any]:
    for split in LABELLED_SPLITS[:2]:
        if not (data_dir / f"{split}.jsonl").is_file():
            raise ConfigurationError(
                f"{data_dir} holds no {split}.jsonl; make it with make-dataset, or name another folder"
            )
    with open(data_dir / "train.jsonl", encoding="utf-8") as file:
        line = file.readline()
    try:
        example = json.loads(line)
        assert isinstance(example, dict)
    except (ValueError, AssertionError) as error:
        raise ConfigurationError(f"{data_dir / 'train.jsonl'}:1: is not a JSON object") from error
    return example


def _dimension(vectors: Union[str, PathLike]) -> int:
    # Imported late, since this takes a while and the other subcommands do not need it.
    from attention_vat.interpret.archives import check_is_file

    check_is_file(vectors, "file of vectors")
    source = Source(vectors)
    # The first line may be a header of two numbers.
    lines = [line.split(" ") for _, line in islice(source.lines(source.names()[0]), 2)]
    dimension = len(lines[-1]) - 1 if lines else 0
    if dimension < 2:
        raise ConfigurationError(
            f"{vectors}: its second line is not a word with its vector; use a file in the format of GloVe"
        )
    return dimension


def _quoted(path: Path) -> str:
    return json.dumps(path.as_posix(), ensure_ascii=False)
