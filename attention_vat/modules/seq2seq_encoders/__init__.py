"""Encoders of words."""

from attention_vat.modules.seq2seq_encoders.cnn_words_encoder import CnnWordsEncoder
from attention_vat.modules.seq2seq_encoders.orthogonal_lstm_encoder import OrthogonalLstmEncoder
from attention_vat.modules.seq2seq_encoders.with_embeddings_encoder import WithEmbeddingsEncoder

__all__ = ["CnnWordsEncoder", "OrthogonalLstmEncoder", "WithEmbeddingsEncoder"]
