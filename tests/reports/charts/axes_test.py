from hypothesis import given
from hypothesis import strategies as st

from attention_vat.reports.charts import Axes, ticks


def test_ticks_are_round():
    assert ticks(0, 0.69) == [0.0, 0.2, 0.4, 0.6]
    assert ticks(-1, 1, 5) == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert ticks(0, 5, 7) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert ticks(2, 2) == [2]


@given(st.floats(-1e3, 1e3), st.floats(1e-4, 1e3), st.integers(3, 9))
def test_ticks_lie_within_and_are_few(low, length, most):
    high = low + length
    found = ticks(low, high, most)
    assert 1 <= len(found) <= most
    slack = 1e-6 * length
    assert all(low - slack <= tick <= high + slack for tick in found)
    steps = {round((b - a) / length, 6) for a, b in zip(found, found[1:])}
    assert len(steps) <= 1 or max(steps) - min(steps) < 1e-4


def test_values_become_places():
    axes = Axes((-1, 1), (0, 10))
    assert axes.x(-1) == axes.left
    assert axes.x(0) == (axes.left + axes.right) / 2
    # Up is a smaller number.
    assert (axes.y(0), axes.y(10)) == (axes.bottom, axes.top)
