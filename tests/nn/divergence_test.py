import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.nn.divergence import kl_divergence, log_probabilities, symmetric_kl

logits = st.floats(-60, 60, width=32)


def literal_kl(clean, perturbed):
    """Σ p (log p − log q) in float64, word for word."""
    p, q = torch.softmax(clean.double(), -1), torch.softmax(perturbed.double(), -1)
    return (p * (torch.log_softmax(clean.double(), -1) - torch.log_softmax(perturbed.double(), -1))).sum(-1), p, q


def test_known_numbers():
    # p = 1/2: KL = log 2 terms of a coin; q = sigmoid(log 3) = 3/4.
    expected = 0.5 * math.log(0.5 / 0.25) + 0.5 * math.log(0.5 / 0.75)
    assert kl_divergence(torch.tensor([[0.0]]), torch.tensor([[math.log(3)]])).item() == pytest.approx(expected)
    # p = (1/2, 1/2), q = (1/4, 3/4): the same as two classes.
    two = kl_divergence(torch.zeros(1, 2), torch.tensor([[0.0, math.log(3)]]))
    assert two.item() == pytest.approx(expected)


@given(st.lists(st.tuples(logits, logits), min_size=2, max_size=6))
def test_equals_the_literal_sum(pairs):
    clean, perturbed = torch.tensor(pairs, dtype=torch.float64).unbind(-1)
    expected = literal_kl(clean, perturbed)[0]
    assert kl_divergence(clean[None], perturbed[None]).item() == pytest.approx(expected.item(), rel=1e-9, abs=1e-13)


@given(logits, logits)
def test_a_single_logit_is_two_classes(clean, perturbed):
    single = kl_divergence(torch.tensor([[clean]]), torch.tensor([[perturbed]]))
    double = kl_divergence(torch.tensor([[0.0, clean]]), torch.tensor([[0.0, perturbed]]))
    assert single.item() == pytest.approx(double.item(), rel=1e-4, abs=1e-9)


@given(st.lists(st.tuples(logits, st.floats(-0.0078125, 0.0078125, width=32)), min_size=2, max_size=6))
def test_never_negative_and_precise_close_to_the_clean_prediction(pairs):
    clean, change = torch.tensor(pairs, dtype=torch.float32).unbind(-1)
    perturbed = clean + change
    divergence = kl_divergence(clean[None], perturbed[None])
    assert divergence.item() >= 0
    expected = literal_kl(clean, perturbed)[0].item()
    assert divergence.item() == pytest.approx(expected, rel=2e-2, abs=1e-11)


@pytest.mark.parametrize("num_logits", [1, 3])
@pytest.mark.parametrize("distance", [1e-4, 1.0, 4.0])
def test_gradient(num_logits, distance):
    torch.manual_seed(1)
    clean = torch.randn(4, num_logits, dtype=torch.float64)
    perturbed = (clean + distance * torch.randn_like(clean)).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: kl_divergence(clean, x), perturbed)


def test_gradient_is_the_difference_of_probabilities():
    clean, perturbed = torch.tensor([[0.3, -1.0, 2.0]]), torch.tensor([[0.5, 1.0, 1.0]], requires_grad=True)
    kl_divergence(clean, perturbed).sum().backward()
    torch.testing.assert_close(perturbed.grad, (perturbed.softmax(-1) - clean.softmax(-1)).detach())


def test_gradient_keeps_its_digits_close_to_the_clean_prediction():
    clean = torch.tensor([[1.5]])
    perturbed = torch.tensor([[1.5 + 2**-12]], requires_grad=True)
    kl_divergence(clean, perturbed).sum().backward()
    exact = torch.sigmoid(perturbed.double()) - torch.sigmoid(clean.double())
    assert perturbed.grad.item() == pytest.approx(exact.item(), rel=2e-3)


def test_no_gradient_reaches_the_clean_side():
    clean = torch.randn(2, 3, requires_grad=True)
    kl_divergence(clean, clean + 0.5 * torch.eye(3)[:2]).sum().backward()
    # Only through the perturbed side, as if the clean one were a number.
    expected = torch.softmax(clean + 0.5 * torch.eye(3)[:2], -1) - torch.softmax(clean, -1)
    torch.testing.assert_close(clean.grad, expected.detach())


def test_impossible_classes_contribute_nothing():
    clean = torch.tensor([[float("-inf"), 0.0, 1.0]])
    perturbed = torch.tensor([[float("-inf"), 1.0, 1.0]], requires_grad=True)
    divergence = kl_divergence(clean, perturbed)
    divergence.sum().backward()
    torch.testing.assert_close(divergence, kl_divergence(clean[:, 1:], perturbed[:, 1:].detach()))
    assert perturbed.grad[0, 0].item() == 0.0
    assert not perturbed.grad.isnan().any()


@pytest.mark.parametrize(
    "clean, perturbed", [([0.3], [math.nan]), ([0.3, 1.0], [math.nan, 1.0]), ([math.nan, 1.0], [0.0, 1.0])]
)
def test_what_is_no_number_does_not_pass_for_no_divergence(clean, perturbed):
    perturbed = torch.tensor([perturbed], requires_grad=True)
    divergence = kl_divergence(torch.tensor([clean]), perturbed)
    divergence.sum().backward()
    assert divergence.isnan().all() and perturbed.grad.isnan().any()


def test_a_class_that_was_impossible_has_its_gradient():
    clean, perturbed = torch.tensor([[-math.inf, 0.0]]), torch.tensor([[-1.0, 0.0]], requires_grad=True)
    kl_divergence(clean, perturbed).sum().backward()
    torch.testing.assert_close(perturbed.grad, perturbed.softmax(-1).detach() - torch.tensor([[0.0, 1.0]]))


def test_extreme_logits():
    assert kl_divergence(torch.tensor([[200.0]]), torch.tensor([[-200.0]])).item() == pytest.approx(200.0)
    assert kl_divergence(torch.tensor([[-200.0, 0.0]]), torch.tensor([[200.0, 0.0]])).item() == pytest.approx(200.0)
    assert kl_divergence(torch.tensor([[0.0, 500.0]]), torch.tensor([[0.0, 500.0]])).item() == 0.0


def test_log_probabilities_of_a_single_logit():
    probabilities = log_probabilities(torch.tensor([[0.0], [math.log(3)]])).exp()
    torch.testing.assert_close(probabilities, torch.tensor([[0.5, 0.5], [0.25, 0.75]]))


def test_the_symmetric_divergence_of_known_predictions():
    # Half of KL(1/2 ‖ 3/4) + KL(3/4 ‖ 1/2), which is half of (3/4 - 1/2) log 3.
    expected = 0.5 * 0.25 * math.log(3)
    assert symmetric_kl(torch.tensor([[0.0]]), torch.tensor([[math.log(3)]])).item() == pytest.approx(expected)
    two = symmetric_kl(torch.tensor([[0.0, math.log(3)]]), torch.zeros(1, 2))
    assert two.item() == pytest.approx(expected)
    impossible = torch.tensor([[0.0, math.log(3), -math.inf]], requires_grad=True)
    divergence = symmetric_kl(impossible, torch.tensor([[0.0, 0.0, -math.inf]]))
    assert divergence.item() == pytest.approx(expected)
    divergence.sum().backward()
    assert impossible.grad.isfinite().all()


def test_the_gradients_of_the_symmetric_divergence():
    logits = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    other = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(symmetric_kl, (logits, other))
    one = kl_divergence(logits.detach(), other.detach()) + kl_divergence(other.detach(), logits.detach())
    torch.testing.assert_close(symmetric_kl(logits, other).detach(), 0.5 * one)
