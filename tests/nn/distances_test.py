import math

import numpy
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

from attention_vat.nn.distances import jensen_shannon, relative_entropy, total_variation


@st.composite
def two_distributions(draw):
    """Of one to six entries, with zeros, alike or not."""
    size = draw(st.integers(1, 6))
    weights = st.lists(st.sampled_from([0.0, 1e-9, 0.1, 0.5, 1.0, 3.0]), min_size=size, max_size=size)
    both = numpy.array([draw(weights.filter(any)), draw(weights.filter(any))])
    return both / both.sum(axis=1, keepdims=True)


@given(two_distributions())
def test_equal_scipy_and_numpy(both):
    p, q = torch.from_numpy(both)
    # scipy's is a distance: the root of the divergence. Rounding may leave it NaN where p = q.
    expected = numpy.nan_to_num(jensenshannon(*both)) ** 2
    assert float(jensen_shannon(p, q)) == pytest.approx(expected, abs=1e-12)
    assert float(total_variation(p, q)) == pytest.approx(numpy.abs(both[0] - both[1]).sum() / 2)


@given(two_distributions())
def test_symmetric_and_bounded(both):
    p, q = torch.from_numpy(both)
    for distance, most in ((jensen_shannon, math.log(2)), (total_variation, 1.0)):
        assert float(distance(p, q)) == pytest.approx(float(distance(q, p)), abs=1e-12)
        assert float(distance(p, p)) == 0
        assert 0 <= float(distance(p, q)) <= most + 1e-12


def test_known_values():
    apart = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    assert float(jensen_shannon(*apart)) == pytest.approx(0.693147, abs=1e-6)
    assert float(total_variation(*apart)) == 1
    assert float(total_variation(torch.tensor([0.2, 0.8]), torch.tensor([0.5, 0.5]))) == pytest.approx(0.3)


def test_shapes_broadcast():
    p, q = torch.rand(3, 1, 4).softmax(-1), torch.rand(2, 4).softmax(-1)
    assert jensen_shannon(p, q).shape == total_variation(p, q).shape == (3, 2)
    assert jensen_shannon(p[:, :, :0], q[:, :0]).tolist() == [[0, 0]] * 3


def test_gradient():
    p = torch.rand(3, 5, dtype=torch.float64).softmax(-1).requires_grad_()
    q = torch.rand(3, 5, dtype=torch.float64).softmax(-1)
    assert torch.autograd.gradcheck(lambda x: jensen_shannon(x, q), [p])
    # Zeros on either side give no NaN.
    p = torch.tensor([1.0, 0.0, 0.0]).requires_grad_()
    jensen_shannon(p, torch.tensor([0.0, 1.0, 0.0])).backward()
    assert torch.isfinite(p.grad).all()


@given(two_distributions())
def test_relative_entropy(both):
    p, q = torch.from_numpy(both)
    assert float(relative_entropy(p, p)) == 0
    assert float(relative_entropy(p, q)) == pytest.approx(entropy(*both.clip(numpy.finfo(float).tiny)), abs=1e-9)
    assert float(relative_entropy(p, q)) >= -1e-12


def test_relative_entropy_of_zeros():
    half = torch.tensor([0.5, 0.5])
    one = torch.tensor([1.0, 0.0]).requires_grad_()
    assert float(relative_entropy(one, half)) == pytest.approx(math.log(2))
    divergence = relative_entropy(one, torch.tensor([0.0, 1.0]))
    divergence.backward()
    assert float(divergence) > 80
    assert torch.isfinite(one.grad).all()
    assert relative_entropy(torch.rand(3, 1, 4), torch.rand(2, 4)).shape == (3, 2)
    p = torch.rand(3, 5, dtype=torch.float64).softmax(-1).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: relative_entropy(x, torch.ones_like(x) / 5), [p])
