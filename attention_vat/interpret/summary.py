"""Summarizes sentences as numbers over all of them."""

from dataclasses import asdict
from typing import Any, Dict, List, Optional, Sequence

from attention_vat.interpret.bootstrap import Estimate, Statistic, estimates
from attention_vat.interpret.measures import Measure
from attention_vat.interpret.measures.measure import name_of
from attention_vat.interpret.options import EvaluationOptions
from attention_vat.interpret.results import AttentionEvaluation, Curve, SentenceEvaluation


def summarize(
    sentences: Sequence[SentenceEvaluation],
    labels: Sequence[str],
    positive_label: Optional[str],
    measures: Sequence[Measure],
    options: EvaluationOptions,
) -> AttentionEvaluation:
    """
    The statistics and curves of all measures, with their bootstrap intervals.

    # Parameters

    sentences : `Sequence[SentenceEvaluation]`
    labels : `Sequence[str]`
        The model's classes.
    positive_label : `str`, optional
        Only with two classes.
    measures : `Sequence[Measure]`
    options : `EvaluationOptions`
    """

    def statistics_of(some: Sequence[SentenceEvaluation], chosen: Sequence[Measure]) -> Dict[str, Statistic]:
        return {n: s for measure in chosen for n, s in measure.statistics(some, labels, positive_label).items()}

    def with_intervals(statistics: Dict[str, Statistic]) -> Dict[str, Estimate]:
        return estimates(statistics, options.resamples, options.seed) if statistics else {}

    statistics = statistics_of(sentences, measures)
    classes: Dict[str, List[SentenceEvaluation]] = {label: [] for label in labels}
    for sentence in sentences:
        classes[sentence.prediction].append(sentence)
    looking_at_classes = [measure for measure in measures if measure.looks_at_classes]
    by_prediction = {
        label: with_intervals(statistics_of(some, looking_at_classes)) for label, some in classes.items() if some
    }

    curves = {}
    for measure in measures:
        for name, curve in measure.curves(sentences).items():
            points = with_intervals({str(number): point for number, point in enumerate(curve.points)})
            curves[name] = Curve(curve.x_name, curve.x, list(points.values()))
    return AttentionEvaluation(
        list(labels),
        positive_label,
        list(sentences),
        with_intervals(statistics),
        settings_of(measures, options),
        {label: metrics for label, metrics in by_prediction.items() if metrics},
        curves,
        statistics,
    )


def settings_of(measures: Sequence[Measure], options: EvaluationOptions) -> Dict[str, Any]:
    """The settings that the numbers were computed with, for `metrics.json`."""
    settings = asdict(options)
    # The kind of importance has the same name on the command line, in the files and in the report.
    settings["importance"] = settings.pop("method")
    settings["measures"] = {name_of(type(measure)): measure.settings() for measure in measures}
    return settings
