"""Attention in the form of AllenNLP's saliency interpreters."""

from attention_vat.interpret.saliency.attention import AttentionSaliency
from attention_vat.interpret.saliency.attention_gradient import AttentionGradientSaliency

__all__ = ["AttentionGradientSaliency", "AttentionSaliency"]
