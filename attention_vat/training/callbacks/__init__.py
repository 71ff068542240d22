"""Callbacks of the trainer."""

from attention_vat.training.callbacks.attention_correlation import AttentionCorrelationCallback
from attention_vat.training.callbacks.cuda_graphs import CudaGraphs
from attention_vat.training.callbacks.exact_recovery import ExactRecovery
from attention_vat.training.callbacks.matmul_precision import MatmulPrecision
from attention_vat.training.callbacks.virtual_adversarial_training import VirtualAdversarialTraining

__all__ = [
    "AttentionCorrelationCallback",
    "CudaGraphs",
    "ExactRecovery",
    "MatmulPrecision",
    "VirtualAdversarialTraining",
]
