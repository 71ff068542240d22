"""
`make bench`: runs the benchmarks and writes their tables into docs/benchmarks.md, each between the marks with its name,
together with its command. The text outside the marks is written by hand and kept.

    python -m benchmarks                        # reduced sizes, on the data of the repository: some minutes
    python -m benchmarks --full --data data     # the sizes of the page, on the corpora in a folder: half an hour
    python -m benchmarks --only step adam
"""

import argparse
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Dict, List

import torch
from allennlp.common import Tqdm

PAGE = Path("docs/benchmarks.md")

# The reduced and the full command; {data} is the folder of the corpora.
COMMANDS: Dict[str, List[str]] = {
    "step": [
        "step --words 20 --repeats 5 --hidden-size 128",
        "step --words 20 171 --unlabeled-ratio 1 3",
    ],
    # A step of the straightforward implementation takes minutes.
    "step_long": [
        "step --words 60 --repeats 3 --hidden-size 128 --unlabeled-ratio",
        "step --words 773 --repeats 3 --unlabeled-ratio",
    ],
    "growth": [
        "growth --words 20 80 --batch-size 8 32 --hidden-size 128",
        "growth --words 20 171 773 --batch-size 8 32 128 512",
    ],
    "growth_straightforward": [
        "growth --words 20 80 --batch-size 32 --hidden-size 128 --straightforward",
        "growth --words 20 171 773 --batch-size 32 --repeats 3 --straightforward",
    ],
    "epoch": ["epoch", "epoch --corpus sst --data {data}/sst --max-batches 100"],
    "loading": [
        "loading --sizes 5000 --repeats 1",
        "loading --pool {data}/sentences/unlabeled.jsonl --sizes 250000",
    ],
    "loading_sizes": [
        "loading --sizes 2000 20000 --loaders flat --repeats 1",
        "loading --pool {data}/sentences/unlabeled.jsonl --sizes 10000 100000 1000000 --loaders flat",
    ],
    "train_run": [
        "train_run",
        "train_run --data {data}/sst --unlabeled {data}/sentences/unlabeled.jsonl --epochs 8",
    ],
    "adam": ["adam --repeats 10", "adam"],
    "adam_large": ["adam --words 70000 --repeats 5", "adam --words 70000"],
    "predicting": ["predicting --sentences 64 --repeats 3", "predicting --sentences 512 --repeats 7"],
    "transformer_step": [
        "transformer_step --threads 1 --repeats 3 --batch-size 4 --tokens 32",
        "transformer_step --repeats 7 --batch-size 16 --tokens 64",
    ],
    "word_level_step": ["word_level_step --repeats 3", "word_level_step"],
    "nearest_words": ["nearest_words --words 14000", "nearest_words --words 70000"],
    "profile": ["profile_step --rows 8", "profile_step"],
}


def block(command: str, output: str) -> str:
    """What stands between two marks."""
    table = output if "\n|" in output else f"```\n{output}\n```"
    return f"    python -m benchmarks.{command}\n\n{table}\n"


def with_block(page: str, name: str, text: str) -> str:
    """The page with the text between the marks `<!-- name -->` and `<!-- /name -->` replaced."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not pattern.search(page):
        sys.exit(
            f"{PAGE}: the marks <!-- {name} --> and <!-- /{name} --> are missing, put them where its table belongs."
        )
    return pattern.sub(lambda match: f"{match[1]}{text}{match[2]}", page)


def machine() -> str:
    """Processor, cores and the day, for the top of the page."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""
    return f"{names[0] if names else 'unknown processor'}, {os.cpu_count()} cores{gpu}; {date.today().isoformat()}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(COMMANDS), default=list(COMMANDS), metavar="NAME")
    parser.add_argument("--full", action="store_true", help="the sizes of docs/benchmarks.md")
    parser.add_argument("--data", default="data", help="the folder of the corpora, for --full")
    parser.add_argument("--output", type=Path, default=PAGE, help="the page to write, docs/benchmarks.md")
    arguments = parser.parse_args()
    page = PAGE.read_text(encoding="utf-8")
    for name in ["machine", *arguments.only]:
        with_block(page, name, "")  # fails before hours of work
    page = with_block(page, "machine", machine())
    for name in Tqdm.tqdm(arguments.only, desc="benchmarks"):
        template = COMMANDS[name][arguments.full]
        command = template.format(data=arguments.data)
        module, *options = command.split()
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{module}", *options], stdout=subprocess.PIPE, text=True
        )
        if done.returncode:
            sys.exit(
                f"python -m benchmarks.{command} failed, see above. {arguments.output} has what was measured before it."
            )
        print(done.stdout, flush=True)
        page = with_block(page, name, block(template.format(data="data"), done.stdout.strip()))
        # The page is written after each benchmark, so that no result is lost.
        aside = arguments.output.with_suffix(".writing")
        aside.write_text(page, encoding="utf-8")
        aside.replace(arguments.output)


if __name__ == "__main__":
    main()
