"""The base classes of measures of attention, where new ones plug in."""

from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence, Type

import numpy
import torch
from allennlp.common import Registrable
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.bootstrap import Statistic, mean_of
from attention_vat.interpret.measures.description import GROUPS, Description
from attention_vat.interpret.options import EvaluationOptions
from attention_vat.interpret.results import SentenceEvaluation
from attention_vat.interpret.texts import Text
from attention_vat.models import AttentionClassifier, CleanPass


@dataclass
class EvaluationBatch:
    """
    Some sentences after the clean pass, in eval mode and without a graph.

    # Parameters

    texts : `List[Text]`
    sentences : `List[SentenceEvaluation]`
        The same sentences, with what is known about them before any measure.
    clean : `CleanPass`
        From here a measure may re-enter the model, at `encode` or at `decode`. `clean.encoded.mask`, shape
        `(batch_size, num_words)`, says which words take attention.
    probs : `torch.Tensor`
        Shape `(batch_size, num_labels)`.
    attention, importance, importance_attention_constant : `torch.Tensor`
        0 at padding. Shape `(batch_size, num_words)`.
    num_sentences : `int`
        The number of sentences in the whole data set.
    options : `EvaluationOptions`
    """

    texts: List[Text]
    sentences: List[SentenceEvaluation]
    clean: CleanPass
    probs: torch.Tensor
    attention: torch.Tensor
    importance: torch.Tensor
    importance_attention_constant: torch.Tensor
    num_sentences: int
    options: EvaluationOptions

    @property
    def mask(self) -> torch.Tensor:
        """The words that take attention, shape `(batch_size, num_words)`."""
        return self.clean.encoded.mask

    def rows(self, values: torch.Tensor) -> List[List[float]]:
        """
        The values of each sentence, shape `(batch_size, num_words)`, at the words that take attention: a column for
        `Columns.words`.
        """
        return [row[attended].tolist() for row, attended in zip(values.cpu(), self.mask.cpu())]


@dataclass
class Columns:
    """
    The results of a measure for the sentences of a batch: named columns with one entry per sentence. They become the
    fields of `SentenceEvaluation` with the same names.

    # Parameters

    scores : `Dict[str, List[Optional[float]]]`
    words : `Dict[str, List[List[float]]]`
    series : `Dict[str, List[List[Optional[float]]]]`
    predictions : `Dict[str, List[str]]`
    parts : `Dict[str, List[List[List[float]]]]`
    rows : `Sequence[int]`, optional (default = all)
        The sentences of the batch that the columns cover.
    """

    scores: Dict[str, List[Optional[float]]] = field(default_factory=dict)
    words: Dict[str, List[List[float]]] = field(default_factory=dict)
    series: Dict[str, List[List[Optional[float]]]] = field(default_factory=dict)
    predictions: Dict[str, List[str]] = field(default_factory=dict)
    parts: Dict[str, List[List[List[float]]]] = field(default_factory=dict)
    rows: Optional[Sequence[int]] = None

    def add_to(self, sentences: Sequence[SentenceEvaluation]) -> None:
        """Adds every entry to its sentence."""
        chosen = sentences if self.rows is None else [sentences[row] for row in self.rows]
        for kind in ("scores", "words", "series", "predictions", "parts"):
            for name, column in getattr(self, kind).items():
                for sentence, value in zip(chosen, column):
                    getattr(sentence, kind)[name] = value


class CurveStatistics(NamedTuple):
    """
    # Parameters

    x_name : `str`
        What grows along the curve.
    x : `List[float]`
    points : `List[Statistic]`
        One for each `x`.
    """

    x_name: str
    x: List[float]
    points: List[Statistic]


class Measure(Registrable):
    """
    A measure of attention. It is called with each batch and returns columns with an entry per sentence; `statistics`
    and `curves` summarize them over a data set from the sentences alone.

    A measure is stateless: randomness is seeded with `options.seed` and the position of the sentence in the data
    (`Text.index`), so that results depend neither on the order nor on the size of batches.
    """

    descriptions: Dict[str, Description] = {}
    """Titles and explanations of its numbers, for reports and tables."""

    looks_at_classes = False
    """Whether `statistics` are also given for the sentences of each predicted class."""

    moves_attention = False
    """Whether other attention weights replace the model's."""

    part_of_all = True
    """Whether "all" includes this measure; false if it has parameters without a default."""

    _asked_for = True
    """Whether it was asked for by name; false if it is included because of "all"."""

    def obstacle(self, model: AttentionClassifier, texts: Sequence[Text]) -> Optional[str]:
        """Why this measure does not apply to a model and its data, or `None` if it does."""
        if self.moves_attention and not model.attention_decides:
            return f"the prediction of {type(model).__name__} does not depend on the attention that it shows"
        return None

    def __call__(self, model: AttentionClassifier, batch: EvaluationBatch) -> Columns:
        """
        # Parameters

        model : `AttentionClassifier`
            In eval mode; gradients are off, `torch.enable_grad()` turns them on.
        batch : `EvaluationBatch`
        """
        raise NotImplementedError

    def statistics(
        self, sentences: Sequence[SentenceEvaluation], labels: Sequence[str], positive_label: Optional[str]
    ) -> Dict[str, Statistic]:
        """
        The numbers over a data set, as statistics of `attention_vat.interpret.bootstrap`; empty if no sentence has what
        they need.
        """
        return {}

    def curves(self, sentences: Sequence[SentenceEvaluation]) -> Dict[str, CurveStatistics]:
        """Numbers over a data set along a growing quantity."""
        return {}

    def settings(self) -> Dict[str, Any]:
        """The parameters, for `metrics.json`."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}


class DatasetMeasure(Measure):
    """
    A measure of a data set as a whole, whose numbers are not means over sentences and have no interval. After all
    others it observes every batch, and then concludes with its numbers.

    It keeps what it observes in memory.
    """

    def __call__(self, model: AttentionClassifier, batch: EvaluationBatch) -> Columns:
        """Returns no columns: the measure has no numbers per sentence."""
        return Columns()

    def observe(self, model: AttentionClassifier, clean: CleanPass, texts: Sequence[Text]) -> Any:
        """
        Returns what the measure needs to know about some sentences.

        # Parameters

        model : `AttentionClassifier`
            In eval mode, gradients are off.
        clean : `CleanPass`
        texts : `Sequence[Text]`
            The sentences of the batch.
        """
        raise NotImplementedError

    def conclude(self, observed: Sequence[Any], seed: int) -> Dict[str, Optional[float]]:
        """
        The numbers, `None` where undefined.

        # Parameters

        observed : `Sequence[Any]`
            What `observe` returned, batch by batch.
        seed : `int`
            The seed of the evaluation.
        """
        raise NotImplementedError


def descriptions() -> Dict[str, Description]:
    """The descriptions of the numbers of all measures, group by group."""
    every = {
        number: description
        for name in Measure.list_available()
        for number, description in Measure.by_name(name).descriptions.items()
    }
    place = {group: number for number, group in enumerate(GROUPS)}
    return dict(sorted(every.items(), key=lambda item: place.get(item[1].group, len(GROUPS))))


def description_of(name: str) -> Description:
    """The description of a number; without one, its title is its name."""
    return descriptions().get(name, Description(name.replace("_", " "), ""))


def in_order(names: Iterable[str]) -> List[str]:
    """Sorts names in the order of the descriptions, those without one last."""
    order = {name: place for place, name in enumerate(descriptions())}
    return sorted(dict.fromkeys(names), key=lambda name: order.get(name, len(order)))


def name_of(kind: Type[Measure]) -> str:
    """The registered name of a measure, or that of its class."""
    names = [name for name in Measure.list_available() if Measure.by_name(name) is kind]
    return names[0] if names else kind.__name__


def check_at_least_one(**parameters: Optional[int]) -> None:
    """Raises `ConfigurationError` for a number below 1; `None` is allowed."""
    for name, value in parameters.items():
        if value is not None and value < 1:
            raise ConfigurationError(f"{name} is {value}, but must be at least 1.")


def sampled_rows(batch: EvaluationBatch, sample: Optional[int]) -> List[int]:
    """The rows of a batch that are in a random sample of `sample` sentences of the data; all rows for `None`."""
    if sample is None or sample >= batch.num_sentences:
        return list(range(len(batch.texts)))
    chosen = set(numpy.random.default_rng(batch.options.seed).permutation(batch.num_sentences)[:sample].tolist())
    return [row for row, text in enumerate(batch.texts) if text.index in chosen]


def generator_of(text: Text, options: EvaluationOptions) -> numpy.random.Generator:
    """The random generator of a sentence, independent of its batch."""
    return numpy.random.default_rng([options.seed, text.index])


def optional(values: torch.Tensor, defined: torch.Tensor) -> List[Optional[float]]:
    """A column of scores, shape `(batch_size,)`, `None` where undefined."""
    return [value if is_defined else None for value, is_defined in zip(values.tolist(), defined.tolist())]


def scores_of(sentences: Sequence[SentenceEvaluation], name: str) -> List[Optional[float]]:
    """A column of scores of a whole data set."""
    return [sentence.scores.get(name) for sentence in sentences]


def measured(sentences: Sequence[SentenceEvaluation], name: str) -> List[bool]:
    """Which sentences were measured, whether or not the score is defined there."""
    return [name in sentence.scores for sentence in sentences]


def mean_statistics(sentences: Sequence[SentenceEvaluation], names: Sequence[str]) -> Dict[str, Statistic]:
    """The means of scores over the sentences that have them, for the scores that were measured for any sentence."""
    looked_at = {name: measured(sentences, name) for name in names}
    return {name: mean_of(scores_of(sentences, name), here) for name, here in looked_at.items() if any(here)}
