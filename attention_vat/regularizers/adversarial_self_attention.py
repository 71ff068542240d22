"""An adversary that learns which cells of self-attention to mask."""

from functools import partial
from typing import TYPE_CHECKING, Iterable, List, Optional, Tuple

import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.modules.transformer_attention import AttentionBias, TransformerAttention, real_keys
from attention_vat.regularizers.attention_mask import (
    AttentionMask,
    check_masking,
    closing_bias,
    counts_by_text,
    watch_masks,
)
from attention_vat.regularizers.regularizer import Regularizer
from attention_vat.regularizers.second_pass import SecondPass

if TYPE_CHECKING:
    from attention_vat.models.regularizable import AnyPass, RegularizableModel


class SelfAttentionAdversary(torch.nn.Module):
    """
    Decides for each layer of an encoder which cells of its self-attention to keep:

        s = Q(x) K(x)ᵀ / √d          keep ⟺ s > 0 and the key is not padding

    `x` are the hidden states that the layer reads; no gradient flows into them. In the backward pass a cell has the
    gradient `−σ'(s)`: that of a sigmoid (straight-through), reversed, so that one optimizer minimizes a loss for the
    encoder and maximizes it for the adversary. The adversary keeps its own precision under mixed precision.

    # Parameters

    layers : `Iterable[Tuple[int, int]]`
        The index of each layer and the size of its hidden states.

    # Examples

        adversary = SelfAttentionAdversary(enumerate(attention.hidden_sizes))
        kept = adversary(layer, hidden, mask)  # (num_rows, num_tokens, num_tokens)
    """

    def __init__(self, layers: Iterable[Tuple[int, int]]) -> None:
        super().__init__()
        self.query, self.key = torch.nn.ModuleDict(), torch.nn.ModuleDict()
        for layer, hidden_size in layers:
            for maps in (self.query, self.key):
                linear = torch.nn.Linear(hidden_size, hidden_size)
                torch.nn.init.normal_(linear.weight, 0.0, 0.02)
                torch.nn.init.zeros_(linear.bias)
                maps[str(layer)] = linear

    def scores(self, layer: int, hidden: torch.Tensor) -> torch.Tensor:
        """`s`, shape `(num_rows, num_tokens, num_tokens)`."""
        query, key = self.query[str(layer)], self.key[str(layer)]
        with torch.autocast(hidden.device.type, enabled=False):
            hidden = hidden.detach().to(query.weight.dtype)
            return torch.matmul(query(hidden) / hidden.size(-1) ** 0.5, key(hidden).transpose(1, 2))

    def forward(self, layer: int, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """
        # Parameters

        layer : `int`
        hidden : `torch.Tensor`
            Shape `(num_rows, num_tokens, hidden_size)`.
        mask : `torch.Tensor`
            The additive mask of the layer, shape `(num_rows, 1, 1, num_tokens)`.

        # Returns

        kept : `torch.Tensor`
            1 for cells that are kept, 0 for all others. Shape `(num_rows, num_tokens, num_tokens)`.
        """
        scores, real = self.scores(layer, hidden), real_keys(mask).unsqueeze(1)
        hard, soft = ((scores > 0) & real).to(scores.dtype), torch.sigmoid(scores) * real
        # The difference is exactly 0 and only carries the gradient.
        return hard + (soft.detach() - soft)


@Regularizer.register("adversarial_self_attention")
class AdversarialSelfAttention(SecondPass):
    """
    Adversarial self-attention (Wu et al. 2023): in a second pass through the Transformer an adversary closes cells of
    the self-attention of each layer. The model learns to keep its prediction; the adversary tries to change it and pays
    τ² for each cell that it closes:

        loss = D + τ² R          R = the number of cells kept

    With gradient reversal one optimizer serves both sides. No gradient of `R` flows into the encoder, and none of the
    supervised loss into the adversary. The adversary is part of the model (`adversaries.0.query.LAYER.weight` and so
    on) and runs only in training.

    The reported training loss contains τ² R, which can be hundreds of times the supervised loss: compare
    `supervised_loss`, and do not use the total for early stopping. Watch `kept_share` too: until the model has learned
    something, `D` is tiny, no cell is closed, and the loss amounts to R-Drop.

    Registered as a `Regularizer` with name "adversarial_self_attention".

    # Parameters

    tau : `float`, optional (default = `0.5`)
        τ, "temperature" in the paper: R is multiplied by its square.
    weight : `float`, optional (default = `1.0`)
        λ, the factor of `D` and `R` together.
    layers : `List[int]`, optional (default = all layers)
        The layers to attack, from 0; -1 is the last one.
    empty_rows : `str`, optional (default = `"clean"`)
        What a token attends to if all its cells are closed: `"clean"`, `"uniform"` or `"scores"`, see `closing_bias`.
        To match the published code, use `"uniform"` for BERT or `"scores"` for RoBERTa, with `count_padding`;
        predictions then depend on the amount of padding.
    count_padding : `bool`, optional (default = `False`)
        Whether R also counts the cells of query rows that are padding.
    regularizer_reduction : `str`, optional (default = `"sentence"`)
        `"sentence"`: R is the number of kept cells of a text, summed over layers. `"cell"`: their share, a mean over
        cells and layers, so that τ does not depend on the length of texts or the number of layers.
    replay_dropout : `bool`, optional (default = `False`)
        Whether both passes drop the same units, so that `D` measures the effect of the mask alone.
    fill : `float`, optional (default = `-10000.0`)
        The number added to the score of a closed cell.

    Raises `ConfigurationError` for settings out of range, and when the model is built if it has no supported encoder.

    # Examples

        "regularizers": [{"type": "adversarial_self_attention", "tau": 0.3, "layers": [0, 1, 2]}]
    """

    def __init__(
        self,
        tau: float = 0.5,
        weight: float = 1.0,
        layers: Optional[List[int]] = None,
        empty_rows: str = "clean",
        count_padding: bool = False,
        regularizer_reduction: str = "sentence",
        replay_dropout: bool = False,
        fill: float = -10000.0,
    ) -> None:
        super().__init__(weight, replay_dropout)
        if not tau >= 0:
            raise ConfigurationError(f"tau is {tau}, but must not be negative.")
        if regularizer_reduction not in ("sentence", "cell"):
            raise ConfigurationError(
                f"regularizer_reduction is '{regularizer_reduction}', but must be 'sentence' or 'cell'."
            )
        self.tau = tau
        self.layers = layers
        self.empty_rows = empty_rows
        self.count_padding = count_padding
        self.regularizer_reduction = regularizer_reduction
        self.fill = fill
        self._attention: Optional[TransformerAttention] = None
        self._adversary: Optional[SelfAttentionAdversary] = None

    def attach(self, model: "RegularizableModel") -> Optional[torch.nn.Module]:
        self._attention = TransformerAttention.of(model)
        check_masking(self._attention, self.empty_rows, self.fill)
        sizes = self._attention.hidden_sizes
        chosen = self._attention.choose(self.layers)
        self._adversary = SelfAttentionAdversary((layer, sizes[layer]) for layer in chosen)
        return self._adversary

    def text_losses(self, model: "RegularizableModel", clean: "AnyPass") -> torch.Tensor:
        if self._attention is None:
            raise ConfigurationError(f"{type(model).__name__} must call attach_regularizers at the end of __init__.")
        masks: List[AttentionMask] = []
        divergences = self.divergences(model, clean, self._attention.biased(partial(self._attack, masks)))
        watch_masks(self.means, masks, len(divergences))
        return divergences + self.tau**2 * self._kept(masks, len(divergences))

    def _attack(
        self, masks: List[AttentionMask], layer: int, hidden: torch.Tensor, mask: torch.Tensor
    ) -> Optional[AttentionBias]:
        assert self._adversary is not None
        if str(layer) not in self._adversary.query:
            return None
        kept = self._adversary(layer, hidden, mask)
        masks.append(AttentionMask(layer, kept, real_keys(mask)))
        return closing_bias(kept, mask, self.empty_rows, self.fill)

    def _kept(self, masks: List[AttentionMask], batch_size: int) -> torch.Tensor:
        """R of each text, shape `(batch_size,)`."""
        assert self._attention is not None
        by_layer = []
        for mask in masks:
            kept, cells = counts_by_text(mask, batch_size, self.count_padding)
            if self.regularizer_reduction == "cell":
                kept = kept / cells.clamp_min(1) / len(masks)
            elif not self._attention.folds_texts:
                # Rows that are not segments of one long text are alternatives, each of them a text.
                kept = kept / (len(mask.real) // batch_size)
            by_layer.append(kept)
        return torch.stack(by_layer).sum(0)
