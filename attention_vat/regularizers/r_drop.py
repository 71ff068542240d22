"""Two passes with different dropout must agree."""

from typing import TYPE_CHECKING

import torch

from attention_vat.regularizers.regularizer import Regularizer
from attention_vat.regularizers.second_pass import SecondPass

if TYPE_CHECKING:
    from attention_vat.models.regularizable import AnyPass, RegularizableModel


@Regularizer.register("r_drop")
class RDrop(SecondPass):
    """
    R-Drop (Liang et al. 2021): the divergence of two passes with different dropout. Adversarial self-attention reduces
    to it when nothing is masked, and it is a control for every technique with a second pass. The supervised loss
    remains that of the first pass. Without dropout in the model the loss is 0.

    Registered as a `Regularizer` with name "r_drop".

    # Parameters

    weight : `float`, optional (default = `1.0`)
        λ.
    """

    def __init__(self, weight: float = 1.0) -> None:
        super().__init__(weight)

    def text_losses(self, model: "RegularizableModel", clean: "AnyPass") -> torch.Tensor:
        return self.divergences(model, clean)
