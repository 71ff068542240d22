"""The result of an evaluation of attention: sentences with their scores, and numbers and curves over all of them."""

import math
from dataclasses import asdict, dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Dict, List, NamedTuple, Optional

from attention_vat.interpret.bootstrap import Estimate, Statistic

if TYPE_CHECKING:
    import pandas


@dataclass
class SentenceEvaluation:
    """
    A sentence, the model's output for it, and the scores of its attention.

    # Parameters

    id : `str`
        From the data, or the sentence's number, counted from 1.
    tokens : `List[str]`
        The words that take attention, without start and end tokens.
    label : `str`, optional
        The gold label.
    prediction : `str`
    probs : `List[float]`
        In the order of `AttentionEvaluation.labels`.
    attention, importance, importance_attention_constant : `List[float]`
        One number per token. `importance` follows the gradient through the attention weights, the last one does not.
    rationale : `List[int]`, optional
        1 for the words that people marked.
    scores : `Dict[str, Optional[float]]`
        By name; `None` where undefined.
    words : `Dict[str, List[float]]`
        The values of a measure for each word, by name: one number per token.
    series : `Dict[str, List[Optional[float]]]`
        The values of a measure at each point of a curve (at each ε, for example), by name.
    predictions : `Dict[str, str]`
        The model's predictions under other conditions (with uniform attention, for example), by name.
    parts : `Dict[str, List[List[float]]]`
        The probabilities that the model assigns to parts of the text, by the name of a measure; not in
        `instances.jsonl`.
    """

    id: str
    tokens: List[str]
    label: Optional[str]
    prediction: str
    probs: List[float]
    attention: List[float]
    importance: List[float]
    importance_attention_constant: List[float]
    rationale: Optional[List[int]] = None
    scores: Dict[str, Optional[float]] = field(default_factory=dict)
    words: Dict[str, List[float]] = field(default_factory=dict)
    series: Dict[str, List[Optional[float]]] = field(default_factory=dict)
    predictions: Dict[str, str] = field(default_factory=dict)
    parts: Dict[str, List[List[float]]] = field(default_factory=dict, repr=False)


class Curve(NamedTuple):
    """
    A number over all sentences along a growing quantity.

    # Parameters

    x_name : `str`
        What grows, such as `"epsilon"`.
    x : `List[float]`
    points : `List[Estimate]`
        One for each `x`.
    """

    x_name: str
    x: List[float]
    points: List[Estimate]


@dataclass
class AttentionEvaluation:
    """
    The result of `evaluate_attention`.

    # Parameters

    labels : `List[str]`
        The classes, in the order of `probs`.
    positive_label : `str`, optional
        Only with two classes.
    sentences : `List[SentenceEvaluation]`
        In the order of the data.
    metrics : `Dict[str, Estimate]`
        The numbers over all sentences, with their intervals.
    settings : `Dict[str, Any]`
        The options they were computed with.
    by_prediction : `Dict[str, Dict[str, Estimate]]`
        The numbers of the measures that distinguish classes, over the sentences of each predicted class.
    curves : `Dict[str, Curve]`
    statistics : `Dict[str, Statistic]`
        What `metrics` were computed from, for paired comparisons.
    label_names : `Dict[str, str]`
        The name that people read in place of each label; empty if the model has no names. Everything here uses the
        labels of the data; the report shows names.
    """

    labels: List[str]
    positive_label: Optional[str]
    sentences: List[SentenceEvaluation]
    metrics: Dict[str, Estimate]
    settings: Dict[str, Any]
    by_prediction: Dict[str, Dict[str, Estimate]] = field(default_factory=dict)
    curves: Dict[str, Curve] = field(default_factory=dict)
    statistics: Dict[str, Statistic] = field(default_factory=dict, repr=False, compare=False)
    label_names: Dict[str, str] = field(default_factory=dict)

    def numbers(self) -> "pandas.DataFrame":
        """
        The metrics as a data frame: a row for each, with `title`, `group`, `value` and its interval `low` to `high`,
        the standard deviation over sentences, and how many sentences there are with and without a value.
        """
        import pandas

        from attention_vat.interpret.measures import description_of, in_order

        rows = {
            name: {**description_of(name)._asdict(), **self.metrics[name]._asdict()} for name in in_order(self.metrics)
        }
        columns = ["title", "group", *Estimate._fields]
        return pandas.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("metric")

    def per_sentence(self) -> "pandas.DataFrame":
        """A row for each sentence, by its id: `text`, `label`, `prediction`, and a column for each score."""
        import pandas

        rows = [
            {"id": s.id, "text": " ".join(s.tokens), "label": s.label, "prediction": s.prediction, **s.scores}
            for s in self.sentences
        ]
        return pandas.DataFrame(rows, columns=None if rows else ["id", "text", "label", "prediction"]).set_index("id")

    def to_html(self, title: str = "Attention report") -> str:
        """The report as a self-contained page; `attention_vat.reports.write_report` compares two models."""
        # Imported by name: an import statement would make pages part of the code that numbers depend on.
        return import_module("attention_vat.reports.html").render_report({"model": self}, title)

    def _repr_html_(self) -> str:
        return self.numbers().drop(columns="group").to_html(float_format="{:.3f}".format, na_rep="")

    def numbers_as_json(self) -> Dict[str, Any]:
        """Everything but the sentences, as in `metrics.json` for each model."""
        return {
            "settings": self.settings,
            "labels": self.labels,
            **({"label_names": self.label_names} if self.label_names else {}),
            "positive_label": self.positive_label,
            "metrics": _estimates(self.metrics),
            "by_prediction": {label: _estimates(metrics) for label, metrics in self.by_prediction.items()},
            "curves": {
                name: {"x_name": curve.x_name, "x": curve.x, "points": [point._asdict() for point in curve.points]}
                for name, curve in self.curves.items()
            },
        }


def as_json(sentence: SentenceEvaluation) -> Dict[str, Any]:
    """A sentence as an object for `instances.jsonl`, its numbers with six digits and without empty fields."""
    unused = ["parts", *(name for name in ("words", "series", "predictions") if not getattr(sentence, name))]
    return {name: _rounded(v) for name, v in asdict(sentence).items() if v is not None and name not in unused}


def _estimates(metrics: Dict[str, Estimate]) -> Dict[str, Any]:
    return {name: estimate._asdict() for name, estimate in metrics.items()}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    return value
