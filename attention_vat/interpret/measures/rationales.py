"""The agreement of attention with the words that people marked."""

from typing import Any, Dict, List, Optional, Sequence

import numpy
import torch
from torch.nn.utils.rnn import pad_sequence

from attention_vat.interpret import rationales
from attention_vat.interpret.bootstrap import Statistic, f1_of, f1_of_means, mean_of
from attention_vat.interpret.measures.description import Description
from attention_vat.interpret.measures.measure import Columns, EvaluationBatch, Measure, measured, optional, scores_of
from attention_vat.interpret.rationales import RationaleSelection, TopWords, WordSpans
from attention_vat.interpret.results import SentenceEvaluation
from attention_vat.models import AttentionClassifier

# "exact" compares spans as well, but counts only exact matches.
UNITS = ("tokens", "spans", "exact")


def _descriptions() -> Dict[str, Description]:
    curve, most = "when attention ranks the words that people marked", "the most attended words against the marked ones"
    described = {
        "auprc": ("AUPRC", f"Area under the precision-recall curve {curve}."),
        "average_precision": ("average precision", f"Average precision {curve}."),
        "roc_auc": ("ROC-AUC", "Chance that a word that people marked has more attention than another word."),
        "token_f1_macro": ("token F1", f"F1 of {most}, mean over sentences."),
        "token_f1_micro": ("token F1, micro", "The same, counted over all sentences together."),
        "iou_f1_macro": ("IOU F1", "F1 of spans of attended words that overlap marked spans by at least half."),
        "iou_f1_micro": ("IOU F1, micro", "The same, counted over all sentences together."),
        "exact_f1_macro": (
            "exact span F1",
            "F1 of spans of attended words that are marked spans, mean over sentences.",
        ),
        "exact_f1_micro": ("exact span F1, micro", "The same, counted over all sentences together."),
    }
    return {
        n: Description(f"Human words, {name}", text, "Attention and people", better=1)
        for n, (name, text) in described.items()
    }


@Measure.register("rationales")
class RationaleAgreement(Measure):
    """
    Scores attention as the ERASER benchmark scores rationales (DeYoung et al. 2020), in sentences whose metadata has
    `"rationale"`, 0 or 1 for each token; `"evidences"`, `[start, end]` pairs, says which spans it consists of (by
    default the runs of 1). Attention itself is the soft rationale; a `selection` of words is the hard one.

    Registered as a `Measure` with name "rationales".

    # Parameters

    selection : `RationaleSelection`, optional (default = `TopWords()`)
    """

    descriptions = _descriptions()

    def __init__(self, selection: Optional[RationaleSelection] = None) -> None:
        self.selection = selection or TopWords()

    def __call__(self, model: AttentionClassifier, batch: EvaluationBatch) -> Columns:
        rows = [row for row, sentence in enumerate(batch.sentences) if sentence.rationale is not None]
        picked = self.selection(batch.attention, batch.mask, batch.options.rationale_fraction)
        if not rows or picked is None:
            return Columns()
        # Only words that take attention, so that positions are those of the tokens in the data.
        attention, chosen = (_tensor(batch.rows(values), rows) for values in (batch.attention.double(), picked))
        gold = _tensor([sentence.rationale or [] for sentence in batch.sentences], rows).bool()
        lengths = torch.tensor([len(batch.sentences[row].tokens) for row in rows])
        mask = torch.arange(attention.size(1)) < lengths.unsqueeze(1)

        tokens = rationales.token_matches(chosen.bool(), gold, mask)
        spans = rationales.runs(chosen.bool() & mask), _gold_spans(batch, rows, gold & mask)
        columns: Dict[str, List[Any]] = {
            "auprc": optional(*rationales.auprc(attention, gold, mask)),
            "average_precision": optional(*rationales.average_precision(attention, gold, mask)),
            "roc_auc": optional(*rationales.roc_auc(attention, gold, mask)),
            "token_precision": tokens.precision.tolist(),
            "token_recall": tokens.recall.tolist(),
            "token_f1": tokens.f1.tolist(),
        }
        near = rationales.span_matches(*spans, batch.options.iou_threshold)
        for unit, matches in zip(UNITS, (tokens, near, rationales.exact_matches(*spans))):
            for name in ("matched", "predicted", "gold"):
                columns[f"{unit}_{name}"] = getattr(matches, name).tolist()
        return Columns(scores=columns, rows=rows)

    def statistics(
        self, sentences: Sequence[SentenceEvaluation], labels: Sequence[str], positive_label: Optional[str]
    ) -> Dict[str, Statistic]:
        """The fields of ERASER's scorer, `rationale_benchmark/metrics.py`."""
        marked = measured(sentences, "tokens_gold")
        if not any(marked):
            return {}
        soft = ("auprc", "average_precision", "roc_auc")
        statistics = {name: mean_of(scores_of(sentences, name), marked) for name in soft}
        counts = {unit: _counts(sentences, unit) for unit in UNITS}
        for unit, name in (("tokens", "token_f1"), ("exact", "exact_f1")):
            # Macro is the mean over the texts that have a prediction or gold.
            statistics[f"{name}_macro"] = mean_of([_f1(*row) for row in counts[unit].tolist()], marked)
            statistics[f"{name}_micro"] = f1_of(*counts[unit].T)._replace(sentences=sum(marked))
        # For spans that overlap enough, it is the F1 of the mean precision over the texts with predictions and the mean
        # recall over those with gold.
        precision = [matched / predicted if predicted else None for matched, predicted, _ in counts["spans"]]
        recall = [matched / gold if gold else None for matched, _, gold in counts["spans"]]
        statistics["iou_f1_macro"] = f1_of_means(precision, recall, marked)
        statistics["iou_f1_micro"] = f1_of(*counts["spans"].T)._replace(sentences=sum(marked))
        return statistics

    def settings(self) -> Dict[str, Any]:
        return {"selection": self.selection.settings()}


def _tensor(lists: Sequence[Sequence[float]], rows: Sequence[int]) -> torch.Tensor:
    return pad_sequence([torch.tensor(lists[row], dtype=torch.float64) for row in rows], batch_first=True)


def _gold_spans(batch: EvaluationBatch, rows: Sequence[int], gold: torch.Tensor) -> WordSpans:
    found = rationales.runs(gold)
    if all(batch.texts[row].evidences is None for row in rows):
        return found
    spans = []
    for index, row in enumerate(rows):
        length, given = len(batch.sentences[row].tokens), batch.texts[row].evidences
        if given is None:
            real = found.mask[index]
            given = list(zip(found.start[index][real].tolist(), found.end[index][real].tolist()))
        # A reader may have cut the text.
        spans.append([(start, min(end, length)) for start, end in given if start < length])
    return rationales.spans_from(spans)


def _f1(matched: float, predicted: float, gold: float) -> Optional[float]:
    # Equal to 2PR / (P + R).
    return 2 * matched / (predicted + gold) if predicted + gold else None


def _counts(sentences: Sequence[SentenceEvaluation], unit: str) -> numpy.ndarray:
    names = [f"{unit}_{name}" for name in ("matched", "predicted", "gold")]
    return numpy.array([[sentence.scores.get(name) or 0.0 for name in names] for sentence in sentences])
