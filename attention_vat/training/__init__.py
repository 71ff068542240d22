"""
Parts of training outside the model: unlabelled text, schedules, optimizers, metrics and checkpoints. `callbacks` is not
imported here, because callbacks import models and models import `metrics`.
"""

from attention_vat.training.checkpointers import WholeCheckpointer
from attention_vat.training.metrics import ClassificationMetric
from attention_vat.training.optimizers import FusedAdam, LazyAdam
from attention_vat.training.unlabeled_stream import UnlabeledStream
from attention_vat.training.weight_schedule import WeightSchedule

__all__ = [
    "ClassificationMetric",
    "FusedAdam",
    "LazyAdam",
    "UnlabeledStream",
    "WeightSchedule",
    "WholeCheckpointer",
]
