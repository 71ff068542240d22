"""
The core of the package: what a technique perturbs (`target`), which loss it attacks (`objective`) and in which
directions it may move (`directions`).
"""

from attention_vat.regularizers.perturbation.directions import AttentionDifference, Directions, FreeDirections
from attention_vat.regularizers.perturbation.nearest_word_pieces import NearestWordPieces
from attention_vat.regularizers.perturbation.nearest_words import NearestWords
from attention_vat.regularizers.perturbation.objective import Adversarial, Objective, Random, VirtualAdversarial
from attention_vat.regularizers.perturbation.perturbation_regularizer import PerturbationRegularizer
from attention_vat.regularizers.perturbation.projected_gradient import ProjectedGradient, SymmetricVirtualAdversarial
from attention_vat.regularizers.perturbation.self_attention_perturbation import (
    SelfAttentionDifference,
    SelfAttentionPerturbation,
)
from attention_vat.regularizers.perturbation.target import (
    AttentionTarget,
    AttentionWeightsTarget,
    Target,
    WordTarget,
)
from attention_vat.regularizers.perturbation.transformer_targets import InputEmbeddingsTarget, SelfAttentionTarget

__all__ = [
    "Adversarial",
    "AttentionDifference",
    "AttentionTarget",
    "AttentionWeightsTarget",
    "Directions",
    "FreeDirections",
    "InputEmbeddingsTarget",
    "NearestWordPieces",
    "NearestWords",
    "Objective",
    "PerturbationRegularizer",
    "ProjectedGradient",
    "Random",
    "SelfAttentionDifference",
    "SelfAttentionPerturbation",
    "SelfAttentionTarget",
    "SymmetricVirtualAdversarial",
    "Target",
    "VirtualAdversarial",
    "WordTarget",
]
