"""Losses added to the supervised one: perturbations, and second passes through the model."""

from attention_vat.regularizers.adversarial_self_attention import AdversarialSelfAttention, SelfAttentionAdversary
from attention_vat.regularizers.attention_adversary import AttentionAdversary
from attention_vat.regularizers.attention_manipulation import AttentionManipulation
from attention_vat.regularizers.attention_mask import AttentionMask, closing_bias
from attention_vat.regularizers.perturbation import (
    Adversarial,
    AttentionDifference,
    AttentionTarget,
    AttentionWeightsTarget,
    Directions,
    FreeDirections,
    InputEmbeddingsTarget,
    NearestWordPieces,
    NearestWords,
    Objective,
    PerturbationRegularizer,
    ProjectedGradient,
    Random,
    SelfAttentionDifference,
    SelfAttentionPerturbation,
    SelfAttentionTarget,
    SymmetricVirtualAdversarial,
    Target,
    VirtualAdversarial,
    WordTarget,
)
from attention_vat.regularizers.r_drop import RDrop
from attention_vat.regularizers.random_attention_mask import RandomAttentionMask
from attention_vat.regularizers.regularizer import Regularizer
from attention_vat.regularizers.second_pass import SecondPass
from attention_vat.regularizers.word_level import Conicity, MaskedLanguageModel, Tying

__all__ = [
    "Adversarial",
    "AdversarialSelfAttention",
    "AttentionAdversary",
    "AttentionDifference",
    "AttentionManipulation",
    "AttentionMask",
    "AttentionTarget",
    "AttentionWeightsTarget",
    "Conicity",
    "Directions",
    "FreeDirections",
    "InputEmbeddingsTarget",
    "MaskedLanguageModel",
    "NearestWordPieces",
    "NearestWords",
    "Objective",
    "PerturbationRegularizer",
    "ProjectedGradient",
    "RDrop",
    "Random",
    "RandomAttentionMask",
    "Regularizer",
    "SecondPass",
    "SelfAttentionAdversary",
    "SelfAttentionDifference",
    "SelfAttentionPerturbation",
    "SelfAttentionTarget",
    "SymmetricVirtualAdversarial",
    "Target",
    "Tying",
    "VirtualAdversarial",
    "WordTarget",
    "closing_bias",
]
