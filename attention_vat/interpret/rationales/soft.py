"""Soft rationales: scores of words compared with the words that people marked, for a padded batch at once."""

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
    not leave out texts of a single class: if all words are gold it is 1; if none is, scikit-learn's curve gives 0.5.
    Undefined only without words.

    # Parameters

    scores, gold, mask : `torch.Tensor`
        As for `average_precision`, shape `(batch_size, num_words)`.
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
        As for `average_precision`, shape `(batch_size, num_words)`.
    """
    gold = gold & mask
    positives = gold.sum(dim=1).double()
    negatives = mask.sum(dim=1) - positives
    ranks = (average_ranks(scores, mask) * gold).sum(dim=1)
    value = (ranks - positives * (positives + 1) / 2) / (positives * negatives).clamp(min=1.0)
    return _where_defined(value, _two_classes(gold, mask))


class _PrecisionRecall(NamedTuple):
    """The curve at each position of the row in descending order: its point at the end of the position's tie group."""

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
