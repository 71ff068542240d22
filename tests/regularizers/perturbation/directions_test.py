import math

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.regularizers.perturbation import AttentionDifference, Directions, FreeDirections

NORMALIZATIONS = ["word", "sentence", "released"]


def literal_attention_difference(scores, loss_of, normalization):
    """
    Eq. 7-12 with the (T, T) matrix of weights and autograd, for one sentence without padding: the unit direction.
    """
    num_words = len(scores)
    difference = scores[:, None] - scores[None, :]
    length = difference.norm(dim=1, keepdim=True)
    unit = torch.where(length > 0, difference / length.clamp_min(1e-300), torch.zeros_like(difference))
    weights = torch.zeros(num_words, num_words, dtype=scores.dtype, requires_grad=True)
    loss = loss_of((weights * unit).sum(dim=1))
    (gradient,) = torch.autograd.grad(loss, weights)
    if normalization == "word":
        row = gradient.norm(dim=1, keepdim=True)
        gradient = torch.where(row > 0, gradient / row.clamp_min(1e-300), torch.zeros_like(gradient))
    norm = gradient.norm()
    adversarial = gradient / norm if norm > 0 else gradient
    return (adversarial * unit).sum(dim=1)


scores = st.lists(st.floats(-5, 5).map(lambda x: round(x, 3)), min_size=1, max_size=7)


@pytest.mark.parametrize("normalization", ["word", "sentence"])
@given(scores=scores, padding=st.integers(0, 3), seed=st.integers(0, 9))
def test_closed_form_equals_the_literal_construction(normalization, scores, padding, seed):
    torch.manual_seed(seed)
    point = torch.tensor(scores, dtype=torch.float64)
    slope = torch.randn(len(scores), dtype=torch.float64)

    expected = literal_attention_difference(point, lambda r: (slope * r).sum(), normalization)

    rubbish = torch.full((padding,), 7.0, dtype=torch.float64)
    mask = torch.tensor([[True] * len(scores) + [False] * padding])
    got = AttentionDifference(normalization).unit(
        torch.cat([slope, rubbish])[None], torch.cat([point, rubbish])[None], mask
    )
    torch.testing.assert_close(got[0, : len(scores)], expected, rtol=1e-9, atol=1e-9)
    assert got[0, len(scores) :].eq(0).all()


def test_known_numbers():
    gradient, point = torch.tensor([[3.0, -4.0, 0.0]]), torch.tensor([[1.0, 2.0, 3.0]])
    mask = torch.ones(1, 3, dtype=torch.bool)
    half = math.sqrt(0.5)
    for directions, expected in [
        (FreeDirections(), [0.6, -0.8, 0.0]),
        (AttentionDifference("sentence"), [0.6, -0.8, 0.0]),
        (AttentionDifference("word"), [half, -half, 0.0]),
        (AttentionDifference("released"), [-0.6, 0.8, 0.0]),
    ]:
        torch.testing.assert_close(directions.unit(gradient, point, mask), torch.tensor([expected]))


@pytest.mark.parametrize("directions", [FreeDirections(), *map(AttentionDifference, NORMALIZATIONS)])
def test_norm_padding_and_random_start(directions):
    torch.manual_seed(0)
    point, gradient = torch.randn(4, 6), torch.randn(4, 6) * 1e-20
    mask = torch.arange(6) < torch.tensor([[6], [2], [1], [0]])
    for direction in (directions.unit(gradient, point, mask), directions.random(point, mask)):
        norms = direction.norm(dim=1)
        expected = torch.tensor([1.0, 1.0, 1.0, 0.0])
        if isinstance(directions, AttentionDifference):
            expected[2] = 0.0  # one word has no difference to another
        torch.testing.assert_close(norms, expected, rtol=0, atol=1e-5)
        assert direction[~mask].eq(0).all()


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_equal_scores_are_not_moved(normalization):
    mask = torch.tensor([[True, True, True, False]])
    point = torch.tensor([[2.0, 2.0, 2.0, 5.0]])
    directions = AttentionDifference(normalization)
    assert directions.unit(torch.randn(1, 4), point, mask).eq(0).all()
    assert directions.random(point, mask).eq(0).all()


def test_the_random_start_is_the_same_for_every_technique():
    point, mask = torch.randn(3, 5, dtype=torch.float64), torch.ones(3, 5, dtype=torch.bool)
    starts = []
    for directions in (FreeDirections(), *map(AttentionDifference, NORMALIZATIONS)):
        torch.manual_seed(3)
        starts.append(directions.random(point, mask))
    assert all(torch.equal(starts[0], start) for start in starts)


def test_registered_names_and_errors():
    assert Directions.by_name("free") is FreeDirections
    assert Directions.by_name("attention_difference") is AttentionDifference
    with pytest.raises(ConfigurationError, match="'batch'.*'word', 'sentence', 'released'"):
        AttentionDifference("batch")
