"""A second pass through the whole model that must give the prediction of the first."""

from contextlib import nullcontext
from typing import TYPE_CHECKING, ContextManager, List, Optional, Sequence

import torch

from attention_vat.nn.divergence import symmetric_kl
from attention_vat.regularizers.regularizer import Regularizer

if TYPE_CHECKING:
    from attention_vat.models.regularizable import AnyPass, RegularizableModel


class SecondPass(Regularizer):
    """
    Runs the model a second time and asks for the prediction of the first pass: `D = ½ (KL(p ‖ q) + KL(q ‖ p))`, a mean
    over texts, with gradients into both sides. In a regression `D` is the squared difference. It needs no labels.

    # Parameters

    weight : `float`, optional (default = `1.0`)
        λ.
    replay_dropout : `bool`, optional (default = `False`)
        Whether both passes drop the same units. If not, `D` measures dropout too.
    """

    def __init__(self, weight: float = 1.0, replay_dropout: bool = False) -> None:
        super().__init__(weight)
        self.replay_dropout = replay_dropout

    @property
    def uses_unlabeled(self) -> bool:
        return True

    @property
    def recordable(self) -> bool:
        # The state of a GPU's random generator cannot be read while a step is recorded.
        return not self.replay_dropout

    @property
    def replays_model(self) -> bool:
        return self.replay_dropout

    def divergences(
        self, model: "RegularizableModel", clean: "AnyPass", attack: Optional[ContextManager[None]] = None
    ) -> torch.Tensor:
        """`D` of each text, with the second pass run inside `attack`, shape `(batch_size,)`."""
        replayed = clean.start.replayed() if self.replay_dropout and clean.start is not None else nullcontext()
        with replayed, attack or nullcontext():
            logits = model.again(clean)
        divergences = model.divergences(clean, logits, symmetric_kl)
        self.means.update("divergence", divergences)
        return divergences

    def text_losses(self, model: "RegularizableModel", clean: "AnyPass") -> torch.Tensor:
        """The loss of each text, shape `(batch_size,)`."""
        raise NotImplementedError

    def __call__(self, model: "RegularizableModel", passes: Sequence["AnyPass"]) -> torch.Tensor:
        losses: List[torch.Tensor] = [self.text_losses(model, clean) for clean in passes]
        return torch.cat(losses).mean()
