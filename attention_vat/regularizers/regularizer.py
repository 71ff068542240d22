"""The interface of a loss that a model adds in training."""

from typing import TYPE_CHECKING, Any, Dict, Optional, Sequence

import torch
from allennlp.common import Registrable

from attention_vat.common.numbers import check_number
from attention_vat.common.running_means import RunningMeans

if TYPE_CHECKING:
    from attention_vat.models.regularizable import AnyPass, RegularizableModel
    from attention_vat.modules.transformer_attention import TransformerAttention


class Regularizer(Registrable):
    """
    A loss added to the supervised one. The total loss of Kitada & Iyatomi (2022), Eq. 14, is
    `L̃ = L(x, y) + Σ λ L_adv`, with one term for each regularizer of a model.

    # Parameters

    weight : `float`, optional (default = `1.0`)
        The weight λ.

    Raises `ConfigurationError` if it is negative or not finite.
    """

    default_implementation = "perturbation"

    def __init__(self, weight: float = 1.0) -> None:
        check_number("regularizers: weight", weight)
        self.weight = weight
        self.means = RunningMeans()

    @property
    def uses_unlabeled(self) -> bool:
        """Whether unlabelled sentences contribute to this loss."""
        raise NotImplementedError

    @property
    def replays_encoder(self) -> bool:
        """Whether this loss runs the encoder again with the dropout of the clean pass."""
        return False

    @property
    def replays_model(self) -> bool:
        """Whether this loss runs the whole model again with the dropout of the clean pass."""
        return False

    @property
    def needs_loss(self) -> bool:
        """Whether the supervised loss of a second pass is part of this loss, so that the pass needs labels."""
        return False

    @property
    def recordable(self) -> bool:
        """
        Whether this loss performs the same operations for all batches of a shape, in all epochs, and reads nothing from
        the device, so that they can be recorded (`cuda_graphs`).
        """
        return False

    @property
    def observes(self) -> Optional["TransformerAttention"]:
        """The encoders whose calls in the clean pass this loss needs to know."""
        return None

    def attach(self, model: "RegularizableModel") -> Optional[torch.nn.Module]:
        """
        Called once, when the model is complete. Raises `ConfigurationError` if this loss does not support the model.

        # Returns

        learned : `torch.nn.Module`, optional
            The module with this loss's own parameters.
        """
        return None

    def refresh(self, model: "RegularizableModel") -> None:
        """Called after each training epoch, to update what depends on the model's weights."""

    def watch(self, model: "RegularizableModel", clean: "AnyPass") -> None:
        """
        Called by an `AttentionClassifier` for each labelled batch outside of training. Quantities worth watching go to
        `self.means`.
        """

    def state_dict(self) -> Dict[str, Any]:
        """The state that `--recover` needs."""
        return {}

    def load_state_dict(self, state: Dict[str, Any]) -> None:
        """Restores what `state_dict` returned."""

    def __call__(self, model: "RegularizableModel", passes: Sequence["AnyPass"]) -> torch.Tensor:
        """
        # Parameters

        model : `RegularizableModel`
        passes : `Sequence[CleanPass]`
            The labelled batch and, in semi-supervised training, the unlabelled one.

        # Returns

        loss : `torch.Tensor`
            A scalar, not yet multiplied by `weight`. Quantities worth watching go to `self.means`.
        """
        raise NotImplementedError
