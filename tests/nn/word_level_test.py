import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings

from attention_vat.nn import conicity, mean_over_words, tying_distances

LENGTHS = [4, 1, 0, 3]


def states(seed=0, dim=5, width=4):
    generator = torch.Generator().manual_seed(seed)
    mask = torch.arange(width) < torch.tensor(LENGTHS).unsqueeze(1)
    return torch.randn(4, width, dim, dtype=torch.float64, generator=generator), mask


def literal_conicity(hidden, length, absolute):
    if not length:
        return 0.0
    mean = sum(hidden[:length]) / length
    cosines = [float(state @ mean / (state.norm() * mean.norm())) for state in hidden[:length]]
    return sum(abs(cosine) if absolute else cosine for cosine in cosines) / length


def test_numbers_by_hand():
    hidden = torch.tensor([[[3.0, 4.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]])
    words = torch.tensor([[[0.0, 0.0], [0.0, 3.0]], [[1.0, 0.0], [0.0, 0.0]]])
    assert tying_distances(hidden, words).tolist() == [[25.0, 4.0], [0.0, 1.0]]
    assert tying_distances(hidden, words, squared=False).tolist() == [[5.0, 2.0], [0.0, 1.0]]
    mask = torch.tensor([[True, True], [True, False]])
    assert mean_over_words(tying_distances(hidden, words), mask).tolist() == [14.5, 0.0]
    # The mean of (1, 0) and (0, 1) is at 45 degrees to both; one word points where the mean points.
    assert conicity(hidden, torch.ones(2, 2, dtype=torch.bool))[1].item() == pytest.approx(0.5**0.5)
    assert conicity(hidden, mask)[1].item() == 1.0


@pytest.mark.parametrize("absolute", [True, False])
def test_equals_a_literal_version(absolute):
    hidden, mask = states()
    expected = [literal_conicity(row, length, absolute) for row, length in zip(hidden, LENGTHS)]
    torch.testing.assert_close(conicity(hidden, mask, absolute), torch.tensor(expected, dtype=torch.float64))
    assert (expected[0] != abs(expected[0])) or absolute or min(expected) >= 0


@pytest.mark.parametrize("absolute", [True, False])
def test_gradients(absolute):
    hidden, mask = states()
    hidden.requires_grad_()
    assert torch.autograd.gradcheck(lambda h: conicity(h, mask, absolute), hidden)
    words = states(1)[0].requires_grad_()
    assert torch.autograd.gradcheck(lambda h, w: tying_distances(h, w, absolute), (hidden, words))
    (gradient,) = torch.autograd.grad(conicity(hidden, mask, absolute).sum(), hidden)
    assert gradient[~mask].abs().max() == 0
    assert gradient[1].abs().max() < 1e-15, "one word"


def test_states_of_zero_have_no_direction():
    hidden = torch.zeros(2, 3, 4, dtype=torch.float64)
    hidden[1, 0, 0] = 2.0
    hidden.requires_grad_()
    values = conicity(hidden, torch.ones(2, 3, dtype=torch.bool))
    assert values.tolist() == [0.0, pytest.approx(1 / 3)]
    values.sum().backward()
    assert hidden.grad.isfinite().all()
    assert hidden.grad.abs().max() < 1
    hidden.grad = None
    tying_distances(hidden, torch.zeros_like(hidden), squared=False).sum().backward()
    assert hidden.grad.isfinite().all()


@given(st.integers(0, 1000), st.floats(1e-3, 1e3), st.integers(4, 7))
@settings(max_examples=30, deadline=None)
def test_scale_and_padding_change_nothing(seed, scale, width):
    hidden, mask = states(seed)
    values = conicity(hidden, mask)
    assert ((values >= 0) & (values <= 1 + 1e-12)).all()
    torch.testing.assert_close(conicity(hidden * scale, mask), values)
    wide = torch.cat([hidden, torch.randn(4, width - 4, 5, dtype=torch.float64)], dim=1)
    torch.testing.assert_close(conicity(wide, torch.arange(width) < torch.tensor(LENGTHS).unsqueeze(1)), values)
