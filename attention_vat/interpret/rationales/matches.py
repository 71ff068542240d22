"""Matches of hard rationales with the words or spans that people marked, for precision, recall and F1."""

from typing import NamedTuple

import torch

from attention_vat.interpret.rationales.spans import WordSpans


class Matches(NamedTuple):
    """
    Counts for tokens or for spans. All of shape `(batch_size,)`.

    # Parameters

    matched, predicted, gold : `torch.DoubleTensor`
        How many predictions are right, how many there are, how many there should be.
    """

    matched: torch.Tensor
    predicted: torch.Tensor
    gold: torch.Tensor

    @property
    def precision(self) -> torch.Tensor:
        """Shape `(batch_size,)`. 0 without predictions."""
        return self.matched / self.predicted.clamp(min=1.0)

    @property
    def recall(self) -> torch.Tensor:
        """Shape `(batch_size,)`. 0 without gold. Spans that overlap are not matched one to one, and can exceed 1."""
        return self.matched / self.gold.clamp(min=1.0)

    @property
    def f1(self) -> torch.Tensor:
        """Shape `(batch_size,)`. 0 if nothing matches."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / torch.where(total > 0, total, torch.ones_like(total))


def token_matches(chosen: torch.Tensor, gold: torch.Tensor, mask: torch.Tensor) -> Matches:
    """
    # Parameters

    chosen, gold, mask : `torch.BoolTensor`
        Shape `(batch_size, num_words)`.
    """
    chosen, gold = chosen & mask, gold & mask
    return Matches(*((words.sum(dim=1).double()) for words in (chosen & gold, chosen, gold)))


def span_matches(predicted: WordSpans, gold: WordSpans, threshold: float = 0.5) -> Matches:
    """
    A predicted span is right if its intersection over union with some gold span is at least `threshold`,

        IOU = |p ∩ g| / |p ∪ g|

    # Parameters

    predicted, gold : `WordSpans`
        Spans of the same texts.
    threshold : `float`, optional (default = `0.5`)

    # Examples

        span_matches(runs(chosen & mask), runs(gold & mask))
    """
    overlap = torch.minimum(_down(predicted.end), _across(gold.end)) - torch.maximum(
        _down(predicted.start), _across(gold.start)
    )
    overlap = overlap.clamp(min=0)
    union = _down(predicted.length) + _across(gold.length) - overlap
    iou = overlap.double() / union.clamp(min=1)
    best = iou.max(dim=2).values if gold.mask.size(1) else torch.zeros(predicted.mask.shape, dtype=torch.float64)
    return _counted((best >= threshold) & predicted.mask, predicted, gold)


def exact_matches(predicted: WordSpans, gold: WordSpans) -> Matches:
    """
    A predicted span is right if it is a gold span, word for word.

    # Parameters

    predicted, gold : `WordSpans`
        Spans of the same texts.
    """
    same = (_down(predicted.start) == _across(gold.start)) & (_down(predicted.end) == _across(gold.end))
    return _counted((same & _across(gold.mask)).any(dim=2) & predicted.mask, predicted, gold)


def _down(values: torch.Tensor) -> torch.Tensor:
    return values.unsqueeze(2)


def _across(values: torch.Tensor) -> torch.Tensor:
    return values.unsqueeze(1)


def _counted(right: torch.Tensor, predicted: WordSpans, gold: WordSpans) -> Matches:
    return Matches(*(each.sum(dim=1).double() for each in (right, predicted.mask, gold.mask)))
