from itertools import combinations, product

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.plots.expected_performance import expected_best

# Ties included.
VALUES = st.lists(st.integers(0, 8).map(lambda number: number / 8), min_size=1, max_size=5)


def by_hand(values, with_replacement, best):
    """Every draw of `n` runs, one after another."""
    means, stds = [], []
    for number in range(1, len(values) + 1):
        draws = product(values, repeat=number) if with_replacement else combinations(values, number)
        results = [best(draw) for draw in draws]
        means.append(numpy.mean(results))
        stds.append(numpy.std(results))
    return means, stds


@pytest.mark.parametrize("with_replacement", [True, False])
@pytest.mark.parametrize(("mode", "best"), [("max", max), ("min", min)])
@given(values=VALUES)
def test_equals_the_enumeration_of_all_draws(with_replacement, mode, best, values):
    means, stds = by_hand(values, with_replacement, best)
    curve = expected_best(values, with_replacement, mode)
    numpy.testing.assert_allclose(curve.mean, means, atol=1e-12)
    numpy.testing.assert_allclose(curve.std, stds, atol=1e-7)


def test_two_runs():
    assert expected_best([1.0, 0.0]).mean.tolist() == [0.5, 0.75]
    assert expected_best([1.0, 0.0], with_replacement=False).mean == pytest.approx([0.5, 1.0])
    assert expected_best([1.0, 0.0], mode="min").mean.tolist() == [0.5, 0.25]


def test_many_runs_do_not_overflow():
    values = numpy.random.default_rng(0).normal(size=2000)
    for with_replacement in (True, False):
        curve = expected_best(values, with_replacement)
        assert curve.mean[0] == pytest.approx(values.mean())
        assert (numpy.diff(curve.mean) >= -1e-9).all()
        assert numpy.isfinite(curve.std).all()
    assert curve.mean[-1] == pytest.approx(values.max())
    assert curve.std[-1] == pytest.approx(0.0, abs=1e-5)
