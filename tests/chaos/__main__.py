"""`python -m tests.chaos` runs the campaign; `--help` lists its options."""

import argparse
import logging
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Dict, List, Optional

# Processes are forked, which a process with threads cannot do safely.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
warnings.simplefilter("ignore")

from rich.console import Console  # noqa: E402
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: E402

from tests.chaos.campaign import ROOT, Journal, Result, Trial, load_kinds, only, plan, run_trials  # noqa: E402
from tests.chaos.report import write_report  # noqa: E402
from tests.chaos.trials import Kind  # noqa: E402


def main(arguments: Optional[List[str]] = None) -> int:
    """
    # Returns

    code : `int`
        1 if a trial failed.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=7, help="of all trials (default = %(default)s)")
    parser.add_argument(
        "--rounds",
        default="1x",
        metavar="N",
        help="how many trials: 0.1x is a tenth of the rounds, 20 at most 20 of each kind (default = %(default)s)",
    )
    parser.add_argument("--quick", action="store_true", help="the few trials that `make test` makes")
    parser.add_argument("--minutes", type=float, help="begin no other trial after this time")
    parser.add_argument("--only", nargs="+", metavar="KIND", help="these kinds; kills stands for all kills-...")
    parser.add_argument("--trial", type=int, metavar="NUMBER", help="one trial again, with its traceback")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="trials at a time")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the table, such as docs/reliability.md")
    parser.add_argument("--fresh", action="store_true", help="make trials again that the same code has survived")
    parser.add_argument("--journal", type=Path, default=ROOT / "output" / "chaos", metavar="DIR", help="of results")
    parser.add_argument("--list", action="store_true", help="list the kinds of trials")
    args = parser.parse_args(arguments)
    try:
        chosen = only(args.only)
        rounds = {name: _rounds(kind, args) for name, kind in load_kinds().items() if name in chosen}
    except ValueError as error:
        parser.error(str(error))
    if args.list:
        for kind in load_kinds().values():
            print(f"{kind.name:24}{kind.rounds:8,}  {kind.title}")
        return 0
    if args.trial is not None:
        return _repeat(chosen, args)
    return _campaign(rounds, args)


def _rounds(kind: Kind, args: argparse.Namespace) -> int:
    if args.quick:
        return kind.quick_rounds
    if args.rounds.endswith("x"):
        return max(1, round(kind.rounds * float(args.rounds[:-1])))
    return min(kind.rounds, int(args.rounds))


def _repeat(chosen: "set[str]", args: argparse.Namespace) -> int:
    logging.getLogger("tests.chaos.trials").setLevel(logging.DEBUG)
    logging.basicConfig(level=logging.WARNING)
    failures = []

    def show(result: Result) -> None:
        failures.append(result.failure)
        print(f"{result.kind}, trial {result.number}: {result.failure or 'survived'}")

    run_trials([Trial(name, args.trial) for name in sorted(chosen)], args.seed, 1, show, quiet=False)
    return int(any(failures))


def _campaign(rounds: Dict[str, int], args: argparse.Namespace) -> int:
    journal = Journal(args.journal, args.seed, args.fresh)
    trials = plan(rounds)
    results = [journal.results[trial] for trial in trials if trial in journal.results]
    if results:
        print(
            f"{len(results):,} of {len(trials):,} trials were made before ({journal.path}); --fresh makes them again."
        )
    todo = [trial for trial in trials if trial not in journal.results]
    console = Console()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # Without its thread, which a process that forks must not have.
    with Progress(*columns, console=console, auto_refresh=False, transient=True) as progress:
        bars = {name: progress.add_task(name, total=count) for name, count in rounds.items()}
        for result in results:
            progress.advance(bars[result.kind])
        shown = 0.0

        def on_result(result: Result) -> None:
            nonlocal shown
            journal.add(result)
            results.append(result)
            progress.advance(bars[result.kind])
            if result.failure is not None:
                _show_failure(console, result, args.seed)
            if time.monotonic() > shown + 0.5:
                shown = time.monotonic()
                progress.refresh()

        until = None if args.minutes is None else time.monotonic() + 60 * args.minutes
        earlier = [result for result in results if result.failure is not None]
        for result in earlier:
            _show_failure(console, result, args.seed)
        run_trials(todo, args.seed, args.jobs, on_result, until)
    failures = sum(result.failure is not None for result in results)
    for name in rounds:
        own = [result for result in results if result.kind == name]
        survived = sum(result.failure is None for result in own)
        print(f"{name:24}{survived:8,} of {len(own):,} survived")
    if len(results) < len(trials):
        print(f"{len(trials) - len(results):,} trials are left; the same command goes on with them.")
    if args.report is not None:
        write_report(args.report, results, args)
    return int(failures > 0)


def _show_failure(console: Console, result: Result, seed: int) -> None:
    command = f'make chaos ARGS="--only {result.kind} --seed {seed} --trial {result.number}"'
    console.print(
        f"{result.kind}, trial {result.number}: {result.failure}\n    {command}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


if __name__ == "__main__":
    sys.exit(main())
