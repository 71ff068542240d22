"""Subcommand that trains the models of a table or figure of the papers and writes it, with the published numbers."""

import argparse
import sys

from allennlp.commands.subcommand import Subcommand
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import SigTermReceived

from attention_vat.commands.output import Output, add_output_options


@Subcommand.register("reproduce")
class Reproduce(Subcommand):
    """The subcommand `reproduce`."""

    def add_subparser(self, parser: argparse._SubParsersAction) -> argparse.ArgumentParser:
        description = (
            "Train every model of an experiment, search epsilon where it asks for that, evaluate, and write tables "
            "beside the published numbers. What is finished is not done again; killed runs continue."
        )
        subparser = parser.add_parser(self.name, description=description, help="Reproduce a table or figure.")
        subparser.add_argument(
            "experiment",
            type=str,
            help="experiment file, such as experiments/table3.jsonnet, or package:table3 for a shipped one",
        )
        subparser.add_argument(
            "-s", "--output-dir", type=str, default="output/reproduction", help="where runs and tables go"
        )
        subparser.add_argument("--data-dir", type=str, default="data", help="where the corpora are")
        subparser.add_argument(
            "-o", "--overrides", type=str, default="", help="a json(net) structure to override the experiment with"
        )
        subparser.add_argument(
            "--address",
            type=str,
            help="train on a Ray cluster at this address (auto: the one on this machine, local: start one)",
        )
        subparser.add_argument("--num-cpus", type=int, help="CPUs to use on this machine (default = all)")
        subparser.add_argument("--cpus-per-run", type=int, default=1, help="CPUs, and threads, of a run")
        subparser.add_argument(
            "--num-gpus", type=int, help="GPUs to use on this machine (default = all; 0: train on CPUs)"
        )
        subparser.add_argument(
            "--gpus-per-run",
            type=float,
            metavar="SHARE",
            help="GPUs of a run: 0.25 for four runs on one (default = 1 where there are GPUs, 0 on a cluster)",
        )
        subparser.add_argument("--time-limit", type=float, metavar="MINUTES", help="start no run after this time")
        subparser.add_argument(
            "--only",
            type=str,
            nargs="+",
            metavar="CORPUS/TECHNIQUE",
            help="train these only; * stands for anything, and a setting's name in tables may stand for the corpus",
        )
        subparser.add_argument(
            "--any-code", action="store_true", help="take finished runs of another version of the code, too"
        )
        group = subparser.add_mutually_exclusive_group()
        group.add_argument("--dry-run", action="store_true", help="show the runs and an estimate, and stop")
        group.add_argument("--report-only", action="store_true", help="write the tables of what is finished, and stop")
        add_output_options(subparser, reproduce_from_args)
        return subparser


def reproduce_from_args(args: argparse.Namespace, output: Output) -> None:
    """Runs the subcommand `reproduce`."""
    # The other subcommands need nothing of this.
    from attention_vat.experiments.reproduce import reproduce

    try:
        failures = reproduce(
            args.experiment,
            output_dir=args.output_dir,
            data_dir=args.data_dir,
            overrides=args.overrides,
            address=args.address,
            num_cpus=args.num_cpus,
            cpus_per_run=args.cpus_per_run,
            num_gpus=args.num_gpus,
            gpus_per_run=args.gpus_per_run,
            time_limit=args.time_limit,
            only=args.only,
            any_code=args.any_code,
            dry_run=args.dry_run,
            report_only=args.report_only,
            answer=output.answer,
        )
    except ConfigurationError as error:
        sys.exit(f"allennlp reproduce: {error}")
    except (KeyboardInterrupt, SigTermReceived):
        sys.exit("allennlp reproduce: interrupted; the same command goes on where it was.")
    if failures:
        # Without the text, nothing else says what failed.
        named = [f" ({one.job.name}: {one.reason}, see {one.job.log})" for one in failures if args.quiet or args.json]
        sys.exit(f"allennlp reproduce: {len(failures)} failed{''.join(named[:1])}; the same command tries them again.")
