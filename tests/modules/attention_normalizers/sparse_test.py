import sys

import pytest
import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.evaluation import evaluate_attention
from attention_vat.modules import AttentionNormalizer, Entmax15, Softmax, Sparsemax
from tests.interpret.made_up import instances
from tests.tiny import clean_pass, tiny_labels, tiny_model, tiny_tokens

MASK = torch.tensor([[True, True, True, False], [True, False, False, False], [False, False, False, False]])
SPARSE = ["sparsemax", "entmax15"]


def scores(seed=0):
    return torch.randn(3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)) * 0.7


def peaked_model(**options):
    """Scores so far from one another that some words have no weight."""
    model = tiny_model(**options)
    with torch.no_grad():
        model.scorer.context.weight.mul_(10)
    return model


def bisected(row, alpha, steps=200):
    """The weights (((alpha - 1) * score - tau)_+)^(1 / (alpha - 1)) whose sum is 1, by bisection of tau."""
    scaled = (alpha - 1) * row
    low, high = scaled.max() - 1, scaled.max()
    for _ in range(steps):
        tau = (low + high) / 2
        weights = (scaled - tau).clamp_min(0) ** (1 / (alpha - 1))
        low, high = (tau, high) if weights.sum() > 1 else (low, tau)
    return weights


@pytest.mark.parametrize(("normalizer", "alpha"), [(Sparsemax, 2.0), (Entmax15, 1.5)])
def test_equals_its_definition(normalizer, alpha):
    for seed in range(5):
        weights = normalizer()(scores(seed), MASK)
        torch.testing.assert_close(weights[0, :3], bisected(scores(seed)[0, :3], alpha))
        assert weights[1].tolist() == [1.0, 0.0, 0.0, 0.0]
        assert weights[2].tolist() == [0.0, 0.0, 0.0, 0.0]


def test_numbers_by_hand():
    given = torch.tensor([[0.5, 0.0, -2.0]])
    mask = torch.ones(1, 3, dtype=torch.bool)
    torch.testing.assert_close(Sparsemax()(given, mask), torch.tensor([[0.75, 0.25, 0.0]]))
    torch.testing.assert_close(Softmax()(given, mask), torch.softmax(given, 1))


@pytest.mark.parametrize("normalizer", [Softmax, Sparsemax, Entmax15])
def test_gradients_and_padding(normalizer):
    given = scores().requires_grad_()
    assert torch.autograd.gradcheck(lambda s: normalizer()(s, MASK), given)
    weights = normalizer()(given, MASK)
    (weights * scores(1)).sum().backward()
    assert given.grad[~MASK].abs().sum() == 0
    assert given.grad.isfinite().all()
    # Whatever padding scores, and however much there is.
    other = torch.cat([given.detach().masked_fill(~MASK, 1e6), torch.full((3, 2), -1e9, dtype=torch.float64)], 1)
    wide = torch.cat([MASK, torch.zeros(3, 2, dtype=torch.bool)], 1)
    torch.testing.assert_close(normalizer()(other, wide)[:, :4], weights.detach())
    assert normalizer()(torch.zeros(2, 0), torch.zeros(2, 0, dtype=torch.bool)).shape == (2, 0)


@pytest.mark.parametrize("normalizer", [Sparsemax, Entmax15])
def test_half_precision_is_computed_in_float32(normalizer):
    given = (20 + scores()).half()
    weights = normalizer()(given, MASK)
    assert weights.dtype == torch.float32
    torch.testing.assert_close(weights, normalizer()(given.float(), MASK))
    torch.testing.assert_close(weights.sum(1), torch.tensor([1.0, 1.0, 0.0]))


@pytest.mark.parametrize("name", SPARSE)
@pytest.mark.parametrize("technique", ["attention_at", "attention_vat", "attention_ivat", "attention_rp", "word_vat"])
def test_techniques(name, technique):
    model = peaked_model(normalizer=name, regularizers=[{"type": technique}]).train()
    output = model(tokens=tiny_tokens([6, 3, 1, 0]), label=tiny_labels(4))
    assert (output["attention"][0] == 0).any()
    torch.testing.assert_close(output["attention"].sum(1), torch.tensor([1.0, 1.0, 1.0, 0.0], dtype=torch.float64))
    output["loss"].backward()
    assert output["loss"].isfinite()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


@pytest.mark.parametrize("name", SPARSE)
def test_a_word_without_weight_has_no_perturbation(name):
    model = peaked_model(normalizer=name, regularizers=[{"type": "attention_vat"}]).train()
    clean = clean_pass(model, [6, 5])
    (regularizer,) = model.regularizers
    frozen = regularizer.target.frozen(clean)
    step = torch.zeros_like(clean.encoded.scores, requires_grad=True)
    logits = regularizer.target.logits(model, frozen, step)
    (gradient,) = torch.autograd.grad(logits.square().sum(), step)
    weights = model.attend(clean.encoded, clean.encoded.scores)
    assert gradient[weights == 0].abs().sum() == 0
    assert (weights == 0).any()


@pytest.mark.parametrize("name", SPARSE)
def test_all_measures(name):
    model = peaked_model(normalizer=name, dtype=torch.float32).eval()
    result = evaluate_attention(model, instances(), measures="all")
    numbers = [estimate.value for estimate in result.metrics.values()]
    assert numbers
    assert all(value is None or value == value for value in numbers)


def test_it_is_softmax_without_a_word(monkeypatch):
    assert isinstance(tiny_model().normalizer, Softmax)
    assert sorted(AttentionNormalizer.list_available()) == ["entmax15", "softmax", "sparsemax"]
    monkeypatch.setitem(sys.modules, "entmax", None)
    with pytest.raises(ConfigurationError, match="need the package entmax; run pip install entmax"):
        tiny_model(normalizer="sparsemax")
