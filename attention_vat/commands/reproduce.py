"""Subcommand that trains the models of a table or figure of the papers and writes it, with the published numbers."""

import argparse

from allennlp.commands.subcommand import Subcommand
from allennlp.common.checks import ConfigurationError

from attention_vat.commands.output import THE_SAME_COMMAND, Output, add_output_options


@Subcommand.register("reproduce")
class Reproduce(Subcommand):
    """The subcommand `reproduce`."""

    def add_subparser(self, parser: argparse._SubParsersAction) -> argparse.ArgumentParser:
        description = (
            "Train and evaluate every model of an experiment, search epsilon where the experiment asks for it, and "
            "write tables beside the published numbers. Finished runs are kept. After an interruption, the same "
            "command continues."
        )
        subparser = parser.add_parser(self.name, description=description, help="Reproduce a table or figure.")
        subparser.add_argument(
            "experiment",
            type=str,
            help="experiment file, such as experiments/table3.jsonnet, or package:table3 for a shipped one",
        )
        subparser.add_argument(
            "-s", "--output-dir", type=str, default="output/reproduction", help="directory for runs and tables"
        )
        subparser.add_argument("--data-dir", type=str, default="data", help="directory of the corpora")
        subparser.add_argument(
            "-o", "--overrides", type=str, default="", help="a json(net) structure that overrides the experiment"
        )
        subparser.add_argument(
            "--address",
            type=str,
            help="train on the Ray cluster at this address (auto: find the one on this machine, local: start one)",
        )
        subparser.add_argument("--num-cpus", type=int, help="CPUs to use on this machine (default = all)")
        subparser.add_argument("--cpus-per-run", type=int, default=1, help="CPUs, and threads, that a run uses")
        subparser.add_argument(
            "--num-gpus", type=int, help="GPUs to use on this machine (default = all; 0 trains on CPUs)"
        )
        subparser.add_argument(
            "--gpus-per-run",
            type=float,
            metavar="SHARE",
            help="GPUs that a run uses; 0.25 puts four runs on one (default = 1 where there are GPUs, 0 on a cluster)",
        )
        subparser.add_argument(
            "--time-limit", type=float, metavar="MINUTES", help="start no run after this many minutes"
        )
        subparser.add_argument(
            "--only",
            type=str,
            nargs="+",
            metavar="CORPUS/TECHNIQUE",
            help="train only these; * matches anything, and the name of a setting in the tables may replace the corpus",
        )
        subparser.add_argument(
            "--any-code", action="store_true", help="also take finished runs of another version of the code"
        )
        group = subparser.add_mutually_exclusive_group()
        group.add_argument("--dry-run", action="store_true", help="show the runs and how long they take, and stop")
        group.add_argument("--report-only", action="store_true", help="write the tables of the finished runs, and stop")
        add_output_options(subparser, reproduce_from_args, resume=THE_SAME_COMMAND)
        return subparser


def reproduce_from_args(args: argparse.Namespace, output: Output) -> None:
    """
    Runs the subcommand `reproduce`.

    Raises `ConfigurationError` if a run failed.
    """
    # Imported late, since the other subcommands do not need it.
    from attention_vat.experiments.reproduce import reproduce

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
    if failures:
        # With --quiet or --json nothing else says what failed.
        named = [f" ({one.job.name}: {one.reason}, see {one.job.log})" for one in failures if args.quiet or args.json]
        raise ConfigurationError(f"{len(failures)} failed{''.join(named[:1])}; the same command tries them again.")
