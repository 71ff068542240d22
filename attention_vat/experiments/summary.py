"""Means over seeds, and the significance of their differences."""

from __future__ import annotations

from pathlib import Path
from statistics import mean, stdev
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence, Tuple

import numpy
from allennlp.common.checks import ConfigurationError

from attention_vat.experiments.matrix import Cell
from attention_vat.experiments.names import BASELINE, better, row_names
from attention_vat.experiments.published import metric_of, published
from attention_vat.experiments.results import load_predictions
from attention_vat.experiments.statistics import Comparison, compare_all, statistic_of
from attention_vat.interpret.bootstrap import Statistic
from attention_vat.interpret.holm import holm

if TYPE_CHECKING:
    import pandas


FAMILY = ["setting", "name"]
"""The tests of one setting and measure are a family for Holm's method."""


class Predictions(Dict[Optional[str], Optional[Dict[str, numpy.ndarray]]]):
    """The predictions in the folders of runs, each read once. `None` if the folder is not known."""

    def __missing__(self, path: Optional[str]) -> Optional[Dict[str, numpy.ndarray]]:
        self[path] = load_predictions(Path(path)) if isinstance(path, str) else None
        return self[path]


def summary(frame: pandas.DataFrame, cells: Sequence[Cell], measures: Sequence[str]) -> pandas.DataFrame:
    """
    Returns a row for each model of a setting and each measure, in the order of the experiment, finished or not.

    The columns are those of `table.csv`, and `name` (the measure's name in the experiment), `by_seed` and `paths`
    (values and folders of runs by seed), `wanted` (the seeds of the experiment), `symbol` (ε or λ), `corpus`,
    `unlabeled`, `labels`, `epochs` (the maximum) and `variant`.

    # Parameters

    frame : `pandas.DataFrame`
        From `results_frame`.
    cells : `Sequence[Cell]`
    measures : `Sequence[str]`
    """
    import pandas

    final = frame[frame.stage == "final"]
    found = dict([*final.groupby(["setting", "model", "measure"], sort=False)])
    epsilons = final.groupby(["setting", "model"])["epsilon"].first()
    lines = []
    for cell, model in zip(cells, row_names(cells)):
        for name in measures:
            metric = metric_of(name, cell.column)
            rows = found.get((cell.column, model, metric), final[:0])
            values = rows["value"].tolist()
            lines.append({
                "setting": cell.column,
                "corpus": cell.corpus,
                "model": model,
                "technique": cell.technique,
                "measure": metric,
                "mean": mean(values) if values else None,
                "std": stdev(values) if len(values) > 1 else None,
                "seeds": len(values),
                "epsilon": epsilons.get((cell.column, model)),
                "paper": published(name, cell.column, cell.technique, _compared_strategy(cell, cells)),
                "name": name,
                "by_seed": dict(zip(rows["seed"], values)),
                "paths": dict(zip(rows["seed"], rows["path"])),
                "wanted": tuple(cell.part.seeds),
                "symbol": cell.strength,
                "unlabeled": cell.unlabeled.count if cell.unlabeled is not None else None,
                "labels": cell.part.labels,
                "epochs": cell.whole["trainer"]["num_epochs"],
                "variant": cell.part.variant,
            })  # fmt: skip
    return pandas.DataFrame(lines).astype({"mean": float, "std": float, "epsilon": float, "paper": float})


def _compared_strategy(cell: Cell, cells: Sequence[Cell]) -> Optional[str]:
    """Returns the strategy that selects unlabelled data if the experiment compares several, as in Table 6."""
    same = [other for other in cells if (other.column, other.technique) == (cell.column, cell.technique)]
    strategies = {other.unlabeled.strategy for other in same if other.unlabeled is not None}
    return cell.unlabeled.strategy if cell.unlabeled is not None and len(strategies) > 1 else None


def best_of(rows: pandas.DataFrame) -> pandas.Series:
    """
    Marks the rows of `summary` that have the best mean of their setting and measure. Rows with fewer seeds than others
    are not marked; nor is any row if all means are the same, or the measure is neither good nor bad.
    """
    import pandas

    best = pandas.Series(False, index=rows.index)
    for _, group in rows.groupby(FAMILY, sort=False):
        goodness = _goodness(group)
        winners = goodness == goodness.max()
        if goodness.any() and winners.sum() < len(goodness):
            best[goodness.index[winners]] = True
    return best


def _goodness(group: pandas.DataFrame) -> pandas.Series:
    """Returns the means of the rows with most seeds, negated if less is better; 0 if neither is better."""
    rows = group[(group.seeds == group.seeds.max()) & (group.seeds > 0)]
    return rows["mean"] * better(group.name.iloc[0], group.setting.iloc[0])


def against_baseline(rows: pandas.DataFrame, predictions: Predictions) -> pandas.DataFrame:
    """Compares every model with the plain one; see `contrasts`."""
    pairs = []
    for _, group in rows.groupby(FAMILY, sort=False):
        baseline = group.index[group.model == BASELINE]
        pairs += [(row, baseline[0]) for row in group.index if len(baseline) and row != baseline[0]]
    return contrasts(rows, pairs, predictions)


def against_best_rival(rows: pandas.DataFrame, predictions: Predictions) -> pandas.DataFrame:
    """
    Compares every model with the best of the others: the best with the second best, the rest with the best. Skips
    measures that are neither good nor bad.
    """
    pairs = []
    for _, group in rows.groupby(FAMILY, sort=False):
        ranked = (-_goodness(group)).sort_values(kind="stable").index
        if len(ranked) > 1 and better(group.name.iloc[0], group.setting.iloc[0]):
            pairs += [(row, ranked[1] if row == ranked[0] else ranked[0]) for row in ranked]
    return contrasts(rows, pairs, predictions)


def contrasts(rows: pandas.DataFrame, pairs: Sequence[Tuple[int, int]], predictions: Predictions) -> pandas.DataFrame:
    """
    Tests pairs by approximate randomisation, if their runs have values of each sentence.

    # Parameters

    rows : `pandas.DataFrame`
        From `summary`.
    pairs : `Sequence[Tuple[int, int]]`
        Index labels of `rows`.
    predictions : `Predictions`

    # Returns

    tests : `pandas.DataFrame`
        Indexed by the first row of a pair: `setting`, `name`, `measure`, `model`, `other` (a model), `difference`,
        `p_sentences`, `p_seeds`, `p_value` (the larger one), `shared` (the number of seeds that both have, which are
        compared), `same_seeds` (whether these are all), and, after Holm's method over the tests of a setting and
        measure, `adjusted_sentences` and `adjusted` (of `p_value`).
    """
    import pandas

    found = {}
    for place, other in pairs:
        first, second = rows.loc[place], rows.loc[other]
        sides = paired_statistics(first["measure"], first["paths"], second["paths"], predictions)
        if sides[0]:
            found[place] = first, second, sides
    results = compare_all([sides for _, _, sides in found.values()])
    tests: Dict[int, Dict[str, Any]] = {}
    for (place, (first, second, sides)), result in zip(found.items(), results):
        tests[place] = {
            **first[[*FAMILY, "measure", "model"]],
            "other": second["model"],
            **result._asdict(),
            "p_value": result.p_value,
            "shared": len(sides[0]),
            "same_seeds": len(sides[0]) == len(first["by_seed"]) == len(second["by_seed"]),
        }
    columns = [*FAMILY, "measure", "model", "other", *Comparison._fields, "p_value", "shared", "same_seeds"]
    frame = pandas.DataFrame.from_dict(tests, orient="index", columns=columns)
    frame["adjusted_sentences"] = adjusted(frame, "p_sentences")
    frame["adjusted"] = adjusted(frame, "p_value")
    return frame


def adjusted(tests: pandas.DataFrame, p_values: str) -> pandas.Series:
    """Adjusts a column of p-values by Holm's method within each family."""
    import pandas

    found = pandas.Series(dtype=float, index=tests.index)
    for _, family in tests.groupby(FAMILY, sort=False)[p_values]:
        found[family.index] = holm([None if pandas.isna(p) else p for p in family])
    return found.astype(float)


def paired_statistics(
    measure: str, first: Dict[int, str], second: Dict[int, str], predictions: Predictions
) -> Tuple[List[Statistic], List[Statistic]]:
    """
    Returns a measure as a function of sentences, for the seeds for which both models have values of each sentence.

    # Parameters

    measure : `str`
    first, second : `Dict[int, str]`
        The folders of runs, by seed.
    predictions : `Predictions`

    Raises `ConfigurationError` if the sentences or classes of the two are not the same.
    """
    sides: Tuple[List[Statistic], List[Statistic]] = ([], [])
    for seed in sorted(set(first) & set(second)):
        stored = [predictions[folders[seed]] for folders in (first, second)]
        statistics = [None if columns is None else statistic_of(columns, measure) for columns in stored]
        if statistics[0] is None or statistics[1] is None:
            continue
        # Values are compared one by one, so the sentences and the order of classes must be the same.
        for name in ("ids", "classes", "label"):
            one, other = ((columns or {}).get(name) for columns in stored)
            if not numpy.array_equal(one, other):  # type: ignore[arg-type]
                raise ConfigurationError(
                    f"{first[seed]} and {second[seed]} were evaluated on different sentences or classes; delete one of "
                    "the two folders and run the command again."
                )
        sides[0].append(statistics[0])
        sides[1].append(statistics[1])
    return sides
