"""Small neural parts of the models."""

from attention_vat.modules.attention_scorer import AdditiveScorer, AttentionScorer, ScaledDotProductScorer
from attention_vat.modules.cnn_encoder import CnnWordsEncoder
from attention_vat.modules.embeddings import FrequencyNormalizedEmbedding, matrix_of, num_rows, rows_of
from attention_vat.modules.encoding import encode_words, full_precision, without_boundaries
from attention_vat.modules.uniform_scorer import UniformScorer

__all__ = [
    "AdditiveScorer",
    "AttentionScorer",
    "CnnWordsEncoder",
    "FrequencyNormalizedEmbedding",
    "ScaledDotProductScorer",
    "UniformScorer",
    "encode_words",
    "full_precision",
    "matrix_of",
    "num_rows",
    "rows_of",
    "without_boundaries",
]
