"""The files of finished runs: `result.json` and the predictions beside it."""

import os
import zipfile
from pathlib import Path
from typing import Any, Dict, Optional, Union

import numpy

RESULT = "result.json"
PREDICTIONS = "predictions.npz"


def type_of(measure: Union[str, Dict[str, Any]]) -> str:
    """Returns the registered name of an entry of `Experiment.evaluation`."""
    return measure["type"] if isinstance(measure, dict) else measure


def numbers_of(evaluation: Any) -> Dict[str, Optional[float]]:
    """
    Returns the metrics of an evaluation, and the points of its curves under names such as `scores_accuracy@3`.

    # Parameters

    evaluation : `AttentionEvaluation`
    """
    numbers = {name: estimate.value for name, estimate in evaluation.metrics.items()}
    for name, curve in evaluation.curves.items():
        numbers.update({f"{name}@{x:g}": point.value for x, point in zip(curve.x, curve.points)})
    return numbers


def save_predictions(directory: Path, evaluation: Any) -> None:
    """
    Saves the data for significance tests, a few bytes per sentence: gold label and prediction as class indices, and the
    scores of each sentence, NaN where undefined.

    # Parameters

    directory : `Path`
    evaluation : `AttentionEvaluation`
    """
    classes = {name: number for number, name in enumerate(evaluation.labels)}
    sentences = evaluation.sentences
    columns: Dict[str, Any] = {
        "label": numpy.array([classes.get(sentence.label, -1) for sentence in sentences], dtype=numpy.int16),
        "prediction": numpy.array([classes[sentence.prediction] for sentence in sentences], dtype=numpy.int16),
        # Two runs are comparable only if their classes and sentences have the same order.
        "classes": numpy.array(evaluation.labels),
        "ids": numpy.array([sentence.id for sentence in sentences]),
        "positive": numpy.array(classes.get(evaluation.positive_label, -1)),
    }
    for name in sorted({name for sentence in sentences for name in sentence.scores}):
        values = [sentence.scores.get(name) for sentence in sentences]
        columns[f"score_{name}"] = numpy.array(
            [numpy.nan if value is None else value for value in values], dtype=numpy.float32
        )
    # No other run writes to this folder, so a file left by a kill can be overwritten.
    aside = directory / f".{PREDICTIONS}.aside.npz"
    numpy.savez_compressed(aside, **columns)
    os.replace(aside, directory / PREDICTIONS)


def load_predictions(directory: Path) -> Optional[Dict[str, numpy.ndarray]]:
    """Returns the predictions, or `None` if they are missing or damaged."""
    try:
        with numpy.load(directory / PREDICTIONS, allow_pickle=False) as file:
            return dict(file)
    except (EOFError, OSError, ValueError, zipfile.BadZipFile):
        return None
