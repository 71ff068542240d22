"""
The heart of the package: what a technique perturbs (`target`), what it attacks (`objective`) and along what it may move
(`directions`).
"""

from attention_vat.perturbations.directions import AttentionDifference, Directions, FreeDirections
from attention_vat.perturbations.divergence import kl_divergence
from attention_vat.perturbations.objective import Objective, VirtualAdversarial
from attention_vat.perturbations.perturbation import PerturbationRegularizer
from attention_vat.perturbations.target import AttentionTarget, Target

__all__ = [
    "AttentionDifference",
    "AttentionTarget",
    "Directions",
    "FreeDirections",
    "Objective",
    "PerturbationRegularizer",
    "Target",
    "VirtualAdversarial",
    "kl_divergence",
]
