"""Bootstrap intervals for numbers over a data set, whose sentences are resampled (Efron & Tibshirani 1993)."""

from typing import Any, Callable, Dict, NamedTuple, Optional, Sequence, Tuple

import numpy

CONFIDENCE = 0.95


class Statistic(NamedTuple):
    """
    A number over a data set that is a function of sums over its sentences, such as a mean or an F1 score.

    # Parameters

    columns : `numpy.ndarray`
        The summands, shape `(num_sentences, num_columns)`.
    combine : `Callable[[numpy.ndarray], numpy.ndarray]`
        Maps sums of shape `(…, num_columns)` to values of shape `(…,)`, NaN where undefined.
    std : `float`, optional
        The standard deviation over sentences, for means.
    sentences, undefined : `int`
        How many sentences count, and how many were left out because their value is undefined.
    """

    columns: numpy.ndarray
    combine: Callable[[numpy.ndarray], numpy.ndarray]
    std: Optional[float]
    sentences: int
    undefined: int


class Estimate(NamedTuple):
    """
    # Parameters

    value : `float`, optional
        `None` if it is undefined for every sentence.
    low, high : `float`, optional
        The 95% bootstrap interval (percentiles).
    std : `float`, optional
        The standard deviation over sentences, for means.
    sentences, undefined : `int`
        As in `Statistic`.
    """

    value: Optional[float]
    low: Optional[float]
    high: Optional[float]
    std: Optional[float]
    sentences: int
    undefined: int


class Difference(NamedTuple):
    """
    # Parameters

    value : `float`, optional
        The second model's number minus the first one's.
    low, high : `float`, optional
        Its 95% interval from the paired bootstrap: both models are compared on the same drawn sentences.
    p_value : `float`, optional
        Two-sided, under the null hypothesis of no difference: twice the share of draws on the other side of 0.
    """

    value: Optional[float]
    low: Optional[float]
    high: Optional[float]
    p_value: Optional[float]


def mean_of(values: Sequence[Optional[float]], possible: Optional[Sequence[bool]] = None) -> Statistic:
    """
    The mean of the values that are not `None`.

    # Parameters

    values : `Sequence[Optional[float]]`
        One per sentence.
    possible : `Sequence[bool]`, optional (default = all)
        Which sentences can have a value at all; only these count as undefined.
    """
    numbers = numpy.array([numpy.nan if value is None else value for value in values], dtype=float)
    defined = numpy.isfinite(numbers)
    columns = numpy.stack([numpy.where(defined, numbers, 0.0), defined.astype(float)], axis=1)
    total = len(numbers) if possible is None else int(numpy.sum(possible))
    count = int(defined.sum())
    std = float(numbers[defined].std()) if count else None
    return Statistic(columns, _ratio, std, count, total - count)


def f1_of(matched: numpy.ndarray, predicted: numpy.ndarray, gold: numpy.ndarray) -> Statistic:
    """
    The F1 score from counts per sentence, summed first ("micro"); with one column per class, the mean over classes.

    # Parameters

    matched, predicted, gold : `numpy.ndarray`
        Shape `(num_sentences,)` or `(num_sentences, num_classes)`.
    """
    parts = [numpy.asarray(part, dtype=float).reshape(len(matched), -1) for part in (matched, predicted, gold)]
    num_classes = parts[0].shape[1]

    def combine(sums: numpy.ndarray) -> numpy.ndarray:
        matched, predicted, gold = (sums[..., i * num_classes : (i + 1) * num_classes] for i in range(3))
        precision, recall = matched / numpy.maximum(predicted, 1), matched / numpy.maximum(gold, 1)
        return _f1(precision, recall).mean(axis=-1)

    return Statistic(numpy.concatenate(parts, axis=1), combine, None, len(matched), 0)


def f1_of_means(
    precision: Sequence[Optional[float]], recall: Sequence[Optional[float]], possible: Optional[Sequence[bool]] = None
) -> Statistic:
    """The F1 score of the mean precision and the mean recall, each over the sentences that have one."""
    parts = [mean_of(precision, possible), mean_of(recall, possible)]

    def combine(sums: numpy.ndarray) -> numpy.ndarray:
        return _f1(numpy.nan_to_num(_ratio(sums[..., :2])), numpy.nan_to_num(_ratio(sums[..., 2:])))

    columns = numpy.concatenate([part.columns for part in parts], axis=1)
    return Statistic(columns, combine, None, max(part.sentences for part in parts), 0)


def minus(first: Statistic, second: Statistic) -> Statistic:
    """The first number minus the second, both over the same sentences."""
    border = first.columns.shape[1]

    def combine(sums: numpy.ndarray) -> numpy.ndarray:
        return first.combine(sums[..., :border]) - second.combine(sums[..., border:])

    columns = numpy.concatenate([first.columns, second.columns], axis=1)
    return Statistic(columns, combine, None, first.sentences, first.undefined)


def estimates(statistics: Dict[str, Statistic], resamples: int = 1000, seed: int = 13) -> Dict[str, Estimate]:
    """
    # Parameters

    statistics : `Dict[str, Statistic]`
        Numbers over the same sentences.
    resamples : `int`, optional (default = `1000`)
        How many times the sentences are drawn.
    seed : `int`, optional (default = `13`)
        The seed of a generator used only here.
    """
    draws = _draws(statistics, resamples, seed)
    result = {}
    for name, statistic in statistics.items():
        value, (low, high) = _value(statistic), _interval(draws[name])
        result[name] = Estimate(value, low, high, statistic.std, statistic.sentences, statistic.undefined)
    return result


def differences(
    first: Dict[str, Statistic], second: Dict[str, Statistic], resamples: int = 1000, seed: int = 13
) -> Dict[str, Difference]:
    """
    The second minus the first, for the numbers that both have, over the same sentences in the same order.

    # Parameters

    first, second : `Dict[str, Statistic]`
    resamples, seed : `int`
        As for `estimates`.
    """
    # The same seed and the same number of sentences draw the same sentences, which makes the bootstrap paired.
    first_draws, second_draws = _draws(first, resamples, seed), _draws(second, resamples, seed)
    result = {}
    for name in [name for name in first if name in second]:
        values = _value(first[name]), _value(second[name])
        if values[0] is None or values[1] is None:
            result[name] = Difference(None, None, None, None)
            continue
        draws = _without_rounding(second_draws[name] - first_draws[name])
        finite = draws[numpy.isfinite(draws)]
        tail = min((finite <= 0).sum(), (finite >= 0).sum())
        p_value = min(1.0, 2 * (float(tail) + 1) / (len(finite) + 1))
        result[name] = Difference(float(_without_rounding(values[1] - values[0])), *_interval(draws), p_value)
    return result


def _draws(statistics: Dict[str, Statistic], resamples: int, seed: int) -> Dict[str, numpy.ndarray]:
    columns = numpy.concatenate([statistic.columns for statistic in statistics.values()], axis=1)
    generator = numpy.random.default_rng(seed)
    sums = numpy.empty((resamples, columns.shape[1]))
    for draw in sums:
        times = numpy.bincount(generator.integers(0, len(columns), len(columns)), minlength=len(columns))
        draw[:] = times @ columns
    ends = numpy.cumsum([statistic.columns.shape[1] for statistic in statistics.values()])
    parts = numpy.split(sums, ends[:-1], axis=1)
    return {name: statistics[name].combine(part) for name, part in zip(statistics, parts)}


def _value(statistic: Statistic) -> Optional[float]:
    value = float(statistic.combine(statistic.columns.sum(axis=0)))
    return value if numpy.isfinite(value) else None


def _interval(draws: numpy.ndarray) -> Tuple[Optional[float], Optional[float]]:
    finite = draws[numpy.isfinite(draws)]
    if not len(finite):
        return None, None
    low, high = (float(numpy.quantile(finite, (1 + side * CONFIDENCE) / 2)) for side in (-1, 1))
    return low, high


def _without_rounding(difference: Any) -> numpy.ndarray:
    # Sums of the same numbers in another order differ in the last digit, which is neither gain nor loss.
    return numpy.where(numpy.abs(difference) < 1e-12, 0.0, difference)


def _ratio(sums: numpy.ndarray) -> numpy.ndarray:
    return numpy.where(sums[..., 1] > 0, sums[..., 0] / numpy.maximum(sums[..., 1], 1), numpy.nan)


def _f1(precision: numpy.ndarray, recall: numpy.ndarray) -> numpy.ndarray:
    total = precision + recall
    return 2 * precision * recall / numpy.where(total > 0, total, 1.0)
