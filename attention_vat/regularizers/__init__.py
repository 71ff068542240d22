"""Losses beside the supervised one that run a model a second time."""

from attention_vat.regularizers.adversarial_self_attention import AdversarialSelfAttention, SelfAttentionAdversary
from attention_vat.regularizers.attention_mask import AttentionMask, closing_bias
from attention_vat.regularizers.r_drop import RDrop
from attention_vat.regularizers.random_attention_mask import RandomAttentionMask
from attention_vat.regularizers.second_pass import SecondPass

__all__ = [
    "AdversarialSelfAttention",
    "AttentionMask",
    "RDrop",
    "RandomAttentionMask",
    "SecondPass",
    "SelfAttentionAdversary",
    "closing_bias",
]
