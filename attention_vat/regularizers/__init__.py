"""Losses beside the supervised one that run a model a second time."""

from attention_vat.regularizers.adversarial_self_attention import AdversarialSelfAttention, SelfAttentionAdversary
from attention_vat.regularizers.attention_mask import AttentionMask, closing_bias
from attention_vat.regularizers.nearest_word_pieces import NearestWordPieces
from attention_vat.regularizers.projected_gradient import ProjectedGradient, SymmetricVirtualAdversarial
from attention_vat.regularizers.r_drop import RDrop
from attention_vat.regularizers.random_attention_mask import RandomAttentionMask
from attention_vat.regularizers.second_pass import SecondPass
from attention_vat.regularizers.self_attention_perturbation import SelfAttentionDifference, SelfAttentionPerturbation
from attention_vat.regularizers.transformer_targets import InputEmbeddingsTarget, SelfAttentionTarget

__all__ = [
    "AdversarialSelfAttention",
    "AttentionMask",
    "InputEmbeddingsTarget",
    "NearestWordPieces",
    "ProjectedGradient",
    "RDrop",
    "RandomAttentionMask",
    "SecondPass",
    "SelfAttentionAdversary",
    "SelfAttentionDifference",
    "SelfAttentionPerturbation",
    "SelfAttentionTarget",
    "SymmetricVirtualAdversarial",
    "closing_bias",
]
