"""Small neural parts of the models."""

from attention_vat.modules.attention_scorer import AdditiveScorer, AttentionScorer, ScaledDotProductScorer
from attention_vat.modules.encoding import encode_words, full_precision, without_boundaries

__all__ = [
    "AdditiveScorer",
    "AttentionScorer",
    "ScaledDotProductScorer",
    "encode_words",
    "full_precision",
    "without_boundaries",
]
