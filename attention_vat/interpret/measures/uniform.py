"""What the model predicts with uniform attention."""

from typing import Dict, Optional, Sequence

import torch

from attention_vat.interpret.bootstrap import Statistic
from attention_vat.interpret.measures.description import change, divergence, of_predictions, of_score_changes
from attention_vat.interpret.measures.measure import Columns, EvaluationBatch, Measure, mean_statistics, optional
from attention_vat.interpret.measures.prediction import changed_predictions
from attention_vat.interpret.results import SentenceEvaluation
from attention_vat.models import AttentionClassifier
from attention_vat.nn.distances import jensen_shannon, total_variation


@Measure.register("uniform")
class Uniform(Measure):
    """
    Gives every word of a sentence the same weight, in a model that was trained with attention: how well it still
    predicts (`accuracy_uniform`, `f1_uniform`), how much that is above or below its own score (`f1_uniform_change`,
    "Un" of Tutek & Šnajder 2020), how far the prediction moves (`uniform_difference`, total variation), and how far
    attention is from uniform (`uniform_jsd`). Wiegreffe & Pinter (2019) *train* with uniform attention; for that, train
    a model with the scorer "uniform" and compare the archives.

    Registered as a `Measure` with name "uniform".
    """

    descriptions = {
        "uniform_jsd": divergence(
            "Uniform attention, JSD",
            "Jensen-Shannon divergence of attention from an even spread.",
            "With other attention",
        ),
        "uniform_difference": change(
            "Uniform attention, change of the prediction",
            "Total variation distance of the prediction when every word gets the same weight (Wiegreffe & Pinter "
            "2019).",
            "With other attention",
            "If large weights matter, this grows from left to right.",
        ),
        **of_predictions(
            "_uniform", ", uniform attention", " when every word gets the same weight", "With other attention", 0
        ),
        **of_score_changes("uniform", "every word gets the same weight", "With other attention"),
    }

    moves_attention = True

    def __call__(self, model: AttentionClassifier, batch: EvaluationBatch) -> Columns:
        encoded = batch.clean.encoded
        even = torch.zeros_like(encoded.scores)
        probs = model.probabilities(model.decode(encoded, even))
        has_words = batch.mask.any(dim=1)
        return Columns(
            scores={
                "uniform_difference": optional(total_variation(batch.probs, probs), has_words),
                "uniform_jsd": optional(jensen_shannon(batch.attention, model.attend(encoded, even)), has_words),
            },
            predictions={"uniform": [model.labels[index] for index in probs.argmax(dim=1).tolist()]},
        )

    def statistics(
        self, sentences: Sequence[SentenceEvaluation], labels: Sequence[str], positive_label: Optional[str]
    ) -> Dict[str, Statistic]:
        predictions = [sentence.predictions.get("uniform") for sentence in sentences]
        shares = [None if p is None else [float(p == label) for label in labels] for p in predictions]
        return {
            **changed_predictions(sentences, shares, labels, positive_label, "_uniform"),
            **mean_statistics(sentences, ("uniform_difference", "uniform_jsd")),
        }
