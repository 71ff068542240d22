"""Metrics of training and validation."""

from attention_vat.training.metrics.classification_metric import ClassificationMetric
from attention_vat.training.metrics.token_f1 import TokenF1

__all__ = ["ClassificationMetric", "TokenF1"]
