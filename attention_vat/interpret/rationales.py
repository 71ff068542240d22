"""
Agreement with the words that people marked, as the ERASER benchmark scores it (DeYoung et al. 2020), for a padded batch
at once. A text with its rationale is one of ERASER's keys (annotation, document).
"""

from typing import NamedTuple

import torch

from attention_vat.interpret.ranking import average_ranks, tie_groups


class Score(NamedTuple):
    """
    # Parameters

    value : `torch.DoubleTensor`
        0 where undefined. Shape `(batch_size,)`.
    defined : `torch.BoolTensor`
        Shape `(batch_size,)`.
    """

    value: torch.Tensor
    defined: torch.Tensor


class Matches(NamedTuple):
    """
    What precision, recall and F1 are made of, for tokens or for spans. All of shape `(batch_size,)`.

    # Parameters

    matched, predicted, gold : `torch.DoubleTensor`
        How many predictions are right, how many there are, how many there should be.
    """

    matched: torch.Tensor
    predicted: torch.Tensor
    gold: torch.Tensor

    @property
    def precision(self) -> torch.Tensor:
        """0 without predictions."""
        return self.matched / self.predicted.clamp(min=1.0)

    @property
    def recall(self) -> torch.Tensor:
        """0 without gold. Spans are not matched one to one, so theirs can exceed 1."""
        return self.matched / self.gold.clamp(min=1.0)

    @property
    def f1(self) -> torch.Tensor:
        """0 if nothing matches."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / torch.where(total > 0, total, torch.ones_like(total))


# Soft rationales: a score for each word.


def average_precision(scores: torch.Tensor, gold: torch.Tensor, mask: torch.Tensor) -> Score:
    """
    `Σ_n (R_n − R_{n−1}) P_n` over the distinct scores in descending order, which is the mean over gold words of the
    precision among the words that score at least as high. Undefined if all words or none are gold, as in ERASER.

    # Parameters

    scores : `torch.Tensor`
        Shape `(batch_size, num_words)`.
    gold : `torch.BoolTensor`
        The words that people marked. Same shape.
    mask : `torch.BoolTensor`
        True at real words. Same shape.
    """
    curve = _precision_recall(scores, gold, mask)
    value = (curve.precision * curve.is_gold).sum(dim=1) / curve.num_gold.clamp(min=1)
    return _where_defined(value, _two_classes(gold, mask))


def auprc(scores: torch.Tensor, gold: torch.Tensor, mask: torch.Tensor) -> Score:
    """
    The area under the precision-recall curve by the trapezoidal rule, starting at recall 0 and precision 1. ERASER does
    not leave out texts of a single class: if all words are gold it is 1, if none is scikit-learn's curve leaves 0.5.
    Undefined only without words.

    # Parameters

    scores, gold, mask : `torch.Tensor`
        As for `average_precision`.
    """
    curve = _precision_recall(scores, gold, mask)
    # The point before a group of equal scores is the end of the group before, and (0, 1) before the first.
    start = torch.ones_like(curve.precision[:, :1])
    before_recall = torch.cat([start * 0, curve.recall], dim=1).gather(1, curve.first)
    before_precision = torch.cat([start, curve.precision], dim=1).gather(1, curve.first)
    width = curve.recall - before_recall
    value = (width * (curve.precision + before_precision) / 2 * curve.is_end).sum(dim=1)
    value = torch.where(curve.num_gold == 0, torch.full_like(value, 0.5), value)
    return _where_defined(value, mask.any(dim=1))


def roc_auc(scores: torch.Tensor, gold: torch.Tensor, mask: torch.Tensor) -> Score:
    """
    The probability that a gold word scores higher than another one, ties counting half. Undefined if all words or none
    are gold.

    # Parameters

    scores, gold, mask : `torch.Tensor`
        As for `average_precision`.
    """
    gold = gold & mask
    positives = gold.sum(dim=1).double()
    negatives = mask.sum(dim=1) - positives
    ranks = (average_ranks(scores, mask) * gold).sum(dim=1)
    value = (ranks - positives * (positives + 1) / 2) / (positives * negatives).clamp(min=1.0)
    return _where_defined(value, _two_classes(gold, mask))


# Hard rationales: a choice of words.


def top_words(scores: torch.Tensor, mask: torch.Tensor, fraction: float) -> torch.Tensor:
    """
    The top `⌈fraction · n⌉` words of each text; of equal scores the earlier word is taken.

    # Parameters

    scores : `torch.Tensor`
        Shape `(batch_size, num_words)`.
    mask : `torch.BoolTensor`
        True at real words. Same shape.
    fraction : `float`
        From 0 to 1.

    # Returns

    chosen : `torch.BoolTensor`
        Shape `(batch_size, num_words)`.
    """
    # 0.07 * 100 is a little above 7 in floating point, but 7 words are meant.
    wanted = torch.ceil(mask.sum(dim=1, keepdim=True).double() * fraction - 1e-9)
    scores = scores.double().masked_fill(~mask, -float("inf"))
    order = scores.sort(dim=1, descending=True, stable=True).indices
    place = torch.arange(scores.size(1), device=scores.device).expand_as(order)
    rank = torch.zeros_like(order).scatter_(1, order, place)
    return (rank < wanted) & mask


def token_matches(chosen: torch.Tensor, gold: torch.Tensor, mask: torch.Tensor) -> Matches:
    """
    # Parameters

    chosen, gold, mask : `torch.BoolTensor`
        Shape `(batch_size, num_words)`.
    """
    chosen, gold = chosen & mask, gold & mask
    return Matches(*((words.sum(dim=1).double()) for words in (chosen & gold, chosen, gold)))


def span_matches(chosen: torch.Tensor, gold: torch.Tensor, mask: torch.Tensor, threshold: float = 0.5) -> Matches:
    """
    A predicted span (a run of chosen words) is right if its intersection over union with some gold span is at least
    `threshold`.

    # Parameters

    chosen, gold, mask : `torch.BoolTensor`
        Shape `(batch_size, num_words)`.
    threshold : `float`, optional (default = `0.5`)
    """
    return span_id_matches(span_ids(chosen & mask), span_ids(gold & mask), threshold)


def span_ids(words: torch.Tensor) -> torch.Tensor:
    """
    Numbers the runs of true words of each row from 1; 0 between them.

    # Examples

        span_ids(torch.tensor([[True, True, False, True]]))  # [[1, 1, 0, 2]]
    """
    begins = words.clone()
    begins[:, 1:] &= ~words[:, :-1]
    return begins.long().cumsum(dim=1) * words


def span_id_matches(predicted: torch.Tensor, gold: torch.Tensor, threshold: float = 0.5) -> Matches:
    """
    As `span_matches`, for spans given by number, so that neighbouring spans can be told apart.

    # Parameters

    predicted, gold : `torch.LongTensor`
        The number of each word's span, counted from 1 in each row, or 0. Shape `(batch_size, num_words)`.
    threshold : `float`, optional (default = `0.5`)
    """
    num_predicted, num_gold = _largest(predicted) + 1, _largest(gold) + 1
    pairs = predicted * num_gold + gold
    overlap = torch.zeros(len(pairs), num_predicted * num_gold, dtype=torch.float64, device=pairs.device)
    overlap.scatter_add_(1, pairs, torch.ones_like(pairs, dtype=torch.float64))
    overlap = overlap.view(-1, num_predicted, num_gold)
    predicted_length, gold_length = overlap.sum(dim=2)[:, 1:], overlap.sum(dim=1)[:, 1:]
    overlap = overlap[:, 1:, 1:]
    union = predicted_length.unsqueeze(2) + gold_length.unsqueeze(1) - overlap
    matched = ((overlap / union.clamp(min=1.0) >= threshold) & (overlap > 0)).any(dim=2).sum(dim=1)
    return Matches(matched.double(), (predicted_length > 0).sum(dim=1).double(), (gold_length > 0).sum(dim=1).double())


class _PrecisionRecall(NamedTuple):
    """The curve at each place of the row in descending order: its point at the end of the place's group of ties."""

    precision: torch.Tensor
    recall: torch.Tensor
    first: torch.Tensor
    is_end: torch.Tensor
    is_gold: torch.Tensor
    num_gold: torch.Tensor


def _precision_recall(scores: torch.Tensor, gold: torch.Tensor, mask: torch.Tensor) -> _PrecisionRecall:
    gold = gold & mask
    groups = tie_groups(scores, mask, descending=True)
    is_gold = gold.gather(1, groups.order)
    found = is_gold.double().cumsum(dim=1).gather(1, groups.last)
    num_gold = gold.sum(dim=1)
    place = torch.arange(scores.size(1), device=scores.device)
    return _PrecisionRecall(
        precision=found / (groups.last + 1),
        recall=found / num_gold.clamp(min=1).unsqueeze(1),
        first=groups.first,
        is_end=(groups.last == place) & mask.gather(1, groups.order),
        is_gold=is_gold,
        num_gold=num_gold,
    )


def _two_classes(gold: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return (gold & mask).any(dim=1) & (~gold & mask).any(dim=1)


def _where_defined(value: torch.Tensor, defined: torch.Tensor) -> Score:
    return Score(torch.where(defined, value, torch.zeros_like(value)), defined)


def _largest(ids: torch.Tensor) -> int:
    return int(ids.max()) if ids.numel() else 0
