"""Embeddings of words."""

from attention_vat.modules.token_embedders.embeddings import FrequencyNormalizedEmbedding, matrix_of, num_rows, rows_of

__all__ = ["FrequencyNormalizedEmbedding", "matrix_of", "num_rows", "rows_of"]
