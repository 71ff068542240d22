"""
Tests whether two techniques differ, and by how much: approximate randomisation over sentences and over seeds,
intervals, and power.
"""

import math
from functools import lru_cache
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from scipy.optimize import brentq
from scipy.special import gammaln
from scipy.stats import nct, permutation_test
from scipy.stats import t as student

from attention_vat.interpret.bootstrap import Statistic, f1_of, mean_of

BLOCK = 500
# How many pairs have the columns of all their sentences in memory at once.
TOGETHER = 32
# Sums of the same numbers in another order differ in the last digit.
ROUNDING = 1e-12
LEVEL, POWER = 0.05, 0.8


class Comparison(NamedTuple):
    """
    # Parameters

    difference : `float`
        The mean over seeds of the first technique minus that of the second.
    p_sentences : `float`
        p-value over sentences, with the trained models held fixed.
    p_seeds : `float`, optional
        p-value over seeds, with the sentences held fixed. `None` with fewer than two seeds each.
    """

    difference: float
    p_sentences: float
    p_seeds: Optional[float]

    @property
    def p_value(self) -> Optional[float]:
        """The larger of the two, for a difference that should hold for other sentences and other seeds."""
        return None if self.p_seeds is None else max(self.p_sentences, self.p_seeds)


class Effect(NamedTuple):
    """
    The difference between two techniques, from runs with the same seeds.

    # Parameters

    seeds : `int`
    difference : `float`
        The mean over seeds of the first technique minus that of the second.
    low, high : `float`, optional
        Its 95% interval over seeds (t), for these sentences.
    low_both, high_both : `float`, optional
        Its 95% interval over seeds and sentences, if each sentence has a value.
    hedges_g : `float`, optional
        The difference in standard deviations between seeds, corrected for the bias of few seeds.
    p_value : `float`, optional
        Two-sided, over seeds (t).
    detectable : `float`, optional
        The smallest true difference that this many seeds with this spread detect with 80% power at p ≤ .05.
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


Pair = Tuple[Sequence[Statistic], Sequence[Statistic]]


def compare(
    first: Sequence[Statistic], second: Sequence[Statistic], resamples: int = 10000, seed: int = 0
) -> Comparison:
    """Compares two techniques; see `compare_all`."""
    return compare_all([(first, second)], resamples, seed)[0]


def compare_all(pairs: Sequence[Pair], resamples: int = 10000, seed: int = 0) -> List[Comparison]:
    """
    Tests, two-sided, the hypothesis that two techniques are the same, for many pairs. All pairs share the same draws,
    which take longer than the tests themselves.

    Over sentences (approximate randomisation, Noreen 1989): if the techniques are the same, their outputs for a
    sentence are exchangeable. The outputs of all seeds for a sentence are exchanged together because they are not
    independent: the same sentences are hard for all seeds. Over seeds: the runs are reassigned to the two techniques.
    Exchanging single outputs, sentence by sentence and seed by seed, would treat the outputs of a run as independent
    and find too many differences significant. A difference that should hold for other sentences and other seeds must
    pass both tests.

    # Parameters

    pairs : `Sequence[Tuple[Sequence[Statistic], Sequence[Statistic]]]`
        Two techniques each: one statistic per seed, with the same seeds in the same order, over the same sentences.
    resamples : `int`, optional (default = `10000`)
        If there are no more possible exchanges than this, all are counted and p is exact.
    seed : `int`, optional (default = `0`)
        The seed of the exchanges.
    """
    values = [[[_value(statistic) for statistic in side] for side in pair] for pair in pairs]
    differences = [float(numpy.mean(first) - numpy.mean(second)) for first, second in values]
    p_seeds: Dict[int, float] = {}
    for places in _alike([(len(first), len(second)) for first, second in values]):
        first, second = (numpy.array([values[place][side] for place in places]) for side in (0, 1))
        if min(first.shape[1], second.shape[1]) > 1:
            test = permutation_test(
                (first, second), lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis), vectorized=True, axis=1,
                n_resamples=resamples, random_state=seed, batch=BLOCK,
            )  # fmt: skip
            p_seeds.update(zip(places, test.pvalue.tolist()))
    p_sentences: Dict[int, float] = {}
    for places in _alike([len(first[0].columns) for first, _ in pairs]):
        for start in range(0, len(places), TOGETHER):
            some = places[start : start + TOGETHER]
            found = _over_sentences(
                [pairs[place] for place in some], [differences[place] for place in some], resamples, seed
            )
            p_sentences.update(zip(some, found))
    return [Comparison(differences[place], p_sentences[place], p_seeds.get(place)) for place in range(len(pairs))]


def _value(statistic: Statistic) -> float:
    return float(statistic.combine(statistic.columns.sum(axis=0)))


def _alike(keys: Sequence[Any]) -> List[List[int]]:
    """Groups the indices of equal keys."""
    groups: Dict[Any, List[int]] = {}
    for place, key in enumerate(keys):
        groups.setdefault(key, []).append(place)
    return [*groups.values()]


def effect(
    first: Sequence[float],
    second: Sequence[float],
    statistics: Optional[Tuple[Sequence[Statistic], Sequence[Statistic]]] = None,
    resamples: int = 1000,
    seed: int = 0,
) -> Effect:
    """
    Compares paired runs: runs with the same seed start from the same weights and see the batches in the same order, so
    everything is computed from their differences. This is valid however much the seed matters. If it does not matter at
    all, Welch's test for independent runs would have intervals that are narrower by 7% (10 seeds) or 17% (5 seeds); if
    pairs correlate by more than .14 (10 seeds) or .31 (5 seeds), the paired intervals are narrower.

    # Parameters

    first, second : `Sequence[float]`
        One value per seed, with the same seeds in the same order.
    statistics : `Tuple[Sequence[Statistic], Sequence[Statistic]]`, optional
        Statistics of the same runs, over the same sentences.
    resamples, seed : `int`, optional
        For the bootstrap over sentences and seeds.

    # Returns

    effect : `Effect`
        Only the difference, if there is one seed or all seeds have the same difference.

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
        # Satterthwaite, with few seeds but enough sentences.
        wide = float(student.ppf(1 - LEVEL / 2, degrees * (error_both / error) ** 4)) * error_both
        low_both, high_both = difference - wide, difference + wide
    wide = float(student.ppf(1 - LEVEL / 2, degrees)) * error
    pooled = math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    # Hedges (1981), with the 2 * degrees degrees of freedom of the pooled deviation.
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
    Returns the standard error of the difference of two techniques over seeds and sentences, from a bootstrap: seeds are
    drawn as pairs, and sentences once for all runs, as all runs share them (Owen 2007, "The pigeonhole bootstrap"). One
    seed fewer is drawn than there are, which makes the variance over few seeds unbiased (Rao & Wu 1988).

    # Parameters

    first, second : `Sequence[Statistic]`
        One per seed, with the same seeds in the same order, over the same sentences.
    resamples, seed : `int`, optional
    """
    num_seeds, num_sentences = len(first), len(first[0].columns)
    drawn = []
    for times, pairs in _draws(num_sentences, num_seeds, resamples, seed):
        values = [
            numpy.stack([each.combine(times @ each.columns) for each in side], axis=1) for side in (first, second)
        ]  # (size, num_seeds) each
        drawn.append(numpy.take_along_axis(values[0] - values[1], pairs, axis=1).mean(axis=1))
    return float(numpy.nanstd(numpy.concatenate(drawn), ddof=1))


# The next difference needs the same draws.
@lru_cache(maxsize=1)
def _draws(num_sentences: int, num_seeds: int, resamples: int, seed: int) -> List[Tuple[numpy.ndarray, numpy.ndarray]]:
    """Draws how often each sentence occurs, `(size, num_sentences)`, and pairs of seeds, `(size, num_seeds - 1)`."""
    generator, blocks = numpy.random.default_rng(seed), []
    for start in range(0, resamples, BLOCK):
        size = min(BLOCK, resamples - start)
        draws = (generator.integers(0, num_sentences, num_sentences) for _ in range(size))
        times = numpy.stack([numpy.bincount(draw, minlength=num_sentences) for draw in draws]).astype(float)
        blocks.append((times, generator.integers(0, num_seeds, (size, num_seeds - 1))))
    return blocks


def detectable(degrees: int, level: float = LEVEL, power: float = POWER) -> float:
    """
    Returns the smallest true difference that a two-sided t-test detects with this power, in standard errors of the
    difference (noncentral t).

    # Examples

        detectable(9) / math.sqrt(10)  # 1.0 standard deviations of the differences of ten pairs
    """
    critical = student.ppf(1 - level / 2, degrees)
    # At such a power, the other tail is negligible. Some versions of scipy also compute moments, which do not exist for
    # few degrees of freedom.
    with numpy.errstate(all="ignore"):
        return float(brentq(lambda shift: nct.sf(critical, degrees, shift) - power, 0.0, 2.0 * critical))


def statistic_of(predictions: Dict[str, numpy.ndarray], metric: str) -> Optional[Statistic]:
    """
    Computes a metric of a stored run as a function of sums over sentences.

    # Parameters

    predictions : `Dict[str, numpy.ndarray]`
        See `save_predictions`.
    metric : `str`

    # Returns

    statistic : `Optional[Statistic]`
        `None` for metrics that are neither a score of the predictions nor a mean over sentences.
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


def _over_sentences(pairs: Sequence[Pair], differences: Sequence[float], resamples: int, seed: int) -> List[float]:
    """Returns p-values over sentences, for pairs with the same number of sentences."""
    totals, moved, changing = [], [], []
    for pair in pairs:
        first, second = (numpy.stack([statistic.columns for statistic in side], axis=1) for side in pair)  # (N, S, K)
        totals.append((first.sum(axis=0), second.sum(axis=0)))
        # Columns that are the same for both need no exchange, as their sums do not change.
        changing.append((first != second).any(axis=0))  # (S, K)
        moved.append((second - first)[:, changing[-1]])  # (N, number of changing columns)
    everything = numpy.concatenate(moved, axis=1)
    ends = numpy.cumsum([columns.shape[1] for columns in moved])
    num_sentences = len(everything)
    exact = num_sentences < 60 and 2**num_sentences <= resamples
    draws = 2**num_sentences if exact else resamples
    generator = numpy.random.default_rng(seed)
    extreme: numpy.ndarray = numpy.zeros(len(pairs), dtype=int)
    for start in range(0, draws, BLOCK):
        size = min(BLOCK, draws - start)
        if exact:
            exchanged = (numpy.arange(start, start + size)[:, None] >> numpy.arange(num_sentences)) & 1
        else:
            exchanged = generator.integers(0, 2, (size, num_sentences), dtype=numpy.int8)
        # An exchange of sentences adds to the sums of one side what it subtracts from those of the other.
        sums_of_all = exchanged.astype(float) @ everything
        for place, (first, second) in enumerate(pairs):
            sums = numpy.zeros((size, *changing[place].shape))  # (size, S, K)
            sums[:, changing[place]] = sums_of_all[:, ends[place] - moved[place].shape[1] : ends[place]]
            of_first, of_second = totals[place]
            values = _means(first, of_first + sums) - _means(second, of_second - sums)
            extreme[place] += int((numpy.abs(values) >= abs(differences[place]) - ROUNDING).sum())
    return (extreme / draws if exact else (extreme + 1) / (draws + 1)).tolist()


def _means(statistics: Sequence[Statistic], sums: numpy.ndarray) -> numpy.ndarray:
    combine: List[Callable] = [statistic.combine for statistic in statistics]
    return numpy.mean([function(sums[:, index]) for index, function in enumerate(combine)], axis=0)


def smallest_p(num_seeds: int) -> float:
    """
    Returns the smallest p-value that a test over this many seeds per technique can have.

    # Examples

        smallest_p(5)  # 2 of 252 ways to distribute ten runs
    """
    return 2 / math.comb(2 * num_seeds, num_seeds)
