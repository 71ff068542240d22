"""Scores of words before they are normalized to attention."""

from attention_vat.modules.attention_scorers.attention_scorer import (
    AdditiveScorer,
    AttentionScorer,
    ScaledDotProductScorer,
)
from attention_vat.modules.attention_scorers.uniform_scorer import UniformScorer

__all__ = ["AdditiveScorer", "AttentionScorer", "ScaledDotProductScorer", "UniformScorer"]
