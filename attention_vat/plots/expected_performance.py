"""The expected performance of the best of `n` runs: the value of a search for any budget."""

from typing import NamedTuple, Sequence

import numpy
from scipy.special import gammaln


class ExpectedBest(NamedTuple):
    """
    # Parameters

    mean : `numpy.ndarray`
        Expected best value of 1, 2, … N runs. Shape `(N,)`.
    std : `numpy.ndarray`
        Standard deviation of the best value. Shape `(N,)`.
    """

    mean: numpy.ndarray
    std: numpy.ndarray


def expected_best(values: Sequence[float], with_replacement: bool = True, mode: str = "max") -> ExpectedBest:
    """
    The curve of Dodge et al. (2019), "Show Your Work: Improved Reporting of Experimental Results", Eq. 1-4: the runs of
    a search are draws from the distribution of results, and the curve is the expected best of `n` draws. With `v_(i)`
    the `i`-th smallest of `N` values,

        E[best of n] = Σ_i v_(i) (P(best ≤ v_(i)) - P(best ≤ v_(i-1)))

    where `P(best ≤ v_(i))` is `(i/N)^n` if a run may be drawn twice and `C(i,n) / C(N,n)` if not. The first is the
    paper's; it underestimates the best of many runs, since some are drawn twice (at `n = N` the second is the best
    value itself).

    # Parameters

    values : `Sequence[float]`
    with_replacement : `bool`, optional (default = `True`)
    mode : `str`, optional (default = `"max"`)
        `min` if less is better.

    # Examples

        expected_best([0.0, 1.0]).mean  # [0.5, 0.75]
    """
    sign = 1.0 if mode == "max" else -1.0
    ordered = numpy.sort(sign * numpy.asarray(values, dtype=float))
    number = len(ordered)
    draws = numpy.arange(1, number + 1)[:, None]
    ranks = numpy.arange(0, number + 1)[None, :]
    if with_replacement:
        at_most = (ranks / number) ** draws
    else:
        # C(i,n) / C(N,n) with logarithms, since the numbers themselves overflow.
        fits = ranks >= draws
        log_ways = gammaln(ranks + 1) - gammaln(numpy.where(fits, ranks - draws, 0) + 1)
        log_all = gammaln(number + 1) - gammaln(number - draws + 1)
        at_most = numpy.where(fits, numpy.exp(log_ways - log_all), 0.0)
    probability = numpy.diff(at_most, axis=1)
    mean = probability @ ordered
    variance = (probability * (ordered[None, :] - mean[:, None]) ** 2).sum(axis=1)
    return ExpectedBest(sign * mean, numpy.sqrt(variance))
