"""Attention as a heat map in a notebook."""

from typing import Any, Dict, List, Sequence, Tuple

from attention_vat.common.templates import render
from attention_vat.reports.terminal import beside, class_names, probabilities


class AttentionView:
    """
    Predictions that a notebook shows as a heat map: one sentence below the other, each word on a blue background as
    strong as its attention. Full colour is the largest share in the sentence, but no less than three times an even
    share. The markup has no style sheet and no script, so that untrusted notebooks show it, too.

    # Parameters

    predictions : `Sequence[Dict[str, Any]]`
        What a predictor returns for each sentence: `tokens`, `attention` (one weight for each token, they sum to 1),
        `labels` and `probs`.
    names : `Sequence[str]`, optional (default = `[]`)
        A name for each prediction, such as that of its model.

    Raises `ValueError` if there are names, but not one for each prediction.

    # Examples

    >>> prediction = {"tokens": ["a", "fine", "film"], "attention": [0.1, 0.8, 0.1]}
    >>> prediction.update(labels=["1", "0"], probs=[0.9, 0.1])
    >>> AttentionView([prediction], ["ivat"])
    ivat: 1 (0.900) 0 (0.100): a fine film
    """

    def __init__(self, predictions: Sequence[Dict[str, Any]], names: Sequence[str] = ()) -> None:
        if names and len(names) != len(predictions):
            raise ValueError(f"There are {len(names)} names for {len(predictions)} predictions.")
        self.predictions = predictions
        self.names = list(names)

    def __repr__(self) -> str:
        lines = zip(self._verdicts(), self.predictions)
        return "\n".join(f"{verdict}: {' '.join(prediction['tokens'])}" for verdict, prediction in lines)

    def _repr_html_(self) -> str:
        lines = zip(self._verdicts(), map(shades, self.predictions))
        return render("reports/templates/attention_view.html.jinja", lines=lines)

    def _verdicts(self) -> List[str]:
        texts = [" ".join(probabilities(class_names(each), each["probs"])) for each in self.predictions]
        return [f"{name}: {text}" for name, text in zip(self.names, texts)] if self.names else texts


def shades(prediction: Dict[str, Any]) -> List[Tuple[str, float, float]]:
    """
    Each word with its share of the attention and the strength of its colour, from 0 to 1. As in the terminal, an even
    spread looks pale.
    """
    weights = beside(prediction["tokens"], prediction["attention"])
    full = max([*prediction["attention"], min(1.0, 3 / max(1, len(weights)))])
    return [(token, weight, weight / full) for token, weight in weights]
