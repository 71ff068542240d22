"""The control for adversarial self-attention: cells closed at random."""

from functools import partial
from typing import TYPE_CHECKING, List, Optional

import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.modules.transformer_attention import AttentionBias, TransformerAttention, real_keys
from attention_vat.regularizers.attention_mask import AttentionMask, check_masking, closing_bias, watch_masks
from attention_vat.regularizers.regularizer import Regularizer
from attention_vat.regularizers.second_pass import SecondPass

if TYPE_CHECKING:
    from attention_vat.models.regularizable import AnyPass, RegularizableModel


@Regularizer.register("random_attention_mask")
class RandomAttentionMask(SecondPass):
    """
    Closes a random share of the cells of self-attention in a second pass and asks for the same prediction. Any gain of
    adversarial self-attention over it, at the same kept share, comes from the choice of cells (random masks for
    training: Liong et al. 2024).

    Registered as a `Regularizer` with name "random_attention_mask".

    # Parameters

    share : `float`, optional (default = `0.1`)
        The probability that a cell is closed, for each text and layer; heads share the mask. A row that keeps no cell
        attends as in the clean pass.
    weight : `float`, optional (default = `1.0`)
        λ.
    layers : `List[int]`, optional (default = all layers)
        The layers to mask, from 0; -1 is the last one.
    replay_dropout : `bool`, optional (default = `False`)
        Whether both passes drop the same units.
    fill : `float`, optional (default = `-10000.0`)
        The number added to the score of a closed cell.
    """

    def __init__(
        self,
        share: float = 0.1,
        weight: float = 1.0,
        layers: Optional[List[int]] = None,
        replay_dropout: bool = False,
        fill: float = -10000.0,
    ) -> None:
        super().__init__(weight, replay_dropout)
        if not 0 <= share < 1:
            raise ConfigurationError(f"share is {share}, but must be at least 0 and less than 1.")
        self.share = share
        self.layers = layers
        self.fill = fill
        self._attention: Optional[TransformerAttention] = None
        self._chosen: List[int] = []

    @property
    def recordable(self) -> bool:
        return False

    def attach(self, model: "RegularizableModel") -> Optional[torch.nn.Module]:
        self._attention = TransformerAttention.of(model)
        check_masking(self._attention, "clean", self.fill)
        self._chosen = self._attention.choose(self.layers)
        return None

    def text_losses(self, model: "RegularizableModel", clean: "AnyPass") -> torch.Tensor:
        if self._attention is None:
            raise ConfigurationError(f"{type(model).__name__} must call attach_regularizers at the end of __init__.")
        masks: List[AttentionMask] = []
        # Masks have their own generator: drawing them from torch's would change the replayed dropout.
        generator = torch.Generator(clean.logits.device).manual_seed(int(torch.randint(2**31, ()).item()))
        divergences = self.divergences(model, clean, self._attention.biased(partial(self._attack, masks, generator)))
        watch_masks(self.means, masks, len(divergences))
        return divergences

    def _attack(
        self,
        masks: List[AttentionMask],
        generator: torch.Generator,
        layer: int,
        hidden: torch.Tensor,
        mask: torch.Tensor,
    ) -> Optional[AttentionBias]:
        if layer not in self._chosen:
            return None
        size, real = hidden.shape[:2], real_keys(mask)
        # (num_rows, num_tokens, num_tokens)
        open_cells = torch.rand(*size, size[1], generator=generator, device=hidden.device) >= self.share
        kept = (open_cells & real.unsqueeze(1)).to(torch.promote_types(hidden.dtype, torch.float32))
        masks.append(AttentionMask(layer, kept, real))
        return closing_bias(kept, mask, "clean", self.fill)
