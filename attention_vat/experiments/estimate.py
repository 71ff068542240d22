"""Estimates how long the remaining runs will take."""

import json
from functools import lru_cache
from typing import Dict, List, NamedTuple, Optional, Sequence

from attention_vat.experiments.experiment import SEMI_SUPERVISED
from attention_vat.experiments.matrix import Cell, Run
from attention_vat.experiments.runs import Runs
from attention_vat.experiments.schedule import number_of_runs

# On one core, for a plain model of the shipped size, including validation and checkpoints.
WORDS_PER_SECOND = 12000.0
# A word technique runs the encoder more than once; each epoch has as many unlabelled sentences as labelled ones.
WORD, UNLABELED = 2.5, 2.0


class Work(NamedTuple):
    """The runs that a cell needs, and how long they take."""

    cell: Cell
    search: int
    final: int
    finished: int
    """How many of the runs above are finished."""
    seconds: float
    """The estimate for one run."""
    measured: bool
    """Whether the estimate comes from finished runs of this technique and corpus."""

    @property
    def seconds_left(self) -> float:
        return self.seconds * (self.search + self.final - self.finished)


def work_left(cells: Sequence[Cell], runs: Runs) -> List[Work]:
    """
    Estimates the duration of runs from finished runs of the same corpus. Before the first one finishes, a rule of thumb
    is used, which is right within a factor of about three.
    """
    work = []
    known: Dict[str, List[float]] = {}
    for cell in cells:
        for run in runs.needed(cell):
            result = runs.result(run)
            if result is not None and "train" in result["seconds"]:
                ratio = result["seconds"]["train"] / _rule_of_thumb(run)
                known.setdefault(cell.corpus, []).append(ratio)
                known.setdefault(f"{cell.corpus}/{cell.technique}", []).append(ratio)
    for cell in cells:
        needed = runs.needed(cell)
        finished = sum(runs.result(run) is not None for run in needed)
        exact = known.get(f"{cell.corpus}/{cell.technique}")
        ratios = exact or known.get(cell.corpus) or [1.0]
        seconds = _rule_of_thumb(needed[0]) * sum(ratios) / len(ratios)
        search = cell.search.num_runs if cell.search else 0
        work.append(Work(cell, search, number_of_runs(cell) - search, finished, seconds, bool(exact)))
    return work


def _rule_of_thumb(run: Run) -> float:
    words = _number_of_words(run.config["train_data_path"])
    technique = run.technique
    factor = WORD if technique.startswith("word_") else 1.0
    factor *= UNLABELED if technique.endswith(SEMI_SUPERVISED) else 1.0
    return factor * words * run.config["trainer"]["num_epochs"] / WORDS_PER_SECOND


@lru_cache(maxsize=None)
def _number_of_words(path: str) -> int:
    words = 0
    with open(path, encoding="utf-8") as file:
        for line in file:
            sentence = json.loads(line)
            # Rationales are lists of numbers.
            lists = [value for value in sentence.values() if isinstance(value, list)]
            words += sum(isinstance(word, str) for value in lists for word in value)
            words += sum(len(value.split()) for value in sentence.values() if isinstance(value, str))
    return words


def duration(seconds: Optional[float]) -> str:
    """
    # Examples

        duration(5400)  # "1 h 30 min"
    """
    if seconds is None:
        return ""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
