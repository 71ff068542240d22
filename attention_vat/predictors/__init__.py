"""From raw text to a label and the attention behind it."""

from attention_vat.predictors.pair_sequence import PairSequencePredictor
from attention_vat.predictors.regularized import RegularizedPredictor
from attention_vat.predictors.single_sequence import SingleSequencePredictor
from attention_vat.predictors.transformer_text import TransformerTextPredictor

__all__ = ["PairSequencePredictor", "RegularizedPredictor", "SingleSequencePredictor", "TransformerTextPredictor"]
