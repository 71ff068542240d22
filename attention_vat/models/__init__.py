"""Classifiers that read a text, attend, and decide."""

from attention_vat.models.attention_classifier import AttentionClassifier
from attention_vat.models.masked_words import MaskedWords
from attention_vat.models.pair_sequence import PairSequenceAttention
from attention_vat.models.regularizable import RegularizableModel
from attention_vat.models.regularized import Regularized
from attention_vat.models.single_sequence import SingleSequenceAttention
from attention_vat.models.stages import CleanPass, Embedded, Encoded, WholePass, WordPieces
from attention_vat.models.text_pair_regressor import TextPairRegressor
from attention_vat.models.transformer_classifier import TransformerClassifier
from attention_vat.models.word_tagger import WordTagger

__all__ = [
    "AttentionClassifier",
    "CleanPass",
    "Embedded",
    "Encoded",
    "MaskedWords",
    "PairSequenceAttention",
    "RegularizableModel",
    "Regularized",
    "SingleSequenceAttention",
    "TextPairRegressor",
    "TransformerClassifier",
    "WholePass",
    "WordPieces",
    "WordTagger",
]
