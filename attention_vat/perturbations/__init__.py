"""
The heart of the package: what a technique perturbs (`target`), what it attacks (`objective`) and along what it may move
(`directions`).
"""

from attention_vat.perturbations.directions import AttentionDifference, Directions, FreeDirections
from attention_vat.perturbations.divergence import kl_divergence, symmetric_kl
from attention_vat.perturbations.nearest_words import NearestWords
from attention_vat.perturbations.objective import Adversarial, Objective, Random, VirtualAdversarial
from attention_vat.perturbations.perturbation import PerturbationRegularizer
from attention_vat.perturbations.target import AttentionTarget, Target, WordTarget

__all__ = [
    "Adversarial",
    "AttentionDifference",
    "AttentionTarget",
    "Directions",
    "FreeDirections",
    "NearestWords",
    "Objective",
    "PerturbationRegularizer",
    "Random",
    "Target",
    "VirtualAdversarial",
    "WordTarget",
    "kl_divergence",
    "symmetric_kl",
]
