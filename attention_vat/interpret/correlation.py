"""
Correlations of two vectors per sentence, for a padded batch at once.

Each function returns values and where they are defined. A correlation needs at least three words, and neither vector
may be constant; elsewhere the value is 0 and `defined` is false, so that a mean can leave it out and count it.
"""

from typing import NamedTuple, Tuple

import numpy
import torch

from attention_vat.interpret.ranking import average_ranks

MINIMUM_WORDS = 3


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
        Two-sided, under the null hypothesis of independence; 1 where undefined. Shape `(batch_size,)`.
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
        Shape `(batch_size, num_words)`. Values at padding are ignored.
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
        As for `pearson`, shape `(batch_size, num_words)`.
    """
    finite = _finite(x, mask) & _finite(y, mask)
    value, defined = pearson(average_ranks(x, mask), average_ranks(y, mask), mask)
    return _where_defined(value, defined & finite)


def kendall(x: torch.Tensor, y: torch.Tensor, mask: torch.Tensor) -> KendallCorrelation:
    """
    Kendall's τ-b, which corrects for ties, with its p-value (Jain & Wallace 2019):

        τ_b = (concordant − discordant) / √((pairs − pairs tied in x)(pairs − pairs tied in y))

    Both come from `scipy.stats.kendalltau`: p-values are exact for up to 33 words without ties, and use the normal
    approximation otherwise. It sorts, so that a text of n words costs O(n log n).

    # Parameters

    x, y, mask : `torch.Tensor`
        As for `pearson`, shape `(batch_size, num_words)`.
    """
    # Imported here so that commands that do not evaluate start without SciPy.
    from scipy.stats import kendalltau

    value, p_value = numpy.zeros(len(mask)), numpy.ones(len(mask))
    defined = (mask.sum(dim=1) >= MINIMUM_WORDS) & _finite(x, mask) & _finite(y, mask)
    rows = zip(*(some.cpu().numpy() for some in (defined, x.detach().double(), y.detach().double(), mask)))
    for row, (here, of_x, of_y, words) in enumerate(rows):
        if here:
            value[row], p_value[row] = kendalltau(of_x[words], of_y[words])
    defined = defined & torch.from_numpy(~numpy.isnan(value)).to(mask.device)
    tau, p = (torch.from_numpy(some).to(mask.device) for some in (value, p_value))
    return KendallCorrelation(
        torch.where(defined, tau, torch.zeros_like(tau)), torch.where(defined, p, torch.ones_like(p)), defined
    )


def _where_defined(value: torch.Tensor, defined: torch.Tensor) -> Correlation:
    return Correlation(torch.where(defined, value, torch.zeros_like(value)), defined)


def _finite(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return (torch.isfinite(values) | ~mask).all(dim=1)


def _standardized(values: torch.Tensor, mask: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
    """Values centred and scaled to norm 1 over the real words, 0 elsewhere; and whether the row varies at all."""
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
