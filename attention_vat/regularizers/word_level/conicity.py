"""Hidden states that point in different directions."""

from typing import Any

import torch

from attention_vat.models.stages import CleanPass
from attention_vat.nn.word_level import conicity
from attention_vat.regularizers.regularizer import Regularizer
from attention_vat.regularizers.word_level.word_level import WordLevelRegularizer, states_of


@Regularizer.register("conicity")
class Conicity(WordLevelRegularizer):
    """
    Asks the hidden states of a text to point in different directions: where they all point the same way, attention
    weights can change without effect (the "Diversity LSTM" of Mohankumar et al. 2020, Eq. 5):

        L = 1/m Σ_t |cos(h_t, Σ_j h_j / m)|

    Registered as a `Regularizer` with name "conicity".

    # Parameters

    weight : `float`, optional (default = `0.5`)
        λ; the default is that of the paper for single texts.
    absolute : `bool`, optional (default = `True`)
        Whether to take absolute cosines, as the authors' code does. Without them, as in their formula, the loss falls
        below 0 where many small states oppose a few large ones.
    unlabeled : `bool`, optional (default = `True`)
        Whether unlabelled sentences, if any, contribute.

    # Examples

        "regularizers": [{"type": "conicity", "weight": 0.5}]
    """

    def __init__(self, weight: float = 0.5, absolute: bool = True, unlabeled: bool = True) -> None:
        super().__init__(weight, unlabeled)
        self.absolute = absolute

    def text_losses(self, model: Any, clean: CleanPass) -> torch.Tensor:
        losses = conicity(states_of(clean), clean.encoded.mask, self.absolute)
        self.means.update("conicity", losses)
        return losses
