"""How readable attention is: importance of words, correlation with it, agreement with people."""

from attention_vat.interpret.attention_correlation import AttentionCorrelation
from attention_vat.interpret.bootstrap import Difference, Estimate
from attention_vat.interpret.correlation import kendall, pearson, spearman
from attention_vat.interpret.evaluation import compare_evaluations, evaluate_archive, evaluate_attention
from attention_vat.interpret.explanation import Explanation, explain
from attention_vat.interpret.importance import gradient_importance
from attention_vat.interpret.measures import Measure
from attention_vat.interpret.results import AttentionEvaluation, SentenceEvaluation
from attention_vat.interpret.saliency import AttentionGradientSaliency, AttentionSaliency

__all__ = [
    "AttentionCorrelation",
    "AttentionEvaluation",
    "AttentionGradientSaliency",
    "AttentionSaliency",
    "Difference",
    "Estimate",
    "Explanation",
    "Measure",
    "SentenceEvaluation",
    "compare_evaluations",
    "evaluate_archive",
    "evaluate_attention",
    "explain",
    "gradient_importance",
    "kendall",
    "pearson",
    "spearman",
]
