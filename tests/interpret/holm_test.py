import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.interpret.holm import holm


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, None, 0.9]) == [1.0, None, 1.0]
    assert holm([0.02]) == [0.02]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_lies_between_the_p_values_and_bonferroni(p_values):
    adjusted = holm(p_values)
    for p, q in zip(p_values, adjusted):
        assert p <= q <= min(1.0, len(p_values) * p) + 1e-15
    order = numpy.argsort(p_values, kind="stable")
    assert all(adjusted[a] <= adjusted[b] for a, b in zip(order, order[1:]))
