"""Which numbers over a data set are made of which scores of its sentences."""

from typing import TYPE_CHECKING, Dict, List, Optional, Sequence

import numpy

from attention_vat.interpret.bootstrap import Statistic, f1_of, f1_of_means, mean_of

if TYPE_CHECKING:
    from attention_vat.interpret.evaluation import SentenceEvaluation

CORRELATIONS = ("pearson", "spearman", "kendall")
SIGNIFICANT = 0.05


def data_set_statistics(
    sentences: Sequence["SentenceEvaluation"], labels: Sequence[str], positive_label: Optional[str]
) -> Dict[str, Statistic]:
    """
    # Parameters

    sentences : `Sequence[SentenceEvaluation]`
    labels : `Sequence[str]`
        The model's classes.
    positive_label : `str`, optional
        With two classes, the one that `f1` is about. With more classes there are `macro_f1` and `micro_f1`.
    """
    statistics = {**_predictions(sentences, labels, positive_label), **_correlations(sentences)}
    statistics.update(_rationales(sentences))
    return statistics


def _predictions(
    sentences: Sequence["SentenceEvaluation"], labels: Sequence[str], positive_label: Optional[str]
) -> Dict[str, Statistic]:
    labelled = [sentence.label is not None for sentence in sentences]
    if not any(labelled):
        return {}
    right = [float(s.label == s.prediction) if s.label is not None else None for s in sentences]
    classes = [positive_label] if positive_label is not None else list(labels)
    predicted = numpy.array([[s.label is not None and s.prediction == name for name in classes] for s in sentences])
    gold = numpy.array([[s.label == name for name in classes] for s in sentences])
    f1 = f1_of(predicted & gold, predicted, gold)._replace(sentences=sum(labelled))
    accuracy = mean_of(right, labelled)._replace(std=None)
    if positive_label is not None:
        return {"accuracy": accuracy, "f1": f1}
    # With one label per sentence, counts summed over all classes make micro F1 the accuracy.
    return {"accuracy": accuracy, "macro_f1": f1, "micro_f1": accuracy}


def _correlations(sentences: Sequence["SentenceEvaluation"]) -> Dict[str, Statistic]:
    statistics = {}
    for suffix in ("", "_attention_constant"):
        for name in CORRELATIONS:
            statistics[name + suffix] = mean_of(_scores(sentences, name + suffix))
        p_values = _scores(sentences, "kendall_p_value" + suffix)
        significant = [None if p_value is None else float(p_value <= SIGNIFICANT) for p_value in p_values]
        statistics["kendall_significant" + suffix] = mean_of(significant)._replace(std=None)
    return statistics


def _rationales(sentences: Sequence["SentenceEvaluation"]) -> Dict[str, Statistic]:
    """The fields of ERASER's scorer, `rationale_benchmark/metrics.py`."""
    marked = ["tokens_gold" in sentence.scores for sentence in sentences]
    if not any(marked):
        return {}
    statistics = {name: mean_of(_scores(sentences, name), marked) for name in ("auprc", "average_precision", "roc_auc")}

    # Macro token F1 is the mean over the texts that have a prediction or gold; macro IOU F1 is the F1 of mean
    # precision, over texts with predictions, and mean recall, over texts with gold.
    tokens, spans = _counts(sentences, "tokens"), _counts(sentences, "spans")
    either = (tokens[:, 1] + tokens[:, 2]) > 0
    token_f1 = [score if here else None for score, here in zip(_scores(sentences, "token_f1"), either)]
    statistics["token_f1_macro"] = mean_of(token_f1, marked)
    statistics["token_f1_micro"] = f1_of(*tokens.T)._replace(sentences=sum(marked))
    precision = [matched / predicted if predicted else None for matched, predicted, _ in spans]
    recall = [matched / gold if gold else None for matched, _, gold in spans]
    statistics["iou_f1_macro"] = f1_of_means(precision, recall, marked)
    statistics["iou_f1_micro"] = f1_of(*spans.T)._replace(sentences=sum(marked))
    return statistics


def _scores(sentences: Sequence["SentenceEvaluation"], name: str) -> List[Optional[float]]:
    return [sentence.scores.get(name) for sentence in sentences]


def _counts(sentences: Sequence["SentenceEvaluation"], unit: str) -> numpy.ndarray:
    names = [f"{unit}_{name}" for name in ("matched", "predicted", "gold")]
    return numpy.array([[sentence.scores.get(name) or 0.0 for name in names] for sentence in sentences])
