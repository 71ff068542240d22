"""Tensor functions that do not depend on models."""

from attention_vat.nn.distances import jensen_shannon, relative_entropy, total_variation
from attention_vat.nn.divergence import kl_divergence, log_probabilities, symmetric_kl
from attention_vat.nn.encoding import encode_words, full_precision, without_boundaries
from attention_vat.nn.noise import Noise
from attention_vat.nn.norms import sentence_norm, unit_norm
from attention_vat.nn.word_level import conicity, mean_over_words, tying_distances

__all__ = [
    "Noise",
    "conicity",
    "encode_words",
    "full_precision",
    "jensen_shannon",
    "kl_divergence",
    "log_probabilities",
    "mean_over_words",
    "relative_entropy",
    "sentence_norm",
    "symmetric_kl",
    "total_variation",
    "tying_distances",
    "unit_norm",
    "without_boundaries",
]
