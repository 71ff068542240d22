"""Compares each technique with the plain model: effect sizes with intervals, and the power of the design."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from attention_vat.experiments.names import BASELINE
from attention_vat.experiments.statistics import Effect, effect
from attention_vat.experiments.summary import Predictions, paired_statistics
from attention_vat.interpret.holm import holm

if TYPE_CHECKING:
    import pandas


KEYS = ["setting", "measure", "model", "technique"]


def effects(
    frame: pandas.DataFrame, baseline: str = BASELINE, predictions: Optional[Predictions] = None
) -> pandas.DataFrame:
    """
    Compares every model of a setting with a baseline, for each measure, over the seeds that both have.

    # Parameters

    frame : `pandas.DataFrame`
        From `results_frame`, filtered to the measures that you want. Only final runs are compared.
    baseline : `str`, optional (default = `"Vanilla"`)
        The name of a model. Settings without it are left out.
    predictions : `Predictions`, optional
        Predictions that were already read from the folders of runs.

    # Returns

    effects : `pandas.DataFrame`
        `setting`, `measure`, `model`, `technique`, `labels` (of the setting), `baseline` (its name), `baseline_mean`,
        the numbers of `Effect`, and `adjusted`: the p-value after Holm's method over models of the setting and measure.

    # Examples

        frame = results_frame("docs/results/few_labels")
        effects(frame[frame.measure == "f1"])[["setting", "model", "difference", "low", "high", "adjusted"]]
    """
    import pandas

    predictions = Predictions() if predictions is None else predictions
    families = []
    for (_, measure), of_measure in frame[frame.stage == "final"].groupby(["setting", "measure"], sort=False):
        models = {model: rows.set_index("seed") for model, rows in of_measure.groupby("model", sort=False)}
        plain, lines = models.pop(baseline, None), []
        for rows in models.values() if plain is not None else []:
            seeds = [seed for seed in rows.index if seed in plain.index]
            if not seeds:
                continue
            one, other = rows.loc[seeds], plain.loc[seeds]
            pairs = paired_statistics(measure, one.path.to_dict(), other.path.to_dict(), predictions)
            result = effect(one.value.tolist(), other.value.tolist(), pairs if len(pairs[0]) == len(seeds) else None)
            first = one.reset_index().iloc[0]
            keys = {**first[KEYS], "labels": first.labels, "baseline": baseline, "baseline_mean": other.value.mean()}
            lines.append({**keys, **result._asdict()})
        if lines:
            p_values = [line["p_value"] for line in lines]
            families += [{**line, "adjusted": p} for line, p in zip(lines, holm(p_values))]
    columns = [*KEYS, "labels", "baseline", "baseline_mean", *Effect._fields, "adjusted"]
    numeric = {name: float for name in columns[len(KEYS) :] if name not in ("baseline", "seeds")}
    return pandas.DataFrame(families, columns=columns).astype(numeric)
