"""docs/reliability.md, which a campaign writes as a whole."""

import argparse
import datetime
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import List

from tests.chaos.campaign import ROOT, Result
from tests.chaos.trials import KINDS

TEXT = """# Reliability

A training that is killed goes on as if nothing had happened, and whatever else goes wrong is said in a sentence: the
wrong number that nobody notices is what this page is about. The campaign `make chaos` tries it. Each trial is one of
these:

- **Kills.** A training or a command in a process of its own is ended by `kill -9`: at a random event of the
  interpreter, or at a chosen one, such as before `best.th` is linked, or when half of a checkpoint is written. Then
  the same command goes on, after several kills in some trials. What it leaves must be what an undisturbed run leaves:
  the same weights and optimizer states bit for bit, the same archive, metrics and names of files. To recover the
  finished run once more must change nothing.
- **Damage.** A file of a training's directory is cut, emptied, overwritten or removed. What reads it must refuse it
  in a sentence or give the exact result.
- **Hostile and mutated inputs.** Lines, sources, spaces and archives that were changed at random or made with ill
  intent. Each is read right or refused, with its place.
- **Numbers.** Extreme inputs to what computes, beside the formula in float64.
- **The rest.** Commands that work in one place at the same time, a killed process of a distributed training, and a
  training that must not grow.

## Result

{table}

{facts}

{failures}## To repeat it

    make chaos                                               # all of it
    make chaos ARGS="--minutes 10 --seed 8"                  # as much as fits, with other trials
    make chaos ARGS="--only kills --rounds 5x"               # five times as many kills
    make chaos ARGS="--only kills-random --seed 7 --trial 12"    # one trial, with its traceback
    make chaos ARGS="--report docs/reliability.md"           # writes this page

The same seed and number always make the same trial. A campaign that is killed, or has used its minutes, goes on when
the same command is given again; results are kept in `output/chaos` for as long as the code stays the same. `make
test` runs a slice of a minute. It needs Linux.
"""


def write_report(path: Path, results: List[Result], args: argparse.Namespace) -> None:
    """Writes the page with the results of a campaign."""
    lines = ["| What is tried | Kind | Tried | Survived |", "|---|---|---:|---:|"]
    for name in sorted({result.kind for result in results}, key=list(KINDS).index):
        own = [result for result in results if result.kind == name]
        survived = sum(result.failure is None for result in own)
        lines.append(
            f"| {KINDS[name].title[0].upper()}{KINDS[name].title[1:]} | `{name}` | {len(own):,} | {survived:,} |"
        )
    failed = [result for result in results if result.failure is not None]
    lines.append(f"| All | | {len(results):,} | {len(results) - len(failed):,} |")
    failures = "".join(
        f"- `--only {result.kind} --seed {args.seed} --trial {result.number}`: {_one_line(result.failure or '')}\n"
        for result in sorted(failed, key=lambda result: result.trial)
    )
    text = TEXT.format(
        table="\n".join(lines),
        facts=_facts(args),
        failures=f"Not survived:\n\n{failures}\n" if failures else "",
    )
    path.write_text(text, encoding="utf-8")


def _facts(args: argparse.Namespace) -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in ("torch", "allennlp", "numpy"))
    command = f'make chaos ARGS="--seed {args.seed} --rounds {args.rounds} --report docs/reliability.md"'
    return (
        f"Seed {args.seed}, commit {_commit()}, {datetime.date.today()}; "
        f"Python {platform.python_version()}, {libraries}; {_processor()}, {len(os.sched_getaffinity(0))} cores. "
        f"Written by\n\n    {command}"
    )


def _commit() -> str:
    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "attention_vat", "tests/chaos", "fixtures")
    return f"{git('rev-parse', '--short', 'HEAD') or 'unknown'}{' with changes' if changed else ''}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _one_line(failure: str) -> str:
    text = " ".join(failure.split()).replace("`", "'")
    return text if len(text) <= 300 else f"{text[:300]} …"
