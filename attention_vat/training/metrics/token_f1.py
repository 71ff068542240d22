"""F1 over the tags of words, without the tag O."""

from typing import Dict, Optional

import torch
from allennlp.nn.util import dist_reduce_sum
from allennlp.training.metrics import Metric


@Metric.register("token_f1")
class TokenF1(Metric):
    """
    Micro F1 over the tags of single words except `O`, as reported by the published code of adversarial self-attention
    for WNUT-17. It is higher than the F1 over whole entities, which elsewhere has the same name.

    Registered as a `Metric` with name "token_f1".

    # Parameters

    outside : `int`
        The index of the tag `O`.
    """

    def __init__(self, outside: int) -> None:
        self._outside = outside
        self._counts = torch.zeros(3, dtype=torch.long)

    def __call__(
        self, predictions: torch.Tensor, gold_labels: torch.Tensor, mask: Optional[torch.BoolTensor] = None
    ) -> None:
        """
        # Parameters

        predictions : `torch.Tensor`
            Shape `(batch_size, num_words, num_tags)`.
        gold_labels : `torch.Tensor`
            Shape `(batch_size, num_words)`.
        mask : `torch.BoolTensor`, optional
            Shape `(batch_size, num_words)`.
        """
        found = predictions.argmax(dim=-1)
        real = torch.ones_like(found, dtype=torch.bool) if mask is None else mask
        counts = torch.stack(
            [
                (real & (found == gold_labels) & (gold_labels != self._outside)).sum(),
                (real & (found != self._outside)).sum(),
                (real & (gold_labels != self._outside)).sum(),
            ]
        )
        # The counts stay on their device: fetching them would wait for the GPU in each step.
        self._counts = self._counts.to(counts.device) + dist_reduce_sum(counts)  # (3,)

    def get_metric(self, reset: bool = False) -> Dict[str, float]:
        """Returns `precision`, `recall` and `f1`; a metric whose denominator is 0 is left out."""
        right, found, gold = self._counts.tolist()
        metrics = {}
        if found:
            metrics["precision"] = right / found
        if gold:
            metrics["recall"] = right / gold
        if found + gold:
            metrics["f1"] = 2 * right / (found + gold)
        if reset:
            self.reset()
        return metrics

    def reset(self) -> None:
        self._counts = torch.zeros(3, dtype=torch.long)
