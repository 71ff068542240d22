"""What training needs beside the model: unlabelled text, a schedule, and a way to go on after a crash."""

from attention_vat.training.attention_correlation import AttentionCorrelationCallback
from attention_vat.training.exact_recovery import ExactRecovery
from attention_vat.training.fused_adam import FusedAdam
from attention_vat.training.lazy_adam import LazyAdam
from attention_vat.training.unlabeled_stream import UnlabeledStream
from attention_vat.training.virtual_adversarial_training import VirtualAdversarialTraining
from attention_vat.training.weight_schedule import WeightSchedule
from attention_vat.training.whole_checkpointer import WholeCheckpointer

__all__ = [
    "AttentionCorrelationCallback",
    "ExactRecovery",
    "FusedAdam",
    "LazyAdam",
    "UnlabeledStream",
    "VirtualAdversarialTraining",
    "WeightSchedule",
    "WholeCheckpointer",
]
