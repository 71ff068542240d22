"""Normalizers from scores to attention weights."""

from attention_vat.modules.attention_normalizers.attention_normalizer import AttentionNormalizer, Softmax
from attention_vat.modules.attention_normalizers.sparse import Entmax15, Sparsemax

__all__ = ["AttentionNormalizer", "Entmax15", "Softmax", "Sparsemax"]
