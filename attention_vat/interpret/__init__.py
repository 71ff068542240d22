"""How readable attention is: importance of words, correlation with it, agreement with people."""

from attention_vat.interpret.attention_correlation import AttentionCorrelation
from attention_vat.interpret.bootstrap import Difference, Estimate
from attention_vat.interpret.correlation import kendall, pearson, spearman
from attention_vat.interpret.evaluation import (
    AttentionEvaluation,
    SentenceEvaluation,
    compare_evaluations,
    evaluate_attention,
)
from attention_vat.interpret.importance import gradient_importance

__all__ = [
    "AttentionCorrelation",
    "AttentionEvaluation",
    "Difference",
    "Estimate",
    "SentenceEvaluation",
    "compare_evaluations",
    "evaluate_attention",
    "gradient_importance",
    "kendall",
    "pearson",
    "spearman",
]
