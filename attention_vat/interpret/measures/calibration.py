"""Whether a model's confidence matches its accuracy."""

from typing import Dict, Optional, Sequence

import numpy

from attention_vat.interpret.bootstrap import Statistic, mean_of
from attention_vat.interpret.measures.description import Description
from attention_vat.interpret.measures.measure import Columns, EvaluationBatch, Measure, check_at_least_one
from attention_vat.interpret.results import SentenceEvaluation
from attention_vat.models import AttentionClassifier


@Measure.register("calibration")
class Calibration(Measure):
    """
    Compares the probability of the predicted class with how often the prediction is right. `calibration_error` is the
    expected calibration error (Guo et al. 2017): sentences are sorted into bins of equal width by their probability,

        ECE = Σ_b n_b / n · | accuracy_b − mean probability_b |

    and `brier_score` is the mean of `Σ_c (p_c − y_c)²`. Both need labels.

    Registered as a `Measure` with name "calibration".

    # Parameters

    num_bins : `int`, optional (default = `15`)
        The number of bins between 0 and 1.

    Raises `ConfigurationError` if `num_bins` is below 1.
    """

    descriptions = {
        "calibration_error": Description(
            "Calibration error",
            "How far the probability of the predicted class is from the share of right predictions (ECE).",
            "Prediction",
            better=-1,
        ),
        "brier_score": Description(
            "Brier score",
            "Mean squared distance of the probabilities from the label.",
            "Prediction",
            (0.0, 2.0),
            better=-1,
        ),
    }

    def __init__(self, num_bins: int = 15) -> None:
        check_at_least_one(num_bins=num_bins)
        self.num_bins = num_bins

    def __call__(self, model: AttentionClassifier, batch: EvaluationBatch) -> Columns:
        return Columns()

    def statistics(
        self, sentences: Sequence[SentenceEvaluation], labels: Sequence[str], positive_label: Optional[str]
    ) -> Dict[str, Statistic]:
        labelled = numpy.array([sentence.label in labels for sentence in sentences])
        if not labelled.any():
            return {}
        probs = numpy.array([sentence.probs for sentence in sentences], dtype=float)  # (num_sentences, num_labels)
        gold = numpy.array([[float(sentence.label == label) for label in labels] for sentence in sentences])
        predicted = probs.argmax(axis=1)
        sure = probs.max(axis=1)
        right = gold[numpy.arange(len(gold)), predicted]
        bins = numpy.minimum((sure * self.num_bins).astype(int), self.num_bins - 1)
        in_bin = (bins[:, None] == numpy.arange(self.num_bins)) * labelled[:, None]  # (num_sentences, num_bins)
        columns = numpy.concatenate([in_bin * (right - sure)[:, None], labelled[:, None]], axis=1).astype(float)
        squares = ((probs - gold) ** 2).sum(axis=1)
        count = int(labelled.sum())
        brier = mean_of([float(s) if here else None for s, here in zip(squares, labelled)], labelled.tolist())
        return {
            "calibration_error": Statistic(columns, _mean_of_absolute_sums, None, count, 0),
            "brier_score": brier,
        }


def _mean_of_absolute_sums(sums: numpy.ndarray) -> numpy.ndarray:
    total = sums[..., -1]
    return numpy.where(total > 0, numpy.abs(sums[..., :-1]).sum(axis=-1) / numpy.maximum(total, 1), numpy.nan)
