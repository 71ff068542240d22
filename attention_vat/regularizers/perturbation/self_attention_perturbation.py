"""Attention perturbations in the self-attention of Transformers."""

from typing import Any, List, Optional

import torch

from attention_vat.regularizers.perturbation.directions import AttentionDifference, Directions, FreeDirections
from attention_vat.regularizers.perturbation.objective import Adversarial, Random, VirtualAdversarial
from attention_vat.regularizers.perturbation.perturbation_regularizer import PerturbationRegularizer
from attention_vat.regularizers.perturbation.transformer_targets import SelfAttentionTarget
from attention_vat.regularizers.regularizer import Regularizer


@Directions.register("self_attention_difference")
class SelfAttentionDifference(AttentionDifference):
    """
    `AttentionDifference` for the target "self_attention": each score moves towards or away from the other scores of its
    query. With the default `normalization` every cell moves by the same amount. The scores themselves are not
    inspected: a row of equal scores, which has no differences, is treated like any other.

    Registered as a `Directions` with name "self_attention_difference".

    # Parameters

    normalization : `str`, optional (default = `"word"`)
        As in `AttentionDifference`.
    """

    suited_targets = ("self_attention",)

    def differs(self, scores: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        return torch.ones_like(scores[:, :1])


@Regularizer.register("self_attention_at", constructor="at")
@Regularizer.register("self_attention_iat", constructor="iat")
@Regularizer.register("self_attention_vat", constructor="vat")
@Regularizer.register("self_attention_ivat", constructor="ivat")
@Regularizer.register("self_attention_rp", constructor="rp")
class SelfAttentionPerturbation(PerturbationRegularizer):
    """
    The perturbations of Kitada & Iyatomi (2021, 2022) on the attention scores of all layers of a Transformer. Each name
    combines the target "self_attention" with an objective and directions:

    | name | objective | directions |
    |---|---|---|
    | "self_attention_at", "self_attention_vat" | adversarial, virtual_adversarial | free |
    | "self_attention_iat", "self_attention_ivat" | adversarial, virtual_adversarial | self_attention_difference |
    | "self_attention_rp" | random | free |

    # Parameters

    epsilon : `float`, optional (default = `5.0`)
        The norm of `r` for each text, over all cells of the chosen layers.
    weight : `float`, optional (default = `1.0`)
        λ.
    layers, per_head
        See `SelfAttentionTarget`.
    xi, num_power_iterations
        See `VirtualAdversarial`; for "self_attention_vat" and "self_attention_ivat".
    normalization
        See `AttentionDifference`; for "self_attention_iat" and "self_attention_ivat".
    """

    @classmethod
    def at(
        cls, epsilon: float = 5.0, weight: float = 1.0, layers: Optional[List[int]] = None, per_head: bool = False
    ) -> "SelfAttentionPerturbation":
        return cls(SelfAttentionTarget(layers, per_head), Adversarial(), FreeDirections(), epsilon, weight)

    @classmethod
    def iat(
        cls,
        epsilon: float = 5.0,
        weight: float = 1.0,
        layers: Optional[List[int]] = None,
        per_head: bool = False,
        normalization: str = "word",
    ) -> "SelfAttentionPerturbation":
        directions: Any = SelfAttentionDifference(normalization)
        return cls(SelfAttentionTarget(layers, per_head), Adversarial(), directions, epsilon, weight)

    @classmethod
    def vat(
        cls,
        epsilon: float = 5.0,
        weight: float = 1.0,
        layers: Optional[List[int]] = None,
        per_head: bool = False,
        xi: float = 0.1,
        num_power_iterations: int = 1,
    ) -> "SelfAttentionPerturbation":
        objective = VirtualAdversarial(xi, num_power_iterations)
        return cls(SelfAttentionTarget(layers, per_head), objective, FreeDirections(), epsilon, weight)

    @classmethod
    def ivat(
        cls,
        epsilon: float = 5.0,
        weight: float = 1.0,
        layers: Optional[List[int]] = None,
        per_head: bool = False,
        xi: float = 0.1,
        num_power_iterations: int = 1,
        normalization: str = "word",
    ) -> "SelfAttentionPerturbation":
        objective, directions = VirtualAdversarial(xi, num_power_iterations), SelfAttentionDifference(normalization)
        return cls(SelfAttentionTarget(layers, per_head), objective, directions, epsilon, weight)

    @classmethod
    def rp(
        cls, epsilon: float = 5.0, weight: float = 1.0, layers: Optional[List[int]] = None, per_head: bool = False
    ) -> "SelfAttentionPerturbation":
        return cls(SelfAttentionTarget(layers, per_head), Random(), FreeDirections(), epsilon, weight)
