"""Optimizers."""

from attention_vat.training.optimizers.fused_adam import FusedAdam
from attention_vat.training.optimizers.lazy_adam import LazyAdam

__all__ = ["FusedAdam", "LazyAdam"]
