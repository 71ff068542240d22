"""Normalization of scores to attention weights."""

import torch
from allennlp.common import Registrable
from allennlp.nn import util


class AttentionNormalizer(torch.nn.Module, Registrable):
    """Turns the scores of the words of a text into attention weights, which are non-negative and sum to 1."""

    default_implementation = "softmax"

    def forward(self, scores: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        """
        # Parameters

        scores : `torch.Tensor`
            Shape `(batch_size, num_words)`.
        mask : `torch.BoolTensor`
            True at the attended words, same shape.

        # Returns

        weights : `torch.Tensor`
            Exactly 0 elsewhere; all 0 in a text without attended words. Shape `(batch_size, num_words)`.
        """
        raise NotImplementedError


@AttentionNormalizer.register("softmax")
class Softmax(AttentionNormalizer):
    """
    `a_t = exp(ã_t) / Σ_s exp(ã_s)`: every word has some weight.

    Registered as an `AttentionNormalizer` with name "softmax".
    """

    def forward(self, scores: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        return util.masked_softmax(scores, mask, memory_efficient=True) * mask
