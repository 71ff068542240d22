"""Metrics of training and validation."""

from attention_vat.training.metrics.classification_metric import ClassificationMetric

__all__ = ["ClassificationMetric"]
