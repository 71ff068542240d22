"""How the prediction changes when the attention weights change places."""

from typing import Dict, Optional, Sequence

import numpy
import torch

from attention_vat.interpret.bootstrap import Statistic
from attention_vat.interpret.measures.description import change, of_predictions, of_score_changes
from attention_vat.interpret.measures.measure import (
    Columns,
    EvaluationBatch,
    Measure,
    check_at_least_one,
    generator_of,
    mean_statistics,
    optional,
)
from attention_vat.interpret.measures.prediction import changed_predictions
from attention_vat.interpret.results import SentenceEvaluation
from attention_vat.models import AttentionClassifier
from attention_vat.nn.distances import total_variation


@Measure.register("permutation")
class Permutation(Measure):
    """
    Gives the attention weights of a sentence to its words in random order, many times, and measures how far the
    prediction moves (Jain & Wallace 2019): `permutation_difference` is the median over permutations of the total
    variation distance `½ Σ_c |Δp_c|`. Where attention is peaked (`max_attention`) and matters, it is large.

    `accuracy_permuted` and `f1_permuted` say how well the model predicts with these weights, counted over all
    permutations together, and `f1_permuted_change` how much that is above or below its own score ("Pm" of Tutek &
    Šnajder 2020).

    Registered as a `Measure` with name "permutation".

    # Parameters

    num_permutations : `int`, optional (default = `100`)

    Raises `ConfigurationError` if it is below 1.
    """

    descriptions = {
        "permutation_difference": change(
            "Permuted attention, change of the prediction",
            "Median total variation distance of the prediction when the weights are shuffled (Jain & Wallace 2019).",
            "With other attention",
            "If large weights matter, this grows from left to right.",
        ),
        **of_predictions(
            "_permuted", ", permuted attention", " when the weights are shuffled", "With other attention", 0
        ),
        **of_score_changes("permuted", "the weights are shuffled", "With other attention"),
    }

    moves_attention = True

    def __init__(self, num_permutations: int = 100) -> None:
        check_at_least_one(num_permutations=num_permutations)
        self.num_permutations = num_permutations

    def __call__(self, model: AttentionClassifier, batch: EvaluationBatch) -> Columns:
        encoded = batch.clean.encoded
        distances, counts = [], torch.zeros_like(batch.probs, dtype=torch.long)
        for scores in permuted(encoded.scores, batch, self.num_permutations):
            probs = model.probabilities(model.decode(encoded, scores))
            distances.append(total_variation(batch.probs, probs))
            counts += torch.nn.functional.one_hot(probs.argmax(dim=1), counts.size(1))
        # torch.median would return the lower of two middle values.
        median = numpy.median(torch.stack(distances).double().cpu().numpy(), axis=0)
        has_words = batch.mask.any(dim=1)
        return Columns(
            scores={
                "permutation_difference": optional(torch.from_numpy(median), has_words),
                "max_attention": optional(*max_attention(batch)),
            },
            series={"permuted_predictions": (counts.double() / self.num_permutations).tolist()},
        )

    def statistics(
        self, sentences: Sequence[SentenceEvaluation], labels: Sequence[str], positive_label: Optional[str]
    ) -> Dict[str, Statistic]:
        shares = [sentence.series.get("permuted_predictions") for sentence in sentences]
        return {
            **mean_statistics(sentences, ["permutation_difference"]),
            **changed_predictions(sentences, shares, labels, positive_label, "_permuted"),  # type: ignore[arg-type]
        }


def permuted(scores: torch.Tensor, batch: EvaluationBatch, times: int) -> torch.Tensor:
    """
    Permutes the scores of each sentence among the words that take attention; other scores stay in place.

    # Parameters

    scores : `torch.Tensor`
        Shape `(batch_size, num_words)`.
    batch : `EvaluationBatch`
    times : `int`

    # Returns

    permuted : `torch.Tensor`
        Shape `(times, batch_size, num_words)`.
    """
    mask = batch.mask.cpu()
    keys = torch.full((times, *mask.shape), float("inf"), dtype=torch.float64)
    for row, text in enumerate(batch.texts):
        drawn = generator_of(text, batch.options).random((times, int(mask[row].sum())))
        keys[:, row, mask[row]] = torch.from_numpy(drawn)
    # Both stable sorts put everything without attention behind the words, in the original order.
    to = (~mask).long().sort(dim=1, stable=True).indices.expand_as(keys).to(scores.device)
    order = keys.sort(dim=2, stable=True).indices.to(scores.device)
    values = scores.expand(order.shape)
    return torch.zeros_like(values).scatter(2, to, values.gather(2, order))


def max_attention(batch: EvaluationBatch) -> Sequence[torch.Tensor]:
    """The largest weight of each sentence, and whether it has any; each of shape `(batch_size,)`."""
    has_words = batch.mask.any(dim=1)
    if batch.attention.size(1) == 0:
        return batch.attention.sum(dim=1), has_words
    return batch.attention.max(dim=1).values, has_words
