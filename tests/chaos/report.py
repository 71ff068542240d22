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

A training that was killed continues exactly, and every other failure is reported in one clear sentence. The danger
is a wrong number that nobody notices. The campaign `make chaos` looks for such numbers. It runs these kinds of
trials:

- **Kills.** A training or a command in a process of its own is ended by `kill -9`: at a random event of the
  interpreter, or at a chosen one, such as before `best.th` is linked, or when half of a checkpoint is written. Then
  the same command continues, in some trials after several kills. It must produce what an undisturbed run produces:
  the same weights and optimizer states bit for bit, the same archive, metrics and names of files. Recovering the
  finished run once more must change nothing.
- **Damage.** A file of a training's directory is cut, emptied, overwritten or removed. A command that reads it must
  refuse it with a message or give the exact result.
- **Hostile and mutated inputs.** Lines, sources, spaces and archives that were changed at random or made with ill
  intent. Each is read correctly, or refused with its place.
- **Numbers.** Extreme inputs to functions, compared with the formula in float64.
- **Others.** Two commands in one directory at the same time, a killed process of a distributed training, and a
  training whose memory must not grow.



## Result

{table}

{facts}

{failures}## To repeat it

    make chaos                                               # all of it
    make chaos ARGS="--minutes 10 --seed 8"                  # as much as fits, with other trials
    make chaos ARGS="--only kills --rounds 5x"               # five times as many kills
    make chaos ARGS="--only kills-random --seed 7 --trial 12"    # one trial, with its traceback
    make chaos ARGS="--report docs/reliability.md"           # writes this page

The same seed and number always make the same trial. If a campaign is killed or has used its minutes, give
the same command again to continue it. Results are kept in `output/chaos` until the code changes. `make
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
