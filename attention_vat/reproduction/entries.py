"""The numbers of an experiment, from its finished runs."""

import math
from dataclasses import dataclass, field
from statistics import mean, stdev
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from attention_vat.interpret.bootstrap import Statistic
from attention_vat.reproduction.checks import TRAINING
from attention_vat.reproduction.matrix import Cell
from attention_vat.reproduction.names import better, row_names
from attention_vat.reproduction.published import metric_of, published
from attention_vat.reproduction.results import load_predictions
from attention_vat.reproduction.runs import Runs
from attention_vat.reproduction.significance import Comparison, compare, holm, statistic_of

BASELINE = "vanilla"


@dataclass
class Entry:
    """
    A model on a corpus by a measure.

    # Parameters

    cell : `Cell`
    row, measure, metric : `str`
    values : `Dict[int, float]`
        By seed, of the finished runs.
    epsilon : `float`, optional
        That they were trained with.
    paper : `float`, optional
    statistics : `Dict[int, Statistic]`
        By seed, where significance can be computed.
    """

    cell: Cell
    row: str
    measure: str
    metric: str
    values: Dict[int, float]
    epsilon: Optional[float]
    paper: Optional[float]
    statistics: Dict[int, Statistic] = field(default_factory=dict, repr=False)

    @property
    def column(self) -> str:
        return self.cell.column

    @property
    def mean(self) -> Optional[float]:
        return mean(self.values.values()) if self.values else None

    @property
    def goodness(self) -> float:
        """The mean, or what is less if less is better."""
        return better(self.measure, self.column) * (self.mean or 0.0)

    @property
    def std(self) -> Optional[float]:
        """The sample standard deviation over seeds."""
        return stdev(self.values.values()) if len(self.values) > 1 else None


class Contrast(NamedTuple):
    """
    An entry against another one of the same corpus and measure.

    # Parameters

    entry, other : `Entry`
    comparison : `Comparison`
    adjusted_sentences : `float`
        Its p-value over sentences by Holm's method, over all models of the corpus and measure.
    adjusted : `float`, optional
        The larger one of its two p-values, by the same method: of a difference that is to hold for other sentences and
        for other seeds.
    """

    entry: Entry
    other: Entry
    comparison: Comparison
    adjusted_sentences: Optional[float]
    adjusted: Optional[float]

    @property
    def seeds(self) -> List[int]:
        """Those that both have, which are compared."""
        return sorted(set(self.entry.statistics) & set(self.other.statistics))


def entries_of(cells: Sequence[Cell], runs: Runs, measures: Sequence[str]) -> List[Entry]:
    """All numbers, in the order of the cells and measures."""
    entries = []
    for cell, row in zip(cells, row_names(cells)):
        results = runs.final_results(cell)
        epsilon = next((result["epsilon"] for result in results.values()), None)
        predictions = {
            run.seed: load_predictions(runs.folder(run)) for run in runs.final_runs(cell) if run.seed in results
        }
        for measure in measures:
            metric = metric_of(measure, cell.column)
            # Of what is undefined there is no number.
            values = {seed: _number(result, metric) for seed, result in results.items()}
            paper = published(measure, cell.column, cell.technique, _compared_strategy(cell, cells))
            entry = Entry(
                cell,
                row,
                measure,
                metric,
                {s: v for s, v in values.items() if v is not None and math.isfinite(v)},
                epsilon,
                paper,
            )
            for seed, columns in predictions.items():
                statistic = None if columns is None else statistic_of(columns, metric)
                if statistic is not None:
                    entry.statistics[seed] = statistic
            entries.append(entry)
    return entries


def _number(result: Dict[str, Any], metric: str) -> Optional[float]:
    kind, _, name = metric.partition("_")
    if kind != TRAINING:
        return result["test"].get(metric)
    # Results from before there was a choice have no numbers of training but its time.
    return {**result.get("training", {}), "seconds": result["seconds"].get("train")}.get(name)


def _compared_strategy(cell: Cell, cells: Sequence[Cell]) -> Optional[str]:
    """The strategy that selects unlabelled data, where the experiment compares several, as Table 6 does."""
    same = [other for other in cells if (other.column, other.technique) == (cell.column, cell.technique)]
    strategies = {other.unlabeled.strategy for other in same if other.unlabeled is not None}
    return cell.unlabeled.strategy if cell.unlabeled is not None and len(strategies) > 1 else None


def against_baseline(entries: Sequence[Entry]) -> List[Contrast]:
    """Every model against the plain one."""
    contrasts = []
    for group in _groups(entries):
        plain = (entry for entry in group if entry.cell.technique == BASELINE and not entry.cell.part.variant)
        baseline = next(plain, None)
        if baseline is not None:
            contrasts += _contrasts([(entry, baseline) for entry in group if entry is not baseline])
    return contrasts


def against_best_rival(entries: Sequence[Entry]) -> List[Contrast]:
    """
    Every model against the best one of the others: the best against the second best, the rest against the best.
    Nothing for measures that are neither good nor bad.
    """
    contrasts = []
    for group in _groups(entries):
        ranked = sorted(_comparable(group), key=lambda entry: -entry.goodness)
        if len(ranked) > 1 and better(ranked[0].measure, ranked[0].column):
            contrasts += _contrasts([(entry, ranked[1] if entry is ranked[0] else ranked[0]) for entry in ranked])
    return contrasts


def best_entries(entries: Sequence[Entry]) -> List[Entry]:
    """
    Those with the best mean for each corpus and measure; none where all are the same, and for measures that are neither
    good nor bad.
    """
    best = []
    for group in _groups(entries):
        finished = _comparable(group)
        winners = [entry for entry in finished if entry.goodness == max(other.goodness for other in finished)]
        if len(winners) < len(finished) and better(group[0].measure, group[0].column):
            best += winners
    return best


def _comparable(group: Sequence[Entry]) -> List[Entry]:
    """Means over other seeds are no better or worse: those of the entries that have most of them."""
    most = max((len(entry.values) for entry in group), default=0)
    return [entry for entry in group if entry.values and len(entry.values) == most]


def _groups(entries: Sequence[Entry]) -> List[List[Entry]]:
    groups: Dict[tuple, List[Entry]] = {}
    for entry in entries:
        groups.setdefault((entry.column, entry.measure), []).append(entry)
    return list(groups.values())


def _contrasts(pairs: Sequence[tuple]) -> List[Contrast]:
    found = []
    for entry, other in pairs:
        seeds = sorted(set(entry.statistics) & set(other.statistics))
        sides = [[side.statistics[seed] for seed in seeds] for side in (entry, other)]
        if seeds and len({statistic.columns.shape for side in sides for statistic in side}) == 1:
            found.append((entry, other, compare(sides[0], sides[1])))
    sentences = holm([comparison.p_sentences for _, _, comparison in found])
    both = holm([comparison.p_value for _, _, comparison in found])
    return [Contrast(*pair, *adjusted) for pair, *adjusted in zip(found, sentences, both)]
