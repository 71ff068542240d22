"""How often the model is right."""

from typing import Dict, Optional, Sequence

import numpy

from attention_vat.interpret.bootstrap import Statistic, f1_of, mean_of
from attention_vat.interpret.measures.measure import Columns, EvaluationBatch, Measure
from attention_vat.interpret.results import SentenceEvaluation
from attention_vat.models import AttentionClassifier


@Measure.register("prediction")
class PredictionQuality(Measure):
    """
    Accuracy, and F1 of the positive class with two classes, macro and micro F1 with more, over the sentences that have
    a label. Part of every evaluation.

    Registered as a `Measure` with name "prediction".
    """

    def __call__(self, model: AttentionClassifier, batch: EvaluationBatch) -> Columns:
        return Columns()

    def statistics(
        self, sentences: Sequence[SentenceEvaluation], labels: Sequence[str], positive_label: Optional[str]
    ) -> Dict[str, Statistic]:
        return prediction_statistics(sentences, [s.prediction for s in sentences], labels, positive_label)


def prediction_statistics(
    sentences: Sequence[SentenceEvaluation],
    predictions: Sequence[Optional[str]],
    labels: Sequence[str],
    positive_label: Optional[str],
    suffix: str = "",
) -> Dict[str, Statistic]:
    """
    # Parameters

    sentences : `Sequence[SentenceEvaluation]`
    predictions : `Sequence[Optional[str]]`
        One per sentence; sentences without one do not count.
    labels, positive_label
        As for `Measure.statistics`.
    suffix : `str`, optional
        Of the names.
    """
    gold = [s.label if prediction is not None else None for s, prediction in zip(sentences, predictions)]
    counted = [label is not None for label in gold]
    if not any(counted):
        return {}
    right = [float(g == p) if g is not None else None for g, p in zip(gold, predictions)]
    classes = [positive_label] if positive_label is not None else list(labels)
    is_predicted = numpy.array([[g is not None and p == name for name in classes] for g, p in zip(gold, predictions)])
    is_gold = numpy.array([[g == name for name in classes] for g in gold])
    f1 = f1_of(is_predicted & is_gold, is_predicted, is_gold)._replace(sentences=sum(counted))
    accuracy = mean_of(right, counted)._replace(std=None)
    if positive_label is not None:
        return {"accuracy" + suffix: accuracy, "f1" + suffix: f1}
    # With one label per sentence, counts summed over all classes make micro F1 the accuracy.
    return {"accuracy" + suffix: accuracy, "macro_f1" + suffix: f1, "micro_f1" + suffix: accuracy}
