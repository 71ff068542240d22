"""Losses that keep hidden states close to their words."""

from attention_vat.regularizers.word_level.conicity import Conicity
from attention_vat.regularizers.word_level.masked_language_model import MaskedLanguageModel, WordDecoder
from attention_vat.regularizers.word_level.tying import Tying

__all__ = ["Conicity", "MaskedLanguageModel", "Tying", "WordDecoder"]
