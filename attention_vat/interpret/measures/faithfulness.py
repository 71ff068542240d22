"""Whether the prediction rests on the words that attention selects."""

from typing import Any, Dict, List, Optional, Sequence

import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.bootstrap import Statistic, mean_of
from attention_vat.interpret.erasure import probabilities_of_parts
from attention_vat.interpret.measures.description import SIGNED, Description
from attention_vat.interpret.measures.measure import (
    Columns,
    CurveStatistics,
    EvaluationBatch,
    Measure,
    mean_statistics,
    optional,
)
from attention_vat.interpret.rationales import RationaleSelection, TopWords, top_words
from attention_vat.interpret.results import SentenceEvaluation
from attention_vat.interpret.texts import Text
from attention_vat.models import AttentionClassifier

# The default of ERASER's scorer.
FRACTIONS = (0.01, 0.05, 0.1, 0.2, 0.5)


def _descriptions() -> Dict[str, Description]:
    group, lost = "The attended words alone, and all others", "probability lost"
    several = "mean over several shares of attended words (DeYoung et al. 2020)."
    without = "How much of the predicted class's probability is lost without the most attended words"
    alone = "How much of the predicted class's probability is lost with nothing but the most attended words"
    described = {
        "comprehensiveness": ("Comprehensiveness", f"{without}: large is good.", 1),
        "comprehensiveness_aopc": ("Comprehensiveness, AOPC", f"{without}, {several}", 1),
        "sufficiency": ("Sufficiency", f"{alone}: small is good.", -1),
        "sufficiency_aopc": ("Sufficiency, AOPC", f"{alone}, {several}", -1),
    }
    return {
        n: Description(title, text, group, SIGNED, lost, better=better)
        for n, (title, text, better) in described.items()
    }


@Measure.register("faithfulness")
class Faithfulness(Measure):
    """
    Deletes from a text `x` the words `r` that attention selects, and then all others, and measures how the probability
    of the class `ŷ` that the model predicts for the whole text changes (DeYoung et al. 2020, section 4.2):

        comprehensiveness = p(ŷ | x) − p(ŷ | x without r)      large if the model needed these words
        sufficiency = p(ŷ | x) − p(ŷ | r)                      small if it needed no others

    The rest is encoded again, in its order; only the first text of a pair is shortened. The area over the perturbation
    curve, `comprehensiveness_aopc` and `sufficiency_aopc`, is the mean of the same differences where `r` are the
    `⌈k · n⌉` most attended words, over several `k` (only over these, as in the benchmark's scorer). The curves are in
    `comprehensiveness` and `sufficiency`.

    Texts need no human rationale. Without a fraction, given or found in the data, only the curves and their areas are
    computed. Texts without words have no value.

    Registered as a `Measure` with name "faithfulness".

    # Parameters

    selection : `RationaleSelection`, optional (default = `TopWords()`)
        Selects `r`.
    fractions : `List[float]`, optional (default = `[0.01, 0.05, 0.1, 0.2, 0.5]`)
        The `k` of the curves.
    keep_probabilities : `bool`, optional (default = `False`)
        Keep `SentenceEvaluation.parts`, which ERASER's predictions are written from.

    Raises `ConfigurationError` if there are no fractions, or one is not above 0 and at most 1.
    """

    descriptions = _descriptions()

    def __init__(
        self,
        selection: Optional[RationaleSelection] = None,
        fractions: Optional[List[float]] = None,
        keep_probabilities: bool = False,
    ) -> None:
        self.selection = selection or TopWords()
        self.keep_probabilities = keep_probabilities
        self.fractions = sorted(set(FRACTIONS if fractions is None else fractions))
        if not self.fractions or not all(0 < fraction <= 1 for fraction in self.fractions):
            raise ConfigurationError(
                f"fractions are {fractions}, but must be one or more numbers above 0 and at most 1."
            )

    def obstacle(self, model: AttentionClassifier, texts: Sequence[Text]) -> Optional[str]:
        if not self.keep_probabilities or not any(text.attended_marks for text in texts):
            return None
        return (
            "ERASER's predictions are about the words of the data, but start and end tokens take attention in this "
            "model; train it with boundary_tokens"
        )

    def __call__(self, model: AttentionClassifier, batch: EvaluationBatch) -> Columns:
        chosen = self.selection(batch.attention, batch.mask, batch.options.rationale_fraction)
        rationales = [top_words(batch.attention, batch.mask, fraction) for fraction in self.fractions]
        if chosen is not None:
            rationales.append(chosen)
        without = probabilities_without(model, batch, rationales)
        alone = probabilities_without(model, batch, [batch.mask & ~words for words in rationales])

        predicted = batch.probs.argmax(dim=1)
        has_words = batch.mask.any(dim=1)
        columns = Columns()
        for name, probs in (("comprehensiveness", without), ("sufficiency", alone)):
            if self.keep_probabilities:
                columns.parts[name] = probs.transpose(0, 1).tolist()
            # Shape: (num_rationales, batch_size)
            lost = probability_lost(batch.probs, probs, predicted).double()
            curve = lost[: len(self.fractions)]
            columns.scores[f"{name}_aopc"] = optional(curve.mean(dim=0), has_words)
            columns.series[name] = [optional(row, some) for row, some in zip(curve.T, has_words.expand_as(curve).T)]
            if chosen is not None:
                columns.scores[name] = optional(lost[-1], has_words)
        if chosen is not None:
            columns.words["chosen"] = batch.rows(chosen.long())
        return columns

    def statistics(
        self, sentences: Sequence[SentenceEvaluation], labels: Sequence[str], positive_label: Optional[str]
    ) -> Dict[str, Statistic]:
        names = [name + suffix for suffix in ("", "_aopc") for name in ("comprehensiveness", "sufficiency")]
        return mean_statistics(sentences, names)

    def curves(self, sentences: Sequence[SentenceEvaluation]) -> Dict[str, CurveStatistics]:
        curves = {}
        for name in ("comprehensiveness", "sufficiency"):
            rows = [sentence.series.get(name, [None] * len(self.fractions)) for sentence in sentences]
            points = [mean_of(column) for column in zip(*rows)]
            if any(point.sentences for point in points):
                curves[name] = CurveStatistics("fraction", self.fractions, points)
        return curves

    def settings(self) -> Dict[str, Any]:
        return {**vars(self), "selection": self.selection.settings()}


def probabilities_without(
    model: AttentionClassifier, batch: EvaluationBatch, deleted: Sequence[torch.Tensor]
) -> torch.Tensor:
    """
    Predicts on the texts of a batch several times, each time without some of their words.

    # Parameters

    model : `AttentionClassifier`
        In eval mode.
    batch : `EvaluationBatch`
    deleted : `Sequence[torch.BoolTensor]`
        The words to delete each time, each of shape `(batch_size, num_words)`.

    # Returns

    probs : `torch.Tensor`
        Shape `(len(deleted), batch_size, num_labels)`.
    """
    gone = torch.stack(list(deleted))
    rows = torch.arange(gone.size(1), device=gone.device).repeat(gone.size(0))
    probs = probabilities_of_parts(model, batch, rows, ~gone.view(-1, gone.size(2)))
    return probs.view(gone.size(0), gone.size(1), -1)


def probability_lost(probs: torch.Tensor, others: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    """
    # Parameters

    probs : `torch.Tensor`
        Shape `(batch_size, num_labels)`.
    others : `torch.Tensor`
        Shape `(num_others, batch_size, num_labels)`.
    label : `torch.LongTensor`
        Shape `(batch_size,)`.

    # Returns

    lost : `torch.Tensor`
        The probability of the label minus what is left of it, shape `(num_others, batch_size)`.
    """
    index = label.unsqueeze(1)
    left = others.gather(2, index.expand(len(others), -1, -1)).squeeze(2)
    return probs.gather(1, index).squeeze(1) - left
