"""From raw text to a label and the attention behind it."""

from attention_vat.predictors.single_sequence import SingleSequencePredictor

__all__ = ["SingleSequencePredictor"]
