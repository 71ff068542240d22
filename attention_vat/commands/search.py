"""Subcommand that searches for hyperparameters."""

import argparse
import sys
from pathlib import Path
from typing import Any, Dict

from allennlp.commands.subcommand import Subcommand

from attention_vat.commands.output import Output, add_output_options
from attention_vat.search.job import Halving
from attention_vat.search.launch import search
from attention_vat.search.results import collect, summaries, summary_table
from attention_vat.search.space import SearchSpace


@Subcommand.register("search")
class Search(Subcommand):
    """The subcommand `search`."""

    def add_subparser(self, parser: argparse._SubParsersAction) -> argparse.ArgumentParser:
        description = (
            "Train a configuration many times, with values drawn from a search space. The flags, the search space and "
            "the results are those of AllenTune."
        )
        subparser = parser.add_parser(self.name, description=description, help="Search for hyperparameters.")
        subparser.add_argument("config", type=str, help="the configuration, which reads the values by std.extVar")
        subparser.add_argument(
            "-e", "--search-space", type=str, required=True, metavar="FILE", help="JSON file that says what to draw"
        )
        subparser.add_argument("--experiment-name", type=str, required=True, metavar="NAME", help="name of the search")
        subparser.add_argument(
            "--log-dir", type=str, default="logs", help="directory of all searches; runs are LOG_DIR/NAME/run_*/trial"
        )
        subparser.add_argument(
            "--num-samples", type=int, default=1, help="number of runs; a grid multiplies it by its size"
        )
        subparser.add_argument("--seed", type=int, default=13370, help="random seed of the values")
        subparser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a constant that replaces an entry of the search space, or a new one (may be given several times)",
        )
        subparser.add_argument(
            "-o", "--overrides", type=str, default="", help="a json(net) structure that overrides the configuration"
        )
        subparser.add_argument("--num-cpus", type=int, default=1, help="CPUs of this machine to use")
        subparser.add_argument("--num-gpus", type=int, default=0, help="GPUs of this machine to use")
        subparser.add_argument("--cpus-per-trial", type=float, default=1, help="CPUs that a run uses, such as 0.5")
        subparser.add_argument("--gpus-per-trial", type=float, default=0, help="GPUs that a run uses, such as 0.5")
        subparser.add_argument(
            "--address",
            type=str,
            help="train on the Ray cluster at this address, such as auto; all its machines must see --log-dir and data",
        )
        subparser.add_argument(
            "--scheduler",
            choices=["fifo", "asha"],
            default="fifo",
            help="asha stops runs that fall behind; fifo lets all finish",
        )
        subparser.add_argument(
            "--grace-period", type=int, default=1, metavar="EPOCHS", help="epochs before asha may stop a run"
        )
        subparser.add_argument("--reduction-factor", type=int, default=3, help="asha continues one of this many runs")
        subparser.add_argument(
            "--resume", action="store_true", help="continue an interrupted search, or extend a finished one"
        )
        subparser.add_argument("--silent", action="store_true", help="show no table of the runs")
        add_output_options(subparser, search_from_args, resume="the same command with --resume continues")
        return subparser


def search_from_args(args: argparse.Namespace, output: Output) -> None:
    """Runs the subcommand `search`."""
    experiment = Path(args.log_dir).absolute() / args.experiment_name
    halving = Halving(args.grace_period, args.reduction_factor)
    found = search(
        args.config,
        SearchSpace.from_file(args.search_space, args.set),
        experiment,
        num_samples=args.num_samples,
        seed=args.seed,
        overrides=args.overrides,
        num_cpus=args.num_cpus,
        num_gpus=args.num_gpus,
        cpus_per_trial=args.cpus_per_trial,
        gpus_per_trial=args.gpus_per_trial,
        address=args.address,
        halving=halving if args.scheduler == "asha" else None,
        include_package=args.include_package,
        resume=args.resume,
        silent=args.silent,
    )
    counts = found.counts()
    text = (
        f"{len(found.runs)} runs in {experiment}: {counts['finished']} finished, {counts['stopped']} stopped early, "
        f"{counts['failed']} failed"
    )
    content: Dict[str, Any] = {"directory": str(experiment), "runs": len(found.runs), **counts}
    if counts["finished"] or counts["stopped"]:
        rows = collect([experiment])
        text += f"\n{summary_table(rows)}\n\nReport: allennlp search-report {experiment}"
        content["searches"] = summaries(rows)
    output.answer(text, content)
    if counts["failed"]:
        failed = [f"{run.directory}: {run.error}" for run in found.runs if run.status == "failed"]
        sys.exit("\n".join(["", "failed:", *failed]))
