"""
Whether two techniques differ, by how much, and what could have been seen: approximate randomisation over sentences and
over seeds, intervals, power.
"""

import math
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from scipy.optimize import brentq
from scipy.special import gammaln
from scipy.stats import nct, permutation_test
from scipy.stats import t as student

from attention_vat.interpret.bootstrap import Statistic, f1_of, mean_of

BLOCK = 500
# Sums of the same numbers in another order differ in the last digit.
ROUNDING = 1e-12
LEVEL, POWER = 0.05, 0.8


class Comparison(NamedTuple):
    """
    # Parameters

    difference : `float`
        The mean over seeds of the first technique minus that of the second.
    p_sentences : `float`
        Would other sentences show a difference as large? The trained models are taken as they are.
    p_seeds : `float`, optional
        Would other seeds show a difference as large? The sentences are taken as they are. Nothing with fewer than two
        seeds each.
    """

    difference: float
    p_sentences: float
    p_seeds: Optional[float]

    @property
    def p_value(self) -> Optional[float]:
        """Of a difference that is to hold for other sentences and for other seeds: the larger one."""
        return None if self.p_seeds is None else max(self.p_sentences, self.p_seeds)


class Effect(NamedTuple):
    """
    How far one technique is from another, by runs with the same seeds.

    # Parameters

    seeds : `int`
    difference : `float`
        The mean over seeds of the first technique minus that of the second.
    low, high : `float`, optional
        Its 95% interval over seeds (t), for these sentences.
    low_both, high_both : `float`, optional
        Its 95% interval over seeds and sentences, where there are values of sentences.
    hedges_g : `float`, optional
        The difference in standard deviations between seeds, without the bias of few seeds.
    p_value : `float`, optional
        Two-sided, over seeds (t).
    detectable : `float`, optional
        The smallest true difference that so many seeds with this spread detect with a probability of 80% at p ≤ .05.
    """

    seeds: int
    difference: float
    low: Optional[float] = None
    high: Optional[float] = None
    low_both: Optional[float] = None
    high_both: Optional[float] = None
    hedges_g: Optional[float] = None
    p_value: Optional[float] = None
    detectable: Optional[float] = None


def compare(
    first: Sequence[Statistic], second: Sequence[Statistic], resamples: int = 10000, seed: int = 0
) -> Comparison:
    """
    Two-sided tests of the hypothesis that two techniques are the same.

    Over sentences (approximate randomisation, Noreen 1989): if the techniques are the same, their outputs for a
    sentence may be exchanged. The outputs of all seeds for one sentence go together, as they are not independent of
    each other: the same sentences are hard for all seeds. Over seeds: the runs are distributed anew over the two
    techniques. Exchanging single outputs, sentence by sentence and seed by seed, would treat the outputs of one run as
    independent and call too much significant. A difference that is to hold for other sentences and other seeds has to
    pass both tests.

    # Parameters

    first, second : `Sequence[Statistic]`
        One per seed, the same seeds in the same order, over the same sentences.
    resamples : `int`, optional (default = `10000`)
        When there are no more possible exchanges than that, all are counted and p is exact.
    seed : `int`, optional (default = `0`)
        Of the exchanges.
    """
    values = [
        [float(statistic.combine(statistic.columns.sum(axis=0))) for statistic in side] for side in (first, second)
    ]
    p_seeds = None
    if min(len(first), len(second)) > 1:
        test = permutation_test(
            values, lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis), vectorized=True, n_resamples=resamples,
            random_state=seed,
        )  # fmt: skip
        p_seeds = float(test.pvalue)
    difference = float(numpy.mean(values[0]) - numpy.mean(values[1]))
    return Comparison(difference, _over_sentences(first, second, difference, resamples, seed), p_seeds)


def effect(
    first: Sequence[float],
    second: Sequence[float],
    statistics: Optional[Tuple[Sequence[Statistic], Sequence[Statistic]]] = None,
    resamples: int = 1000,
    seed: int = 0,
) -> Effect:
    """
    Runs with the same seed start from the same weights and see the batches in the same order, so that they are pairs:
    everything is computed from their differences. That is right however much the seed matters. Where it does not matter
    at all, Welch's test for independent runs would have intervals that are narrower by 7% (10 seeds) or 17% (5 seeds);
    where pairs correlate by more than .14 (10 seeds) or .31 (5 seeds), these here are the narrower ones.

    # Parameters

    first, second : `Sequence[float]`
        One per seed, the same seeds in the same order.
    statistics : `Tuple[Sequence[Statistic], Sequence[Statistic]]`, optional
        Of the same runs, over the same sentences.
    resamples, seed : `int`, optional
        Of the bootstrap over sentences and seeds.

    # Returns

    effect : `Effect`
        Only the difference for one seed, and where all seeds differ by the same.

    # Examples

        effect([0.80, 0.82, 0.84], [0.79, 0.79, 0.80]).p_value  # 0.0942, as of scipy.stats.ttest_rel
    """
    a, b = numpy.asarray(first, dtype=float), numpy.asarray(second, dtype=float)
    number, difference = len(a), float(a.mean() - b.mean())
    error = float((a - b).std(ddof=1)) / math.sqrt(number) if number > 1 else 0.0
    if error < ROUNDING:
        return Effect(number, difference)
    degrees = number - 1
    low_both = high_both = None
    if statistics is not None:
        error_both = max(error, standard_error(*statistics, resamples=resamples, seed=seed))
        # Satterthwaite: there are few seeds, but sentences enough.
        wide = float(student.ppf(1 - LEVEL / 2, degrees * (error_both / error) ** 4)) * error_both
        low_both, high_both = difference - wide, difference + wide
    wide = float(student.ppf(1 - LEVEL / 2, degrees)) * error
    pooled = math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    # Hedges (1981), of the degrees of freedom that the pooled deviation has.
    bias = math.exp(gammaln(degrees) - gammaln(degrees - 0.5)) / math.sqrt(degrees)
    return Effect(
        number,
        difference,
        difference - wide,
        difference + wide,
        low_both,
        high_both,
        bias * difference / pooled,
        float(2 * student.sf(abs(difference) / error, degrees)),
        error * detectable(degrees),
    )


def standard_error(
    first: Sequence[Statistic], second: Sequence[Statistic], resamples: int = 1000, seed: int = 0
) -> float:
    """
    Of the difference of two techniques, for other seeds and other sentences, by the bootstrap: seeds are drawn as
    pairs, and sentences are drawn once for all runs, as all see the same ones (Owen 2007, "The pigeonhole bootstrap").
    One seed less is drawn than there are, which makes the variance over few seeds unbiased (Rao & Wu 1988).

    # Parameters

    first, second : `Sequence[Statistic]`
        One per seed, the same seeds in the same order, over the same sentences.
    resamples, seed : `int`, optional
    """
    generator = numpy.random.default_rng(seed)
    num_seeds, num_sentences = len(first), len(first[0].columns)
    drawn = []
    for start in range(0, resamples, BLOCK):
        size = min(BLOCK, resamples - start)
        draws = (generator.integers(0, num_sentences, num_sentences) for _ in range(size))
        times = numpy.stack([numpy.bincount(draw, minlength=num_sentences) for draw in draws]).astype(float)
        values = [
            numpy.stack([each.combine(times @ each.columns) for each in side], axis=1) for side in (first, second)
        ]  # (size, num_seeds) each
        pairs = generator.integers(0, num_seeds, (size, num_seeds - 1))
        drawn.append(numpy.take_along_axis(values[0] - values[1], pairs, axis=1).mean(axis=1))
    return float(numpy.nanstd(numpy.concatenate(drawn), ddof=1))


def detectable(degrees: int, level: float = LEVEL, power: float = POWER) -> float:
    """
    The smallest true difference that a two-sided t-test detects with this probability, in standard errors of the
    difference (noncentral t).

    # Examples

        detectable(9) / math.sqrt(10)  # 1.0 standard deviations of the differences of ten pairs
    """
    critical = student.ppf(1 - level / 2, degrees)
    # What a difference in the wrong direction adds is nothing at such a power. Some versions of scipy also compute
    # moments, which few degrees of freedom do not have.
    with numpy.errstate(all="ignore"):
        return float(brentq(lambda shift: nct.sf(critical, degrees, shift) - power, 0.0, 2.0 * critical))


def statistic_of(predictions: Dict[str, numpy.ndarray], metric: str) -> Optional[Statistic]:
    """
    A metric from what is stored of a run, as a function of sums over sentences.

    # Parameters

    predictions : `Dict[str, numpy.ndarray]`
        See `save_predictions`.
    metric : `str`

    # Returns

    statistic : `Optional[Statistic]`
        Nothing for metrics that are neither a score of the predictions nor a mean over sentences.
    """
    label, prediction = predictions["label"], predictions["prediction"]
    if metric in ("accuracy", "micro_f1"):
        return mean_of(numpy.where(label >= 0, label == prediction, numpy.nan))  # type: ignore[arg-type]
    if metric in ("f1", "macro_f1"):
        positive = int(predictions["positive"])
        classes = numpy.array([positive]) if metric == "f1" else numpy.arange(len(predictions["classes"]))
        predicted = (prediction[:, None] == classes) & (label[:, None] >= 0)
        gold = label[:, None] == classes
        return f1_of(predicted & gold, predicted, gold)
    scores = predictions.get(f"score_{metric}")
    return None if scores is None else mean_of(scores)  # type: ignore[arg-type]


def _over_sentences(
    first: Sequence[Statistic], second: Sequence[Statistic], difference: float, resamples: int, seed: int
) -> float:
    columns = [numpy.stack([statistic.columns for statistic in side]) for side in (first, second)]  # (S, N, K)
    totals, moved = [side.sum(axis=1) for side in columns], columns[1] - columns[0]
    num_sentences = moved.shape[1]
    exact = num_sentences < 60 and 2**num_sentences <= resamples
    draws = 2**num_sentences if exact else resamples
    generator = numpy.random.default_rng(seed)
    extreme = 0
    for start in range(0, draws, BLOCK):
        size = min(BLOCK, draws - start)
        if exact:
            exchanged = (numpy.arange(start, start + size)[:, None] >> numpy.arange(num_sentences)) & 1
        else:
            exchanged = generator.integers(0, 2, (size, num_sentences), dtype=numpy.int8)
        # What the exchange of some sentences adds to the sums of the one side, it takes from the other.
        sums = numpy.einsum("rn,snk->rsk", exchanged.astype(float), moved, optimize=True)
        values = [
            _means(side, totals_of + sign * sums) for side, totals_of, sign in zip((first, second), totals, (1, -1))
        ]
        extreme += int((numpy.abs(values[0] - values[1]) >= abs(difference) - ROUNDING).sum())
    return extreme / draws if exact else (extreme + 1) / (draws + 1)


def _means(statistics: Sequence[Statistic], sums: numpy.ndarray) -> numpy.ndarray:
    combine: List[Callable] = [statistic.combine for statistic in statistics]
    return numpy.mean([function(sums[:, index]) for index, function in enumerate(combine)], axis=0)


def smallest_p(num_seeds: int) -> float:
    """
    The smallest p-value that a test over so many seeds of each technique can have.

    # Examples

        smallest_p(5)  # 2 of 252 ways to distribute ten runs
    """
    return 2 / math.comb(2 * num_seeds, num_seeds)
