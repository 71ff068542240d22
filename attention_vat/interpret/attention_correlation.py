"""The mean correlation of attention with importance, as a metric."""

from typing import Callable, Dict, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.nn.util import dist_reduce_sum
from allennlp.training.metrics import Metric

from attention_vat.interpret import correlation

MEASURES: Dict[str, Callable] = {
    "pearson": correlation.pearson,
    "spearman": correlation.spearman,
    "kendall": correlation.kendall,
}


@Metric.register("attention_correlation")
class AttentionCorrelation(Metric):
    """
    The mean over sentences of the correlation of attention with gradient importance. Sentences for which it is
    undefined are counted and left out of the mean.

    Registered as a `Metric` with name "attention_correlation".

    # Parameters

    measure : `str`, optional (default = `"pearson"`)
        `"pearson"`, `"spearman"` or `"kendall"`.
    """

    def __init__(self, measure: str = "pearson") -> None:
        if measure not in MEASURES:
            raise ConfigurationError(f"measure is '{measure}', but must be one of {list(MEASURES)}.")
        self.measure = measure
        self.reset()

    def __call__(  # type: ignore[override]
        self, attention: torch.Tensor, importance: torch.Tensor, mask: Optional[torch.BoolTensor] = None
    ) -> None:
        """
        # Parameters

        attention, importance : `torch.Tensor`
            Shape `(batch_size, num_words)`.
        mask : `torch.BoolTensor`, optional (default = all true)
            True at words that take attention. Same shape.
        """
        attention, importance = (tensor.detach() for tensor in (attention, importance))
        if mask is None:
            mask = torch.ones_like(attention, dtype=torch.bool)  # type: ignore[assignment]
        result = MEASURES[self.measure](attention, importance, mask)
        self._total += dist_reduce_sum(float(result.value.sum()))
        self._defined += dist_reduce_sum(int(result.defined.sum()))
        self._undefined += dist_reduce_sum(int((~result.defined).sum()))

    def get_metric(self, reset: bool = False) -> Dict[str, float]:
        """Returns the mean by the name of the measure (0 before any sentence) and the number of sentences left out."""
        metric = {self.measure: self._total / max(self._defined, 1), "undefined": self._undefined}
        if reset:
            self.reset()
        return metric

    def reset(self) -> None:
        self._total = 0.0
        self._defined = 0
        self._undefined = 0
