"""How scores become weights."""

import torch
from allennlp.common import Registrable
from allennlp.nn import util


class AttentionNormalizer(torch.nn.Module, Registrable):
    """Turns the scores of the words of a text into weights of attention, which are not negative and add up to 1."""

    default_implementation = "softmax"

    def forward(self, scores: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        """
        # Parameters

        scores : `torch.Tensor`
            Shape `(batch_size, num_words)`.
        mask : `torch.BoolTensor`
            The words that take attention, the same shape.

        # Returns

        weights : `torch.Tensor`
            Exactly 0 where there is no such word; all 0 in a text without any. Shape `(batch_size, num_words)`.
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
