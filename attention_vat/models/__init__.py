"""Classifiers that read a text, attend, and decide."""

from attention_vat.models.attention_classifier import AttentionClassifier, Embedded, Encoded
from attention_vat.models.pair_sequence import PairSequenceAttention
from attention_vat.models.single_sequence import SingleSequenceAttention

__all__ = ["AttentionClassifier", "Embedded", "Encoded", "PairSequenceAttention", "SingleSequenceAttention"]
