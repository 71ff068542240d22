"""Attention as AllenNLP's saliency interpreters give the importance of words."""

from attention_vat.interpret.saliency.attention import AttentionSaliency
from attention_vat.interpret.saliency.attention_gradient import AttentionGradientSaliency

__all__ = ["AttentionGradientSaliency", "AttentionSaliency"]
