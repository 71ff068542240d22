"""Subcommand that reports the results of a search."""

import argparse
from pathlib import Path
from typing import List, Optional, Sequence, Tuple

from allennlp.commands.subcommand import Subcommand
from allennlp.common.checks import ConfigurationError

from attention_vat.commands.output import Output, add_output_options
from attention_vat.common.directories import make_writable
from attention_vat.plots import plot_expected_best, plot_points
from attention_vat.search.attention import add_attention, data_file
from attention_vat.search.results import (
    RESULTS,
    Row,
    by_model,
    choose_metric,
    collect,
    epsilon_points,
    summaries,
    summary_table,
    values_of,
    write_results,
)

EXPECTED, EPSILON = "expected-performance", "epsilon"


@Subcommand.register("search-report")
class SearchReport(Subcommand):
    """The subcommand `search-report`."""

    def add_subparser(self, parser: argparse._SubParsersAction) -> argparse.ArgumentParser:
        description = (
            "Write the results of one or more searches to a table (results.jsonl), and draw the expected best result "
            "against the number of runs and the results against epsilon."
        )
        subparser = parser.add_parser(self.name, description=description, help="Report on a search.")
        subparser.add_argument(
            "experiments", type=str, nargs="+", metavar="DIR", help="directory of a search, LOG_DIR/NAME"
        )
        subparser.add_argument(
            "--metric",
            "--performance-metric",
            type=str,
            help="metric to report, such as best_validation_f1 (default = the validation metric of the runs)",
        )
        subparser.add_argument(
            "--mode",
            choices=["max", "min"],
            help="whether more or less is better (default = min for a loss, max for others)",
        )
        subparser.add_argument("--model", type=str, help="name of a single search (default = its directory)")
        subparser.add_argument("--output-dir", type=str, help="directory to write (default = DIR of a single search)")
        subparser.add_argument(
            "--attention",
            type=str,
            metavar="DATA",
            help="also evaluate the attention of each run's best model on this file",
        )
        subparser.add_argument("--correlation", type=str, default="pearson", help="correlation of --attention to draw")
        subparser.add_argument("--cuda-device", type=int, default=-1, help="GPU to use; -1 is the CPU")
        subparser.add_argument("--markdown", action="store_true", help="print the table in Markdown")
        add_output_options(subparser, search_report_from_args)
        return subparser


def search_report_from_args(args: argparse.Namespace, output: Output) -> None:
    """Runs the subcommand `search-report`."""
    rows, files = report_search(
        args.experiments,
        metric=args.metric,
        mode=args.mode,
        model=args.model,
        output_dir=args.output_dir,
        attention=args.attention,
        correlation=args.correlation,
        cuda_device=args.cuda_device,
    )
    table = summary_table(rows, args.metric, args.mode, args.markdown)
    searches = summaries(rows, args.metric, args.mode)
    names = [str(file) for file in files]
    output.answer("\n".join([table, "", *names]), {"searches": searches, "files": names})


def report_search(
    experiments: Sequence[str],
    metric: Optional[str] = None,
    mode: Optional[str] = None,
    model: Optional[str] = None,
    output_dir: Optional[str] = None,
    attention: Optional[str] = None,
    correlation: str = "pearson",
    cuda_device: int = -1,
) -> Tuple[List[Row], List[Path]]:
    """
    Writes `results.jsonl`, `expected-performance.svg` and `.png`, and, if there are runs with an ε, `epsilon.svg` and
    `.png`; from Python, the same as the subcommand.

    # Parameters

    experiments : `Sequence[str]`
    metric : `str`, optional (default = `best_` and what the first run was validated by)
    mode : `str`, optional
        `max` or `min`.
    model : `str`, optional
        What to call a single search.
    output_dir : `str`, optional (default = the directory of a single search)
    attention : `str`, optional
        Data to evaluate the attention of each run's best model on; see `add_attention`.
    correlation : `str`, optional (default = `"pearson"`)
    cuda_device : `int`, optional (default = `-1`)

    # Returns

    rows : `List[Row]`
    files : `List[Path]`

    Raises `ConfigurationError` before anything is written.
    """
    if len(experiments) > 1 and output_dir is None:
        raise ConfigurationError("several searches need --output-dir DIR.")
    if len(experiments) > 1 and model is not None:
        raise ConfigurationError("--model names a single search.")
    rows = collect(experiments, model)
    metric, mode = choose_metric(rows, metric, mode)
    values = {name: values_of(group, metric) for name, group in by_model(rows).items()}
    if attention is not None:
        data_file(attention)
    output = Path(output_dir if output_dir is not None else experiments[0])
    make_writable(output, "--output-dir")  # before the evaluation of attention, which takes long
    if attention is not None:
        add_attention(rows, attention, cuda_device)
    panels = {metric: epsilon_points(rows, metric)}
    if attention is not None:
        values_of(rows, f"attention.{correlation}")
        panels[f"{correlation.capitalize()} correlation of attention"] = epsilon_points(
            rows, f"attention.{correlation}"
        )

    write_results(output / RESULTS, rows)
    drawn = [EXPECTED]
    plot_expected_best(output / EXPECTED, values, metric, mode)
    if panels[metric]:
        plot_points(output / EPSILON, panels)
        drawn.append(EPSILON)
    return rows, [output / RESULTS, *(output / f"{name}.{suffix}" for name in drawn for suffix in ("svg", "png"))]
