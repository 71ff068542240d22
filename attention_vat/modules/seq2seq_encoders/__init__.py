"""Encoders of words."""

from attention_vat.modules.seq2seq_encoders.cnn_words_encoder import CnnWordsEncoder

__all__ = ["CnnWordsEncoder"]
