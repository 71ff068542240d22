"""Sparse attention weights, many of them exactly 0."""

from typing import Any

import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.modules.attention_normalizers.attention_normalizer import AttentionNormalizer
from attention_vat.nn.encoding import full_precision

# At this distance below the largest score no word has weight: the limit is 1 in sparsemax, 2 in 1.5-entmax.
OUT_OF_REACH = 10.0


class Sparse(AttentionNormalizer):
    """Applies a function of the package `entmax` and masks padding, which these functions ignore."""

    function: str

    def __init__(self) -> None:
        super().__init__()
        try:
            import entmax
        except ImportError as error:
            raise ConfigurationError(
                "normalizer: sparsemax and entmax15 need the package entmax; run pip install entmax"
            ) from error
        self._normalize: Any = getattr(entmax, self.function)

    def forward(self, scores: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        if not scores.size(1):
            return scores * mask
        scores = full_precision(scores)
        # (batch_size, 1), 0 in a text without words
        largest = scores.detach().masked_fill(~mask, float("-inf")).amax(dim=1, keepdim=True)
        largest = largest.masked_fill(~mask.any(dim=1, keepdim=True), 0.0)
        return self._normalize(torch.where(mask, scores, largest - OUT_OF_REACH), dim=1) * mask


@AttentionNormalizer.register("sparsemax")
class Sparsemax(Sparse):
    """
    The point of the simplex nearest to the scores, `argmin_{a ∈ Δ} ‖a − ã‖²` (Martins & Astudillo 2016): words more
    than 1 below the best have no weight. A perturbation of their scores has no effect and no gradient.

    Sparse weights do not make attention a better explanation (Meister et al. 2021).

    Registered as an `AttentionNormalizer` with name "sparsemax". Needs the package `entmax`.

    # Examples

        "model": {"type": "single_sequence_attention", "normalizer": "sparsemax", ...}
    """

    function = "sparsemax"


@AttentionNormalizer.register("entmax15")
class Entmax15(Sparse):
    """
    Between softmax and sparsemax: `argmax_{a ∈ Δ} a · ã + 4/3 Σ_t (a_t − a_t^1.5)` (Peters et al. 2019). Words more
    than 2 below the best have no weight.

    Registered as an `AttentionNormalizer` with name "entmax15". Needs the package `entmax`.
    """

    function = "entmax15"
