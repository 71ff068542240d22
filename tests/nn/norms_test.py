import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.nn.norms import sentence_norm, unit_norm


def test_known_numbers():
    torch.testing.assert_close(unit_norm(torch.tensor([[3.0, 4.0]])), torch.tensor([[0.6, 0.8]]))
    torch.testing.assert_close(sentence_norm(torch.tensor([[3.0, 4.0], [0.0, 2.0]])), torch.tensor([5.0, 2.0]))


@given(
    st.lists(st.floats(-1, 1, width=32).filter(lambda x: x == 0 or abs(x) > 1e-3), min_size=1, max_size=9),
    st.integers(-36, 36),
)
def test_norm_is_one_at_every_scale(values, exponent):
    gradient = torch.tensor([values], dtype=torch.float32) * 10.0**exponent
    norm = unit_norm(gradient).norm().item()
    assert norm == pytest.approx(1.0 if gradient.abs().max() > 0 else 0.0, abs=1e-5)


def test_zero_gives_zero_and_neighbours_do_not_matter():
    batch = unit_norm(torch.tensor([[0.0, 0.0], [1e-30, 0.0], [1e30, 1e30]]))
    assert batch[0].tolist() == [0.0, 0.0]
    assert batch[1].tolist() == [1.0, 0.0]
    torch.testing.assert_close(batch[2], torch.tensor([0.5, 0.5]).sqrt())


def test_the_norm_is_over_words_and_dimensions():
    words = unit_norm(torch.randn(3, 4, 5))
    torch.testing.assert_close(sentence_norm(words), torch.ones(3))


@pytest.mark.parametrize("shape", [(0, 4), (2, 0)])
def test_empty_batches(shape):
    assert unit_norm(torch.zeros(*shape)).shape == shape
