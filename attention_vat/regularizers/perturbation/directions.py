"""The directions in which a perturbation may move."""

from typing import TYPE_CHECKING, Any, Dict, Optional, Tuple

import torch
from allennlp.common import Registrable
from allennlp.common.checks import ConfigurationError

from attention_vat.models.stages import CleanPass
from attention_vat.nn.norms import unit_norm

if TYPE_CHECKING:
    from attention_vat.models.attention_classifier import AttentionClassifier


class Directions(Registrable):
    """
    The third of the three choices that make a technique: how the gradient of the attacked loss becomes the direction of
    the perturbation. The direction of each sentence has norm 1, or is zero where nothing can move.
    """

    default_implementation = "free"

    suited_targets: Optional[Tuple[str, ...]] = None
    """The names of the targets that support these directions; `None` for all of them."""

    recordable = False
    """Whether the directions depend on the batch alone, not on the epoch; see `Regularizer.recordable`."""

    def of(self, model: "AttentionClassifier", clean: CleanPass) -> "Directions":
        """The directions for one batch; the same object unless they depend on its words."""
        return self

    def refresh(self, model: "AttentionClassifier") -> None:
        """Called after each training epoch."""

    def state_dict(self) -> Dict[str, Any]:
        """The state that `--recover` needs."""
        return {}

    def load_state_dict(self, state: Dict[str, Any]) -> None:
        """Restores what `state_dict` returned."""

    def random(self, point: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        """
        The start of a search: Gaussian noise over the real words, from torch's generator, scaled to norm 1.

        # Parameters

        point : `torch.Tensor`
            What is perturbed, shape `(batch_size, num_words)` or `(batch_size, num_words, embedding_dim)`.
        mask : `torch.BoolTensor`
            Broadcasts to `point`.
        """
        return self.unit(torch.randn_like(point) * mask, point, mask)

    def unit(self, gradient: torch.Tensor, point: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        """
        The direction in which the attacked loss grows.

        # Parameters

        gradient : `torch.Tensor`
            The gradient of the attacked loss with respect to the perturbation; same shape as `point`, zero at padding.
        point, mask
            As in `random`.
        """
        raise NotImplementedError


@Directions.register("free")
class FreeDirections(Directions):
    """
    Any direction: `r ∝ g / ‖g‖₂` (Kitada & Iyatomi 2022, Eq. 6; Miyato et al. 2018).

    Registered as a `Directions` with name "free".
    """

    recordable = True

    def unit(self, gradient: torch.Tensor, point: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        return unit_norm(gradient * mask)


@Directions.register("attention_difference")
class AttentionDifference(Directions):
    """
    Moves each word's score towards or away from the scores of the other words (Kitada & Iyatomi 2022, Eq. 7-12): with
    `d_{t,k} = ã_t − ã_k`, `d̃_t = d_t / ‖d_t‖₂`, the perturbation is `r_t = Σ_k w_{t,k} d̃_{t,k}`, and the gradient is
    taken with respect to the weights `w`, shape `(num_words, num_words)`.

    That matrix never needs to exist. With `s = ∂L/∂r` the gradient is `g_{t,k} = s_t d̃_{t,k}`, and as every `d̃_t` has
    norm 1, `Σ_k g_{t,k} d̃_{t,k} = s_t`. The result depends on how `g` is normalized:

    - `"word"`: first each word, then the sentence. `r ∝ sign(s)`: every word moves by the same amount. This is the
      technique that the paper's prose describes ("effective perturbations for each word").
    - `"sentence"`: Eq. 12 taken literally, one norm over the sentence. `r ∝ s`: *exactly Attention VAT*.
    - `"released"`: the net effect of the code published with the 2021 paper, `r ∝ −s`. It points where the loss
      decreases and is meant for comparison only.

    If all scores of a sentence are equal (as in a sentence of one word), its words have no differences and `r = 0`.

    Registered as a `Directions` with name "attention_difference".

    # Parameters

    normalization : `str`, optional (default = `"word"`)
        One of `"word"`, `"sentence"`, `"released"`.
    """

    suited_targets = ("attention",)
    recordable = True

    def __init__(self, normalization: str = "word") -> None:
        if normalization not in ("word", "sentence", "released"):
            raise ConfigurationError(
                f"normalization is '{normalization}', but must be one of 'word', 'sentence', 'released'."
            )
        self.normalization = normalization

    def random(self, point: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        # The search of every technique starts from the same noise, so that they differ in nothing else.
        return unit_norm(torch.randn_like(point) * mask) * self.differs(point, mask)

    def unit(self, gradient: torch.Tensor, point: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        gradient = gradient * mask
        if self.normalization == "word":
            gradient = gradient.sign()
        elif self.normalization == "released":
            gradient = -gradient
        return unit_norm(gradient) * self.differs(point, mask)

    def differs(self, scores: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        """1 for sentences with different scores, 0 for those whose scores are all equal. Shape `(batch_size, 1)`."""
        largest = scores.masked_fill(~mask, float("-inf")).amax(dim=1, keepdim=True)
        smallest = scores.masked_fill(~mask, float("inf")).amin(dim=1, keepdim=True)
        return (largest > smallest).to(scores.dtype)
