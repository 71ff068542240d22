"""Neural building blocks of the models."""

from attention_vat.modules.attention_normalizers import AttentionNormalizer, Entmax15, Softmax, Sparsemax
from attention_vat.modules.attention_scorers import (
    AdditiveScorer,
    AttentionScorer,
    ScaledDotProductScorer,
    UniformScorer,
)
from attention_vat.modules.seq2seq_encoders import CnnWordsEncoder, OrthogonalLstmEncoder, WithEmbeddingsEncoder
from attention_vat.modules.task_scaling import TaskScaling
from attention_vat.modules.token_embedders import FrequencyNormalizedEmbedding, matrix_of, num_rows, rows_of
from attention_vat.modules.transformer_attention import TransformerAttention

__all__ = [
    "AdditiveScorer",
    "AttentionNormalizer",
    "AttentionScorer",
    "CnnWordsEncoder",
    "Entmax15",
    "FrequencyNormalizedEmbedding",
    "OrthogonalLstmEncoder",
    "ScaledDotProductScorer",
    "Softmax",
    "Sparsemax",
    "TaskScaling",
    "TransformerAttention",
    "UniformScorer",
    "WithEmbeddingsEncoder",
    "matrix_of",
    "num_rows",
    "rows_of",
]
