"""Runs experiments from Python, and gives their numbers as data frames."""

from attention_vat.experiments.effects import effects
from attention_vat.experiments.experiment import Experiment, load_experiment
from attention_vat.experiments.frame import results_frame
from attention_vat.experiments.map import write_map
from attention_vat.experiments.reproduce import reproduce

__all__ = ["Experiment", "effects", "load_experiment", "reproduce", "results_frame", "write_map"]
