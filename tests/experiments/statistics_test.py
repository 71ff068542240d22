import itertools
import math

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_rel
from sklearn.metrics import accuracy_score, f1_score

from attention_vat.experiments import statistics
from attention_vat.experiments.statistics import (
    compare,
    compare_all,
    detectable,
    effect,
    smallest_p,
    standard_error,
    statistic_of,
)
from attention_vat.interpret.bootstrap import f1_of, mean_of

LABELS = [1, 0, 1, 1, 0, 1, 0]
RUNS = st.lists(st.lists(st.integers(0, 1), min_size=7, max_size=7), min_size=2, max_size=2)


def f1_statistic(predicted):
    gold, predicted = numpy.array(LABELS) == 1, numpy.array(predicted) == 1
    return f1_of(predicted & gold, predicted, gold)


def f1(predicted):
    matched = sum(x and y for x, y in zip(LABELS, predicted))
    return 2 * matched / (sum(LABELS) + sum(predicted))


def by_enumeration(first, second):
    """Each of the 2^7 ways to exchange sentences between two techniques, one after the other."""

    def difference(a, b):
        return sum(map(f1, a)) / len(a) - sum(map(f1, b)) / len(b)

    observed, extreme = abs(difference(first, second)), 0
    for exchange in itertools.product([False, True], repeat=len(LABELS)):
        a, b = [], []
        for run_a, run_b in zip(first, second):
            a.append([y if moved else x for x, y, moved in zip(run_a, run_b, exchange)])
            b.append([x if moved else y for x, y, moved in zip(run_a, run_b, exchange)])
        extreme += abs(difference(a, b)) >= observed - 1e-12
    return extreme / 2 ** len(LABELS)


@settings(max_examples=20)
@given(RUNS, RUNS)
def test_over_sentences_against_enumeration(first, second):
    comparison = compare([f1_statistic(run) for run in first], [f1_statistic(run) for run in second])
    assert comparison.p_sentences == pytest.approx(by_enumeration(first, second), abs=1e-12)
    assert comparison.difference == pytest.approx(sum(map(f1, first)) / 2 - sum(map(f1, second)) / 2)


def test_drawn_exchanges_come_near_all_of_them():
    first, second = [[1, 0, 1, 1, 0, 0, 0], [1, 0, 1, 1, 0, 1, 1]], [[0, 0, 1, 1, 1, 0, 1], [1, 1, 0, 1, 0, 0, 1]]
    sides = [[f1_statistic(run) for run in side] for side in (first, second)]
    drawn = compare(*sides, resamples=120)  # fewer than 128
    assert drawn.p_sentences != compare(*sides).p_sentences
    assert drawn.p_sentences == pytest.approx(by_enumeration(first, second), abs=0.15)
    assert compare(*sides, resamples=120) == drawn
    assert compare(*sides, resamples=120, seed=1) != drawn


@given(st.lists(st.floats(0, 1), min_size=6, max_size=6))
def test_over_seeds_against_enumeration(values):
    # A "sentence" for each value, so that a run's mean is the value.
    sides = [[mean_of([value]) for value in side] for side in (values[:3], values[3:])]
    observed = numpy.mean(values[:3]) - numpy.mean(values[3:])
    differences = []
    for chosen in itertools.combinations(range(6), 3):
        rest = [values[index] for index in range(6) if index not in chosen]
        differences.append(numpy.mean([values[index] for index in chosen]) - numpy.mean(rest))
    tails = [sum(d >= observed - 1e-9 for d in differences), sum(d <= observed + 1e-9 for d in differences)]
    assert compare(*sides).p_seeds == pytest.approx(min(1.0, 2 * min(tails) / len(differences)), abs=1e-9)


def test_many_comparisons_at_once_are_those_one_after_the_other(monkeypatch):
    generator = numpy.random.default_rng(0)
    means = [[mean_of(generator.random(70).tolist()) for _ in range(6)] for _ in range(2)]
    scores = [[f1_statistic(generator.integers(0, 2, len(LABELS)).tolist()) for _ in range(6)] for _ in range(2)]
    pairs = [(runs[:seeds], runs[-seeds:]) for seeds in (1, 2, 3) for runs in means + scores]
    one_by_one = [compare(*pair, resamples=600) for pair in pairs]
    monkeypatch.setattr(statistics, "TOGETHER", 1)
    assert compare_all(pairs, resamples=600) == one_by_one
    monkeypatch.undo()
    assert compare_all(pairs, resamples=600) == one_by_one
    assert len({comparison.p_sentences for comparison in one_by_one}) > 2


def test_one_seed_says_nothing_about_seeds():
    comparison = compare([f1_statistic(LABELS)], [f1_statistic([0] * 7)])
    assert comparison.p_seeds is None
    assert comparison.p_value is None
    assert comparison.p_sentences == by_enumeration([LABELS], [[0] * 7])


def test_a_difference_between_lucky_seeds_is_not_significant():
    # Every sentence scores higher, and yet it is three runs of the same spread.
    sentences = numpy.linspace(0, 1, 40)
    first = [mean_of(sentences + shift) for shift in (0.0, 0.5, 1.0)]
    second = [mean_of(sentences + shift) for shift in (-0.1, 0.4, 0.9)]
    comparison = compare(first, second)
    assert comparison.p_sentences < 0.001
    assert comparison.p_seeds > 0.5
    assert comparison.p_value == comparison.p_seeds


def test_smallest_p():
    assert smallest_p(5) == pytest.approx(2 / 252)
    # It is the p of two groups that do not overlap.
    sides = [[mean_of([value]) for value in side] for side in ((1, 2, 3, 4), (5, 6, 7, 8))]
    assert compare(*sides).p_seeds == pytest.approx(smallest_p(4))


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=12))
def test_statistics_of_predictions_against_sklearn(pairs):
    label, prediction = (numpy.array(column) for column in zip(*pairs))
    stored = {"label": label, "prediction": prediction, "positive": numpy.array(1), "classes": numpy.array(list("abc"))}
    value = {
        metric: float(statistic.combine(statistic.columns.sum(axis=0)))
        for metric in ("f1", "macro_f1", "accuracy", "micro_f1")
        for statistic in [statistic_of(stored, metric)]
    }
    assert value["accuracy"] == value["micro_f1"] == pytest.approx(accuracy_score(label, prediction))
    assert value["f1"] == pytest.approx(f1_score(label == 1, prediction == 1, zero_division=0))
    macro = f1_score(label, prediction, labels=[0, 1, 2], average="macro", zero_division=0)
    assert value["macro_f1"] == pytest.approx(macro)


def test_scores_that_are_undefined_are_left_out():
    stored = {"label": numpy.zeros(3), "prediction": numpy.zeros(3), "score_pearson": numpy.array([0.5, math.nan, 0.1])}
    statistic = statistic_of(stored, "pearson")
    assert statistic.combine(statistic.columns.sum(axis=0)) == pytest.approx(0.3)
    assert statistic_of(stored, "iou_f1_macro") is None


FIRST, SECOND = [0.80, 0.82, 0.84, 0.85], [0.79, 0.79, 0.80, 0.86]


def test_the_effect_by_hand():
    found = effect(FIRST, SECOND)
    differences = [0.01, 0.03, 0.04, -0.01]
    mean = sum(differences) / 4
    error = math.sqrt(sum((value - mean) ** 2 for value in differences) / 3 / 4)
    assert found.seeds == 4
    assert found.difference == pytest.approx(mean)
    # t with 3 degrees of freedom: 3.182 (any table).
    assert (found.low, found.high) == pytest.approx((mean - 3.182446 * error, mean + 3.182446 * error))
    assert found.p_value == pytest.approx(ttest_rel(FIRST, SECOND).pvalue)
    variances = [sum((value - sum(side) / 4) ** 2 for value in side) / 3 for side in (FIRST, SECOND)]
    # Hedges' correction is nearly 1 - 3 / (4 m - 1), with m = 6 degrees of freedom.
    assert found.hedges_g == pytest.approx((1 - 3 / 23) * mean / math.sqrt(sum(variances) / 2), rel=2e-3)
    assert (found.low_both, found.high_both) == (None, None)


def test_seeds_that_show_no_spread():
    assert effect([0.5], [0.4])[2:] == (None,) * 7
    same = effect([0.1, 0.2, 0.3], [0.1, 0.2, 0.3])
    assert same.difference == 0 and same[2:] == (None,) * 7


def test_power_of_textbooks():
    # Cohen (1988) and G*Power: 34 pairs detect d = 0.5, 33 do not; ten pairs have a power of .803 for d = 1.
    assert detectable(33) / math.sqrt(34) < 0.5 < detectable(32) / math.sqrt(33)
    assert detectable(9, power=0.8031) / math.sqrt(10) == pytest.approx(1.0, abs=1e-3)
    # With many the normal distribution: 1.960 + 0.842.
    assert detectable(10**6) == pytest.approx(2.8016, abs=1e-3)


def test_power_by_simulation():
    generator, number = numpy.random.default_rng(0), 5
    draws = generator.normal(detectable(number - 1) / math.sqrt(number), 1, (20000, number))
    p_values = ttest_rel(draws, numpy.zeros_like(draws), axis=1).pvalue
    assert (p_values <= 0.05).mean() == pytest.approx(0.8, abs=0.01)
    assert effect([0.3, 0.1, 0.2], [0.0, 0.0, 0.0]).detectable == pytest.approx(detectable(2) * 0.1 / math.sqrt(3))


def simulated(generator, num_seeds=5, num_sentences=40):
    """Two techniques without a difference: both seeds and sentences suit the one or the other by chance."""
    sides = []
    shared = generator.normal(size=(num_seeds, num_sentences))
    for _ in range(2):
        seeds, sentences = generator.normal(size=(num_seeds, 1)), 4 * generator.normal(size=num_sentences)
        values = shared + 0.5 * seeds + sentences + generator.normal(size=(num_seeds, num_sentences))
        sides.append([mean_of(row) for row in values])
    return sides


def test_coverage_of_the_bootstrap_over_seeds_and_sentences():
    generator, covered = numpy.random.default_rng(0), {"seeds": 0, "both": 0}
    for _ in range(400):
        sides = simulated(generator)
        found = effect(*([values_of(each) for each in side] for side in sides), sides, resamples=200)
        covered["seeds"] += found.low <= 0 <= found.high
        covered["both"] += found.low_both <= 0 <= found.high_both
    assert 0.93 <= covered["both"] / 400 <= 0.98
    assert covered["seeds"] / 400 < 0.75, "other sentences would change the result"


def values_of(statistic):
    return float(statistic.combine(statistic.columns.sum(axis=0)))


def test_the_standard_error_by_drawing_one_after_the_other():
    sides = simulated(numpy.random.default_rng(1))
    generator, drawn = numpy.random.default_rng(2), []
    for _ in range(4000):
        sentences, seeds = generator.integers(0, 40, 40), generator.integers(0, 5, 4)
        means = [numpy.mean([side[seed].columns[sentences, 0].mean() for seed in seeds]) for side in sides]
        drawn.append(means[0] - means[1])
    found = standard_error(*sides, resamples=4000)
    assert found == pytest.approx(numpy.std(drawn), rel=0.05)
    assert standard_error(*sides, resamples=50) == standard_error(*sides, resamples=50)


def test_the_variance_over_seeds_is_unbiased():
    # All sentences of a run are alike: seeds alone matter.
    values = [0.3, -0.1, 0.4, 0.8]
    sides = [[mean_of([value] * 3) for value in side] for side in (values, [0.0] * 4)]
    expected = numpy.std(values, ddof=1) / 2
    assert standard_error(*sides, resamples=20000) == pytest.approx(expected, rel=0.03)
    found = effect(values, [0.0] * 4, sides, resamples=20000)
    assert found.low_both == pytest.approx(found.low, rel=0.1)
