"""Accuracy, precision, recall and F1 from counts that stay on the device."""

from typing import Dict, Optional

import torch
from allennlp.nn.util import dist_reduce_sum
from allennlp.training.metrics import Metric


@Metric.register("classification")
class ClassificationMetric(Metric):
    """
    Computes the same numbers as AllenNLP's `CategoricalAccuracy` and its `F1Measure` or macro `FBetaMeasure` from the
    counts of true positives, predictions and labels for each class. AllenNLP's metrics read numbers from the device
    several times in each batch, and in distributed training each batch synchronizes all processes. This metric reads
    from the device only when it is read itself, and synchronizes processes at the end of an epoch.

    Registered as a `Metric` with name "classification".

    # Parameters

    num_labels : `int`, required.
    positive_index : `int`, optional (default = `None`)
        The class for which precision, recall and F1 are computed. Without it they are means over all classes.

    # Examples

        metric = ClassificationMetric(num_labels=2, positive_index=1)
        metric(torch.tensor([[0.9, 0.1], [0.2, 0.8]]), torch.tensor([0, 0]))
        metric.get_metric()  # {"accuracy": 0.5, "precision": 0.0, "recall": 0.0, "f1": 0.0}
    """

    supports_distributed = True

    def __init__(self, num_labels: int, positive_index: Optional[int] = None) -> None:
        self._num_labels = num_labels
        self._positive_index = positive_index
        self._counts: Optional[torch.Tensor] = None

    def __call__(
        self, predictions: torch.Tensor, gold_labels: torch.Tensor, mask: Optional[torch.BoolTensor] = None
    ) -> None:
        """
        # Parameters

        predictions : `torch.Tensor`
            A score for each class; the largest is that of the predicted class. Shape `(batch_size, num_labels)`.
        gold_labels : `torch.Tensor`
            Shape `(batch_size,)`.
        mask : `torch.BoolTensor`, optional
            False for items that do not count. Shape `(batch_size,)`.
        """
        label, predicted = gold_labels.detach().long(), predictions.detach().argmax(dim=-1)
        if self._counts is None or self._counts.device != label.device:
            self._counts = torch.zeros(3, self._num_labels, dtype=torch.long, device=label.device)
        counted = torch.ones_like(label) if mask is None else mask.long()
        # In place: a recorded step (`cuda_graphs`) counts each time it is replayed.
        self._counts[0].index_add_(0, label, (label == predicted).long() * counted)
        self._counts[1].index_add_(0, predicted, counted)
        self._counts[2].index_add_(0, label, counted)

    def get_metric(self, reset: bool = False) -> Dict[str, float]:
        """
        Returns `accuracy`, `precision`, `recall` and `f1`, or an empty dictionary without labels. In distributed
        training the counts of all processes are added when `reset` is true (at the end of an epoch).
        """
        counts = torch.zeros(3, self._num_labels, dtype=torch.long) if self._counts is None else self._counts
        if reset:
            counts = dist_reduce_sum(counts.clone())
            self.reset()
        true, predicted, labels = counts.cpu().double()
        if not labels.any():
            return {}
        # By convention 0 for a class that was never predicted or never occurred.
        precision, recall = true / predicted.clamp_min(1), true / labels.clamp_min(1)
        # 2 p r / (p + r), computed from the counts.
        f1 = 2 * true / (predicted + labels).clamp_min(1)
        result = {"precision": precision, "recall": recall, "f1": f1}
        chosen = slice(None) if self._positive_index is None else self._positive_index
        means = {name: values[chosen].mean().item() for name, values in result.items()}
        return {"accuracy": (true.sum() / labels.sum().clamp_min(1)).item(), **means}

    def reset(self) -> None:
        if self._counts is not None:
            self._counts.zero_()
