"""The correlation of attention with the effect of deleting a word."""

from typing import Dict, List, Optional, Sequence

import torch

from attention_vat.interpret.bootstrap import Statistic
from attention_vat.interpret.erasure import probabilities_of_parts
from attention_vat.interpret.measures.correlation import correlation_columns, correlation_statistics
from attention_vat.interpret.measures.description import of_correlations
from attention_vat.interpret.measures.measure import (
    Columns,
    EvaluationBatch,
    Measure,
    check_at_least_one,
    sampled_rows,
)
from attention_vat.interpret.results import SentenceEvaluation
from attention_vat.models import AttentionClassifier
from attention_vat.nn.distances import total_variation


@Measure.register("leave_one_out")
class LeaveOneOut(Measure):
    """
    The importance of a word is how far the prediction moves when it is deleted and the rest is encoded again (Jain &
    Wallace 2019). With two classes

        l_t = |p(x) − p(x without word t)|

    with more `Σ_c |p_c(x) − p_c(x without word t)|`. Attention is correlated with it (`…_leave_one_out`), and so is
    gradient importance with attention held constant (`…_gradient_leave_one_out`).

    A text of n words is encoded n times, so that the cost grows with the square of its length.

    Registered as a `Measure` with name "leave_one_out".

    # Parameters

    sample : `int`, optional (default = all)
        The number of sentences to evaluate, drawn at random.

    Raises `ConfigurationError` if it is below 1.
    """

    descriptions = {
        **of_correlations("_leave_one_out", ", leave-one-out", "attention", "what changes when a word is left out"),
        **of_correlations(
            "_gradient_leave_one_out",
            ", gradient and leave-one-out",
            "gradient importance",
            "what changes when a word is left out",
            better=0,
        ),
    }

    looks_at_classes = True
    suffixes = ("_leave_one_out", "_gradient_leave_one_out")

    def __init__(self, sample: Optional[int] = None) -> None:
        check_at_least_one(sample=sample)
        self.sample = sample

    def __call__(self, model: AttentionClassifier, batch: EvaluationBatch) -> Columns:
        rows = sampled_rows(batch, self.sample)
        if not rows:
            return Columns()
        importance = leave_one_out_importance(model, batch, rows)
        scores: Dict[str, List[Optional[float]]] = {}
        for suffix, other in zip(self.suffixes, (batch.attention, batch.importance_attention_constant)):
            scores.update(correlation_columns(other[rows], importance[rows], batch.mask[rows], suffix))
        words = batch.rows(importance)
        return Columns(scores=scores, words={"leave_one_out": [words[row] for row in rows]}, rows=rows)

    def statistics(
        self, sentences: Sequence[SentenceEvaluation], labels: Sequence[str], positive_label: Optional[str]
    ) -> Dict[str, Statistic]:
        return {n: s for suffix in self.suffixes for n, s in correlation_statistics(sentences, suffix).items()}


def leave_one_out_importance(model: AttentionClassifier, batch: EvaluationBatch, rows: Sequence[int]) -> torch.Tensor:
    """
    # Parameters

    model : `AttentionClassifier`
        In eval mode.
    batch : `EvaluationBatch`
    rows : `Sequence[int]`
        The texts to evaluate.

    # Returns

    importance : `torch.Tensor`
        0 where there is nothing to delete. Shape `(batch_size, num_words)`.
    """
    wanted = torch.zeros_like(batch.mask)
    wanted[list(rows)] = batch.mask[list(rows)]
    whose, word = wanted.nonzero(as_tuple=True)
    kept = torch.ones(len(word), wanted.size(1), dtype=torch.bool, device=wanted.device)
    kept[torch.arange(len(word), device=word.device), word] = False
    without = probabilities_of_parts(model, batch, whose, kept)
    difference = total_variation(batch.probs[whose], without)
    importance = torch.zeros_like(batch.attention)
    importance[whose, word] = difference if model.positive_index is not None else 2 * difference
    return importance
