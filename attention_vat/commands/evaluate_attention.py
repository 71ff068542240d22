"""Subcommand that says how readable the attention of a trained model is."""

import argparse
import json
import logging
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Union

import torch
from allennlp.commands.subcommand import Subcommand
from allennlp.common.checks import ConfigurationError, check_for_gpu

from attention_vat.commands.output import THE_SAME_COMMAND, Output, add_output_options
from attention_vat.common.locks import only_one
from attention_vat.interpret.archives import (
    archive_names,
    check_exists,
    check_is_file,
    check_overrides,
    load_attention_archive,
)
from attention_vat.interpret.evaluation import evaluate_attention
from attention_vat.interpret.importance import METHODS, OUTPUTS
from attention_vat.interpret.measures import (
    DEFAULT_MEASURES,
    Faithfulness,
    Measure,
    RationaleAgreement,
    Seeds,
    check_applicable,
    choose_measures,
)
from attention_vat.interpret.options import EvaluationOptions
from attention_vat.interpret.rationales.eraser import check_documents
from attention_vat.interpret.results import AttentionEvaluation
from attention_vat.interpret.texts import texts_of
from attention_vat.reports import check_output_dir, metrics_table, write_evaluation
from attention_vat.reports.output import METRICS, REPORT


@Subcommand.register("evaluate-attention")
class EvaluateAttention(Subcommand):
    """The subcommand `evaluate-attention`."""

    def add_subparser(self, parser: argparse._SubParsersAction) -> argparse.ArgumentParser:
        description = (
            "Measure how well the attention of a trained model follows the importance of words and the words that "
            "people marked, run other measures on request, and write the numbers and a report. After an interruption, "
            "the same command continues the evaluation."
        )
        subparser = parser.add_parser(self.name, description=description, help="Evaluate the attention of a model.")
        subparser.add_argument(
            "archive_file",
            type=str,
            nargs="+",
            help="archive of a trained model, or several: all others are compared with the first one",
        )
        subparser.add_argument("data", type=str, help="the sentences, in the format that the model was trained on")
        subparser.add_argument(
            "-s",
            "--output-dir",
            type=str,
            required=True,
            help="directory for metrics.json, instances.jsonl and report.html",
        )
        subparser.add_argument(
            "--compare",
            type=str,
            action="append",
            default=[],
            metavar="ARCHIVE",
            help="another archive to compare with the first one (may be given several times)",
        )
        subparser.add_argument(
            "--names",
            type=str,
            nargs="+",
            metavar="NAME",
            help="names of the models in the report (default = the names of their folders)",
        )
        subparser.add_argument(
            "--measures",
            type=str,
            default=",".join(DEFAULT_MEASURES),
            help="names separated by commas, 'all', or a JSON list in which a measure may have parameters, as in "
            f'\'["correlation", {{"type": "permutation", "num_permutations": 20}}]\'; the measures are '
            f"{', '.join(Measure.list_available())}",
        )
        subparser.add_argument(
            "--weights-file", type=str, help="checkpoint whose weights replace those of the first archive"
        )
        subparser.add_argument(
            "--seeds",
            type=str,
            nargs="+",
            metavar="ARCHIVE",
            help="archives trained with other seeds, whose attention is compared with that of archive_file",
        )
        subparser.add_argument("--title", type=str, default="Attention report", help="title of the report")
        subparser.add_argument("--cuda-device", type=int, default=-1, help="GPU to use; -1 is the CPU")
        subparser.add_argument("--batch-tokens", type=int, default=8192, help="size of a batch, in words with padding")
        subparser.add_argument(
            "--importance", choices=list(METHODS), default="gradient_x_input", help="how importance is computed"
        )
        subparser.add_argument(
            "--gradient-of", choices=OUTPUTS, default="probability", help="output whose gradient is taken"
        )
        subparser.add_argument(
            "--rationale-fraction",
            type=float,
            metavar="K",
            help="share of words that a hard rationale takes (default = the mean share that people marked)",
        )
        subparser.add_argument(
            "--eraser",
            action="store_true",
            help="also write eraser.jsonl, for the scorer of the ERASER benchmark (adds the measure faithfulness)",
        )
        subparser.add_argument("--seed", type=int, default=13, help="random seed of the bootstrap")
        subparser.add_argument(
            "-o", "--overrides", type=str, default="", help="a json(net) structure that overrides the configuration"
        )
        subparser.add_argument("-f", "--force", action="store_true", help="replace the files of an earlier evaluation")
        add_output_options(subparser, evaluate_attention_from_args, resume=THE_SAME_COMMAND)
        return subparser


def evaluate_attention_from_args(args: argparse.Namespace, output: Output) -> None:
    """Runs the subcommand `evaluate-attention`."""
    results = evaluate_archives(
        args.archive_file,
        args.data,
        args.output_dir,
        compare=args.compare,
        names=args.names,
        measures=args.measures,
        seeds=args.seeds,
        weights_file=args.weights_file,
        eraser=args.eraser,
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
    directory = Path(args.output_dir)
    output.answer(f"{metrics_table(results)}\n\nReport: {directory / REPORT}", directory / METRICS)


def evaluate_archives(
    archive_file: Union[str, PathLike, Sequence[Union[str, PathLike]]],
    data: str,
    output_dir: Union[str, PathLike],
    compare: Optional[Union[str, PathLike, Sequence[Union[str, PathLike]]]] = None,
    measures: Union[str, Sequence[Union[str, Dict[str, Any], Measure]]] = DEFAULT_MEASURES,
    seeds: Optional[Sequence[Union[str, PathLike]]] = None,
    weights_file: Optional[Union[str, PathLike]] = None,
    eraser: bool = False,
    title: str = "Attention report",
    force: bool = False,
    cuda_device: int = -1,
    overrides: str = "",
    names: Optional[Sequence[str]] = None,
    **options: Any,
) -> Dict[str, AttentionEvaluation]:
    """
    Evaluates one archive, or several on the same data, and writes what `write_evaluation` writes; from Python, the same
    as the subcommand.

    # Parameters

    archive_file : `Union[str, PathLike, Sequence[Union[str, PathLike]]]`
        One archive or several.
    data : `str`
    output_dir : `Union[str, PathLike]`
    compare : `Union[str, PathLike, Sequence[Union[str, PathLike]]]`, optional (default = `None`)
        More archives. All others are compared with the first one of `archive_file`.
    measures : `Union[str, Sequence[Union[str, Dict[str, Any], Measure]]]`, optional
        See `evaluate_attention`; as a string also a JSON list.
    seeds : `Sequence[Union[str, PathLike]]`, optional (default = `None`)
        Archives that differ from a single `archive_file` by their seed only, for the measure "seeds".
    weights_file : `Union[str, PathLike]`, optional (default = `None`)
        A checkpoint to use in the place of the weights in the first archive.
    eraser : `bool`, optional (default = `False`)
        Write ERASER's `eraser.jsonl` as well.
    title : `str`, optional
    force : `bool`, optional (default = `False`)
        Replace the files of an earlier evaluation.
    cuda_device : `int`, optional (default = `-1`)
    overrides : `str`, optional (default = `""`)
        JSON to change the configurations of the archives with.
    names : `Sequence[str]`, optional (default = made of the folders of the archives)
        What the models are called in the report and in `metrics.json`.
    options : `Any`
        See `EvaluationOptions`.

    Raises `ConfigurationError` before any work if a file is missing or of another kind, an option is out of range, the
    output directory is not empty, or another evaluation for it is at work.
    """
    # The configuration is not logged, as in `allennlp evaluate`.
    for name in ("allennlp.common.params", "allennlp.nn.initializers"):
        logging.getLogger(name).disabled = True
    archives = [*_as_list(archive_file), *_as_list(compare)]
    if not archives:
        raise ConfigurationError("There is no archive to evaluate; give one or more.")
    if seeds and len(archives) > 1:
        raise ConfigurationError("--seeds is about the seeds of one model; give one archive, and leave out --compare.")
    names = archive_names(archives) if names is None else names
    if len(names) != len(archives) or len(set(names)) != len(archives) or not all(map(str.strip, names)):
        raise ConfigurationError(
            f"--names are {', '.join(map(repr, names))}, but {len(archives)} different ones are needed."
        )
    chosen = _chosen_measures(measures, seeds)
    EvaluationOptions(**options)
    check_output_dir(output_dir, force)
    _check_gpu(cuda_device)
    check_overrides(overrides)
    check_is_file(data, "data file")
    if eraser:
        check_documents(data, options.get("rationale_fraction"))
        chosen = _for_eraser(chosen)
    for archive in archives:
        check_exists(archive, "archive")
    if weights_file is not None:
        check_is_file(weights_file, "weights file")
    progress_files = [_beside(output_dir, f"progress-{number}") for number in range(len(archives))]
    with only_one(_beside(output_dir, "lock"), "allennlp evaluate-attention", output_dir, "--output-dir"):
        # Another evaluation may have written it in the meantime.
        check_output_dir(output_dir, force)
        # All archives load before the first evaluation, so that a broken one costs no time.
        loaded = [
            load_attention_archive(archive, cuda_device, overrides, weights)
            for archive, weights in zip(archives, [weights_file, *[None] * (len(archives) - 1)])
        ]
        for archive in loaded[1:]:
            # The first evaluation, which may take hours, loads its own model.
            first = texts_of(archive.model, islice(archive.validation_dataset_reader.read(data), 1))
            check_applicable(chosen, archive.model, first)
        results = {}
        for name, archive, progress in zip(names, loaded, progress_files):
            instances = archive.validation_dataset_reader.read(data)
            results[name] = evaluate_attention(archive.model, instances, chosen, progress, **options)
        eraser_data = data if eraser else None
        write_evaluation(output_dir, results, title=title, data=Path(data).name, force=force, eraser_data=eraser_data)
        # Files of models that only an earlier command had are removed, too.
        name = _beside(output_dir, "progress-").name
        for path in progress_files[0].parent.iterdir():
            if path.name.startswith(name) and path.name[len(name) :].isdigit():
                path.unlink()
    return results


def _as_list(archives: Optional[Union[str, PathLike, Sequence[Union[str, PathLike]]]]) -> List[Union[str, PathLike]]:
    if archives is None:
        return []
    return [archives] if isinstance(archives, (str, PathLike)) else list(archives)


def _beside(output_dir: Union[str, PathLike], what: str) -> Path:
    # The directory stays empty until all is written. Its path is resolved, since one directory has several names.
    path = Path(output_dir).resolve()
    return path.with_name(f".{path.name}.{what}")


def _check_gpu(cuda_device: int) -> None:
    try:
        check_for_gpu(cuda_device)
    # Without a GPU, new versions of torch raise another error.
    except (ConfigurationError, RuntimeError) as error:
        raise ConfigurationError(
            f"--cuda-device is {cuda_device}, but torch finds {torch.cuda.device_count()} GPUs, which are numbered "
            "from 0; leave it out to work on the CPU."
        ) from error


def _for_eraser(measures: List[Measure]) -> List[Measure]:
    selections = [measure.selection for measure in measures if isinstance(measure, RationaleAgreement)]
    if not any(isinstance(measure, Faithfulness) for measure in measures):
        measures = [*measures, Faithfulness(selections[0] if selections else None)]
    for measure in measures:
        if isinstance(measure, Faithfulness):
            measure.keep_probabilities = True
    return measures


def _no_number(constant: str) -> None:
    # A number that is not finite would make metrics.json invalid JSON.
    raise ValueError(f"{constant} is not a JSON number")


def _chosen_measures(
    measures: Union[str, Sequence[Union[str, Dict[str, Any], Measure]]],
    seeds: Optional[Sequence[Union[str, PathLike]]],
) -> List[Measure]:
    if isinstance(measures, str) and measures.lstrip().startswith("["):
        try:
            measures = json.loads(measures, parse_constant=_no_number)
        except ValueError as error:
            raise ConfigurationError(f"--measures is not a JSON list: {error}.") from error
    if isinstance(measures, str) and measures != "all":
        measures = [name.strip() for name in measures.split(",")]
    # The name alone stands for what --seeds means.
    if not isinstance(measures, str) and "seeds" in measures:
        if not seeds:
            raise ConfigurationError("The measure 'seeds' compares with other models; name their archives by --seeds.")
        measures = [measure for measure in measures if measure != "seeds"]
    chosen = choose_measures(measures)
    return choose_measures([*chosen, Seeds([str(archive) for archive in seeds])]) if seeds else chosen
