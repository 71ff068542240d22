"""Experiments: the runs of a table or figure, their search for ε, and the tables, with published numbers beside."""

from attention_vat.reproduction.effects import effects
from attention_vat.reproduction.experiment import Experiment, load_experiment
from attention_vat.reproduction.frame import results_frame

__all__ = ["Experiment", "effects", "load_experiment", "results_frame"]
