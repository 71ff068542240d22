"""Groups of ties, for rank correlations and precision-recall curves."""

from typing import NamedTuple

import torch


class TieGroups(NamedTuple):
    """
    The order of each row of a padded tensor, with its runs of equal values. All of shape `(batch_size, num_words)`;
    padding lies behind the real words, each in a group of its own.

    # Parameters

    order : `torch.LongTensor`
        `values.gather(1, order)` is sorted.
    first, last : `torch.LongTensor`
        For each position of the sorted row, where its group of equal values begins and ends, both inclusive.
    """

    order: torch.Tensor
    first: torch.Tensor
    last: torch.Tensor


def tie_groups(values: torch.Tensor, mask: torch.Tensor, descending: bool = False) -> TieGroups:
    """
    # Parameters

    values : `torch.Tensor`
        Shape `(batch_size, num_words)`.
    mask : `torch.BoolTensor`
        True at real words. Same shape.
    descending : `bool`, optional (default = `False`)
        Largest first.
    """
    # Sorted twice, the second time stably by "is padding": infinite values then cannot mix with padding.
    order = values.argsort(dim=1, descending=descending)
    padding_last = (~mask).long().gather(1, order).sort(dim=1, stable=True).indices
    order = order.gather(1, padding_last)
    ordered, ordered_mask = values.gather(1, order), mask.gather(1, order)

    place = torch.arange(values.size(1), device=values.device).expand_as(order)
    begins = torch.ones_like(mask)
    begins[:, 1:] = (ordered[:, 1:] != ordered[:, :-1]) | ~ordered_mask[:, 1:]
    ends = torch.ones_like(mask)
    ends[:, :-1] = begins[:, 1:]
    if values.size(1) == 0:
        return TieGroups(order, place, place)
    first = torch.where(begins, place, torch.zeros_like(place)).cummax(dim=1).values
    beyond = torch.full_like(place, values.size(1))
    last = torch.where(ends, place, beyond).flip(1).cummin(dim=1).values.flip(1)
    return TieGroups(order, first, last)


def average_ranks(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """
    Ranks from 1 upwards among the real words of each row; equal values share the mean of their ranks. 0 at padding.

    # Returns

    ranks : `torch.DoubleTensor`
        Shape `(batch_size, num_words)`.

    # Examples

        average_ranks(torch.tensor([[5.0, 1.0, 5.0]]), torch.ones(1, 3).bool())  # [[2.5, 1.0, 2.5]]
    """
    groups = tie_groups(values, mask)
    ranks = torch.zeros(values.shape, dtype=torch.float64, device=values.device)
    ranks.scatter_(1, groups.order, (groups.first + groups.last).double() / 2 + 1)
    return ranks * mask
