"""
Correlations of two vectors per sentence, for a padded batch at once.

Each function returns values and where they are defined. A correlation needs at least three words, and neither vector
may be constant; elsewhere the value is 0 and `defined` is false, so that a mean can leave it out and count it.
"""

import math
from functools import lru_cache
from typing import NamedTuple, Tuple

import torch

from attention_vat.interpret.ranking import average_ranks

MINIMUM_WORDS = 3
# scipy.stats.kendalltau takes the exact distribution up to here as well, if there are no ties.
_EXACT_UP_TO = 33
# Pairs of words are compared in blocks of at most so many, which bounds memory for long texts.
_PAIRS_AT_ONCE = 2**24


class Correlation(NamedTuple):
    """
    # Parameters

    value : `torch.DoubleTensor`
        Between -1 and 1, and 0 where undefined. Shape `(batch_size,)`.
    defined : `torch.BoolTensor`
        Shape `(batch_size,)`.
    """

    value: torch.Tensor
    defined: torch.Tensor


class KendallCorrelation(NamedTuple):
    """
    # Parameters

    value : `torch.DoubleTensor`
        Kendall's τ-b, 0 where undefined. Shape `(batch_size,)`.
    p_value : `torch.DoubleTensor`
        Two-sided, of the hypothesis that both are independent; 1 where undefined. Shape `(batch_size,)`.
    defined : `torch.BoolTensor`
        Shape `(batch_size,)`.
    """

    value: torch.Tensor
    p_value: torch.Tensor
    defined: torch.Tensor


def pearson(x: torch.Tensor, y: torch.Tensor, mask: torch.Tensor) -> Correlation:
    """
    Pearson's correlation over the real words of each row (Kitada & Iyatomi 2022, Eq. 26), computed in float64:

        ρ = Σ (x_t − x̄)(y_t − ȳ) / (‖x − x̄‖₂ ‖y − ȳ‖₂)

    A vector whose deviation from its mean is no more than the rounding of its type counts as constant.

    # Parameters

    x, y : `torch.Tensor`
        Shape `(batch_size, num_words)`. What stands at padding is not looked at.
    mask : `torch.BoolTensor`
        True at real words. Same shape.

    # Examples

        value, defined = pearson(attention, importance, mask)
        mean = value[defined].mean()
    """
    enough = mask.sum(dim=1) >= MINIMUM_WORDS
    x, x_varies = _standardized(x, mask)
    y, y_varies = _standardized(y, mask)
    value = (x * y).sum(dim=1).clamp(-1.0, 1.0)
    return _where_defined(value, enough & x_varies & y_varies)


def spearman(x: torch.Tensor, y: torch.Tensor, mask: torch.Tensor) -> Correlation:
    """
    Spearman's correlation: Pearson's correlation of the ranks, where equal values share their mean rank.

    # Parameters

    x, y, mask : `torch.Tensor`
        As for `pearson`.
    """
    finite = _finite(x, mask) & _finite(y, mask)
    value, defined = pearson(average_ranks(x, mask), average_ranks(y, mask), mask)
    return _where_defined(value, defined & finite)


def kendall(x: torch.Tensor, y: torch.Tensor, mask: torch.Tensor) -> KendallCorrelation:
    """
    Kendall's τ-b, which corrects for ties, with its p-value (Jain & Wallace 2019):

        τ_b = (concordant − discordant) / √((pairs − pairs tied in x)(pairs − pairs tied in y))

    The p-value is computed here, without scipy, as `scipy.stats.kendalltau` does: from the exact distribution up to 33
    words without ties, and from the normal approximation with the variance corrected for ties otherwise.

    # Parameters

    x, y, mask : `torch.Tensor`
        As for `pearson`.
    """
    n = mask.sum(dim=1).double()
    finite = _finite(x, mask) & _finite(y, mask)
    score, x_equal, y_equal = _compare_pairs(x, y, mask)
    # Each word of a group of t equal ones sees t - 1 others; summed over words this is t (t - 1) per group.
    x_others, y_others = (x_equal - 1).clamp(min=0), (y_equal - 1).clamp(min=0)
    x_tied, y_tied = x_others.sum(dim=1) / 2, y_others.sum(dim=1) / 2
    pairs = n * (n - 1) / 2
    untied = (pairs - x_tied) * (pairs - y_tied)
    defined = (n >= MINIMUM_WORDS) & (untied > 0) & finite
    value = (score / untied.clamp(min=1.0).sqrt()).clamp(-1.0, 1.0)

    m = (n * (n - 1)).clamp(min=1.0)
    x_linear, y_linear = (x_others * (2 * x_equal + 5)).sum(dim=1), (y_others * (2 * y_equal + 5)).sum(dim=1)
    x_cubic, y_cubic = (x_others * (x_equal - 2)).sum(dim=1), (y_others * (y_equal - 2)).sum(dim=1)
    variance = (
        (m * (2 * n + 5) - x_linear - y_linear) / 18
        + 2 * x_tied * y_tied / m
        + x_cubic * y_cubic / (9 * m * (n - 2).clamp(min=1.0))
    )
    p_value = torch.erfc(score.abs() / variance.clamp(min=1e-12).sqrt() / math.sqrt(2.0))
    exact = (x_tied == 0) & (y_tied == 0) & (n <= _EXACT_UP_TO)
    p_value = torch.where(exact, _exact_p_value(n, (pairs - score.abs()) / 2), p_value)
    return KendallCorrelation(
        torch.where(defined, value, torch.zeros_like(n)), torch.where(defined, p_value, torch.ones_like(n)), defined
    )


def _where_defined(value: torch.Tensor, defined: torch.Tensor) -> Correlation:
    return Correlation(torch.where(defined, value, torch.zeros_like(value)), defined)


def _finite(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return (torch.isfinite(values) | ~mask).all(dim=1)


def _standardized(values: torch.Tensor, mask: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
    """Centred, of norm 1 over the real words and 0 elsewhere; and whether the row varies at all."""
    finite = _finite(values, mask)
    rounding = 4 * torch.finfo(values.dtype).eps
    values = values.double().masked_fill(~(mask & finite.unsqueeze(1)), 0.0)
    # Divided by the largest value first, so that squares of tiny gradients do not underflow.
    largest = torch.cat([values.abs(), values.new_zeros(values.size(0), 1)], dim=1).max(dim=1, keepdim=True).values
    values = values / torch.where(largest > 0, largest, torch.ones_like(largest))
    mean = values.sum(dim=1, keepdim=True) / mask.sum(dim=1, keepdim=True).clamp(min=1)
    centred = (values - mean) * mask
    norm = centred.norm(dim=1, keepdim=True)
    varies = norm > rounding * values.norm(dim=1, keepdim=True)
    centred = centred / torch.where(varies, norm, torch.ones_like(norm))
    return centred, varies.squeeze(1) & finite


def _compare_pairs(
    x: torch.Tensor, y: torch.Tensor, mask: torch.Tensor
) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """
    Concordant minus discordant pairs of each row, shape `(batch_size,)`, and how many words have each word's value
    (with itself, 0 at padding), in `x` and in `y`, shape `(batch_size, num_words)`.
    """
    batch_size, num_words = mask.shape
    rows = max(1, _PAIRS_AT_ONCE // max(1, batch_size * num_words))
    score = torch.zeros(batch_size, dtype=torch.float64, device=x.device)
    x_equal, y_equal = [score.new_zeros(batch_size, 0)], [score.new_zeros(batch_size, 0)]
    for start in range(0, num_words, rows):
        part = slice(start, start + rows)
        both = mask[:, part, None] & mask[:, None, :]
        x_signs, y_signs = _signs(x, part), _signs(y, part)
        score += (x_signs * y_signs * both).sum(dim=(1, 2)).double() / 2
        x_equal.append(((x_signs == 0) & both).sum(dim=2).double())
        y_equal.append(((y_signs == 0) & both).sum(dim=2).double())
    return score, torch.cat(x_equal, dim=1), torch.cat(y_equal, dim=1)


def _signs(values: torch.Tensor, part: slice) -> torch.Tensor:
    some, every = values[:, part, None], values[:, None, :]
    return (some > every).to(torch.int8) - (some < every).to(torch.int8)


def _exact_p_value(n: torch.Tensor, fewer: torch.Tensor) -> torch.Tensor:
    """`fewer` is the smaller one of the numbers of concordant and of discordant pairs."""
    table = _inversion_distribution().to(n.device)
    size = n.clamp(0, _EXACT_UP_TO).long()
    return (2 * table[size, fewer.clamp(0, table.size(1) - 1).long()]).clamp(max=1.0)


@lru_cache(maxsize=None)
def _inversion_distribution() -> torch.Tensor:
    """`table[n, k]` is the probability that a random permutation of n words has at most k inversions."""
    most = _EXACT_UP_TO * (_EXACT_UP_TO - 1) // 2
    density = torch.zeros(_EXACT_UP_TO + 1, most + 1, dtype=torch.float64)
    density[:2, 0] = 1.0
    for n in range(2, _EXACT_UP_TO + 1):
        # The n-th word can be put in n places and makes 0 to n - 1 new inversions.
        cumulative = density[n - 1].cumsum(dim=0)
        density[n] = cumulative / n
        density[n, n:] -= cumulative[:-n] / n
    return density.cumsum(dim=1)
