"""How often the model is right."""

from typing import Dict, Optional, Sequence

import numpy

from attention_vat.interpret.bootstrap import Statistic, f1_of, mean_of, minus
from attention_vat.interpret.measures.description import Description, of_predictions
from attention_vat.interpret.measures.measure import Columns, EvaluationBatch, Measure
from attention_vat.interpret.results import SentenceEvaluation
from attention_vat.models import AttentionClassifier


@Measure.register("prediction")
class PredictionQuality(Measure):
    """
    Accuracy, with F1 of the positive class for two classes, or macro and micro F1 for more, over the sentences that
    have a label. Part of every evaluation.

    Registered as a `Measure` with name "prediction".
    """

    descriptions = {
        **of_predictions(),
        "max_attention": Description("Largest attention weight", "Largest weight of a sentence.", "Sentences"),
    }

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
        The suffix of the names.
    """
    gold = [s.label if prediction is not None else None for s, prediction in zip(sentences, predictions)]
    if not any(label is not None for label in gold):
        return {}
    shares = [[float(p == name) for name in labels] for p in predictions]
    return _statistics_of_shares(gold, shares, labels, positive_label, suffix)


def changed_predictions(
    sentences: Sequence[SentenceEvaluation],
    shares: Sequence[Optional[Sequence[float]]],
    labels: Sequence[str],
    positive_label: Optional[str],
    suffix: str,
) -> Dict[str, Statistic]:
    """
    The same for predictions under other conditions, possibly several per sentence, and how far they are above or below
    those of the model itself: `accuracy_SUFFIX`, `accuracy_SUFFIX_change` and so on.

    # Parameters

    sentences, labels, positive_label, suffix
        As for `prediction_statistics`.
    shares : `Sequence[Optional[Sequence[float]]]`
        For each sentence the share of each label among its predictions; sentences without any do not count.
    """
    gold = [s.label if share is not None else None for s, share in zip(sentences, shares)]
    if not any(label is not None for label in gold):
        return {}
    none = [0.0] * len(labels)
    changed = _statistics_of_shares(gold, [s or none for s in shares], labels, positive_label, suffix)
    own = [[float(sentence.prediction == name) for name in labels] for sentence in sentences]
    plain = _statistics_of_shares(gold, own, labels, positive_label, suffix)
    return {**changed, **{f"{name}_change": minus(changed[name], plain[name]) for name in changed}}


def _statistics_of_shares(
    gold: Sequence[Optional[str]],
    shares: Sequence[Sequence[float]],
    labels: Sequence[str],
    positive_label: Optional[str],
    suffix: str,
) -> Dict[str, Statistic]:
    counted = numpy.array([label is not None for label in gold])
    # (num_sentences, num_labels)
    is_gold = numpy.array([[label == name for name in labels] for label in gold], dtype=float)
    predicted = numpy.array(shares, dtype=float).reshape(is_gold.shape) * counted[:, None]
    matched = is_gold * predicted
    right = [float(row.sum()) if here else None for row, here in zip(matched, counted)]
    classes = slice(None) if positive_label is None else [list(labels).index(positive_label)]
    f1 = f1_of(matched[:, classes], predicted[:, classes], is_gold[:, classes])._replace(sentences=int(counted.sum()))
    accuracy = mean_of(right, counted.tolist())._replace(std=None)
    if positive_label is not None:
        return {"accuracy" + suffix: accuracy, "f1" + suffix: f1}
    # With one label per sentence, counts summed over all classes make micro F1 the accuracy.
    return {"accuracy" + suffix: accuracy, "macro_f1" + suffix: f1, "micro_f1" + suffix: accuracy}
