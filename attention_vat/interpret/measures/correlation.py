"""The correlation of attention with importance, sentence by sentence."""

from typing import Dict, List, Optional, Sequence

import torch

from attention_vat.interpret import correlation
from attention_vat.interpret.bootstrap import Statistic, mean_of
from attention_vat.interpret.measures.description import of_correlations
from attention_vat.interpret.measures.measure import (
    Columns,
    EvaluationBatch,
    Measure,
    mean_statistics,
    measured,
    optional,
    scores_of,
)
from attention_vat.interpret.results import SentenceEvaluation
from attention_vat.models import AttentionClassifier

SIGNIFICANT = 0.05


@Measure.register("correlation")
class GradientCorrelation(Measure):
    """
    Correlates attention with gradient importance (Kitada & Iyatomi 2022, Eq. 25-26; Jain & Wallace 2019), with the
    gradient through the attention weights, and with them held constant (`…_attention_constant`).

    Registered as a `Measure` with name "correlation".
    """

    descriptions = {
        **of_correlations("", "", "attention", "gradient importance"),
        **of_correlations(
            "_attention_constant",
            ", attention constant",
            "attention",
            "gradient importance",
            ", with attention held constant while the gradient is taken (Jain & Wallace 2019)",
        ),
    }

    looks_at_classes = True
    suffixes = ("", "_attention_constant")

    def __call__(self, model: AttentionClassifier, batch: EvaluationBatch) -> Columns:
        importances = (batch.importance, batch.importance_attention_constant)
        columns: Dict[str, List[Optional[float]]] = {}
        for suffix, importance in zip(self.suffixes, importances):
            columns.update(correlation_columns(batch.attention, importance, batch.mask, suffix))
        return Columns(scores=columns)

    def statistics(
        self, sentences: Sequence[SentenceEvaluation], labels: Sequence[str], positive_label: Optional[str]
    ) -> Dict[str, Statistic]:
        return {n: s for suffix in self.suffixes for n, s in correlation_statistics(sentences, suffix).items()}


def correlation_columns(
    x: torch.Tensor, y: torch.Tensor, mask: torch.Tensor, suffix: str
) -> Dict[str, List[Optional[float]]]:
    """
    Pearson's, Spearman's and Kendall's correlation and the p-value of the last, as columns.

    # Parameters

    x, y, mask : `torch.Tensor`
        As for `attention_vat.interpret.correlation.pearson`, shape `(batch_size, num_words)`.
    suffix : `str`
        The suffix of the columns' names.
    """
    kendall = correlation.kendall(x, y, mask)
    return {
        "pearson" + suffix: optional(*correlation.pearson(x, y, mask)),
        "spearman" + suffix: optional(*correlation.spearman(x, y, mask)),
        "kendall" + suffix: optional(kendall.value, kendall.defined),
        "kendall_p_value" + suffix: optional(kendall.p_value, kendall.defined),
    }


def correlation_statistics(sentences: Sequence[SentenceEvaluation], suffix: str) -> Dict[str, Statistic]:
    """The means of the three correlations, and the share of sentences where Kendall's is significant."""
    possible = measured(sentences, "pearson" + suffix)
    if not any(possible):
        return {}
    statistics = mean_statistics(sentences, [name + suffix for name in ("pearson", "spearman", "kendall")])
    p_values = scores_of(sentences, "kendall_p_value" + suffix)
    significant = [None if p_value is None else float(p_value <= SIGNIFICANT) for p_value in p_values]
    statistics["kendall_significant" + suffix] = mean_of(significant, possible)._replace(std=None)
    return statistics
