import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from attention_vat.nn import kl_divergence
from attention_vat.regularizers.perturbation import AttentionDifference, FreeDirections
from attention_vat.regularizers.regularizer import Regularizer
from tests.tiny import clean_pass, tiny_labels, tiny_model, tiny_tokens

# What `every_technique_test` leaves out: settings other than the defaults.
TECHNIQUES = [
    {"type": "attention_vat", "epsilon": 2.0, "num_power_iterations": 3},
    {"type": "attention_ivat", "epsilon": 2.0, "normalization": "sentence"},
    {"type": "attention_ivat", "epsilon": 2.0, "normalization": "released"},
]


def regularizer(config):
    return Regularizer.from_params(Params(dict(config)))


@pytest.fixture
def fixed_start(monkeypatch):
    """A start that depends on the word's position alone, so that batches of different shape can be compared."""

    def start(self, point, mask):
        waves = torch.cos(torch.arange(point.size(1), dtype=point.dtype) * 1.7 + 0.3).expand_as(point) * mask
        return self.unit(waves, point, mask)

    monkeypatch.setattr(FreeDirections, "random", start)
    monkeypatch.setattr(AttentionDifference, "random", start)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("num_labels", [2, 4])
@pytest.mark.parametrize("config", TECHNIQUES)
def test_norm_is_epsilon_and_padding_is_zero(config, num_labels, dtype):
    model = tiny_model(num_labels=num_labels, dtype=dtype)
    clean = clean_pass(model, [7, 2, 5, 1, 0])
    perturbation = regularizer(config).perturbation(model, clean)
    expected = torch.tensor([2.0, 2.0, 2.0, 0.0, 0.0], dtype=dtype)  # one word: attention is 1 whatever its score
    torch.testing.assert_close(perturbation.norm(dim=1), expected, rtol=0, atol=1e-5)
    assert perturbation[~clean.encoded.mask].eq(0).all()
    assert not perturbation.requires_grad


@pytest.mark.parametrize("config", TECHNIQUES)
def test_a_sentence_does_not_depend_on_padding_or_neighbours(config, fixed_start):
    model = tiny_model()
    together = regularizer(config).perturbation(model, clean_pass(model, [3, 9, 1, 6], width=14))
    for row, length in enumerate([3, 9, 1, 6]):
        tokens = {"tokens": {"tokens": tiny_tokens([3, 9, 1, 6])["tokens"]["tokens"][row : row + 1, :length]}}
        alone = regularizer(config).perturbation(model, model.clean_pass(tokens_of(tokens)))
        torch.testing.assert_close(together[row, :length], alone[0], rtol=1e-9, atol=1e-12)


def tokens_of(field):
    return {"tokens": field}


@pytest.mark.parametrize("config", TECHNIQUES)
def test_equal_scores(config):
    model = tiny_model()
    with torch.no_grad():
        model.scorer.context.weight.zero_()
    perturbation = regularizer(config).perturbation(model, clean_pass(model, [4, 3]))
    expected = 0.0 if config["type"] == "attention_ivat" else 2.0
    torch.testing.assert_close(perturbation.norm(dim=1), torch.full((2,), expected, dtype=torch.float64))


@pytest.mark.parametrize("config", TECHNIQUES)
def test_zero_gradient_gives_zero_and_no_nan(config):
    model = tiny_model(regularizers=[config])
    with torch.no_grad():
        model.decoder.weight.zero_()  # the prediction does not depend on attention
    clean = clean_pass(model, [4, 3])
    assert regularizer(config).perturbation(model, clean).eq(0).all()
    loss = regularizer(config)(model, [clean])
    loss.backward()
    assert loss.item() == 0.0
    assert all(parameter.grad is None or parameter.grad.isfinite().all() for parameter in model.parameters())


def test_literal_ivat_by_the_matrix_of_weights(fixed_start):
    """Attention iVAT against Eq. 7-12 with autograd through the (T, T) matrix, on a real model."""
    from tests.regularizers.perturbation.directions_test import literal_attention_difference

    model = tiny_model()
    clean = clean_pass(model, [6])
    scores = clean.encoded.scores[0].detach()
    for normalization in ("word", "sentence"):
        config = {"type": "attention_ivat", "epsilon": 2.0, "normalization": normalization}
        technique = regularizer(config)
        start = technique.directions.random(scores[None], clean.encoded.mask)

        def loss_of(r, start=start):
            frozen = clean.encoded._replace(values=clean.encoded.values.detach())
            moved = model.decode(frozen, scores[None] + 0.1 * start + r[None])
            return kl_divergence(clean.logits, moved).sum()

        expected = 2.0 * literal_attention_difference(scores, loss_of, normalization)
        torch.testing.assert_close(technique.perturbation(model, clean)[0], expected, rtol=1e-7, atol=1e-9)


def test_ivat_with_one_norm_over_the_sentence_is_vat_bit_for_bit():
    losses, gradients = [], []
    for config in ({"type": "attention_vat"}, {"type": "attention_ivat", "normalization": "sentence"}):
        model = tiny_model(regularizers=[config], seed=4)
        model.train()
        torch.manual_seed(11)
        loss = model(tokens=tiny_tokens([5, 3, 4]), label=tiny_labels(3))["loss"]
        loss.backward()
        losses.append(loss.item())
        gradients.append(torch.cat([parameter.grad.flatten() for parameter in model.parameters()]))
    assert losses[0] == losses[1]
    assert torch.equal(*gradients)


def test_the_loss_is_a_mean_over_labeled_and_unlabeled_sentences(fixed_start):
    model = tiny_model()
    technique = regularizer({"type": "attention_vat"})
    labeled, unlabeled = clean_pass(model, [5, 3]), clean_pass(model, [4, 6, 2], labeled=False, seed=1)
    parts = [technique(model, [part]).item() for part in (labeled, unlabeled)]
    technique.means.read(reset=True)
    assert technique(model, [labeled, unlabeled]).item() == pytest.approx((2 * parts[0] + 3 * parts[1]) / 5)
    watched = technique.means.read(reset=True)
    assert watched["kl_labeled"] == pytest.approx(parts[0])
    assert watched["kl_unlabeled"] == pytest.approx(parts[1])
    assert watched["unlabeled_share"] == pytest.approx(3 / 5)
    assert watched["perturbation_norm"] == pytest.approx(5.0)


def test_configuration():
    technique = regularizer(
        {"type": "attention_ivat", "epsilon": 3, "weight": 0.5, "xi": 0.2, "num_power_iterations": 2}
    )
    assert isinstance(technique.directions, AttentionDifference)
    assert (technique.epsilon, technique.weight) == (3, 0.5)
    assert (technique.objective.xi, technique.objective.num_power_iterations) == (0.2, 2)
    general = regularizer({"type": "perturbation", "directions": {"type": "attention_difference"}, "epsilon": 1})
    assert isinstance(general.directions, AttentionDifference)
    assert "AttentionDifference, epsilon=1" in repr(general)
    for wrong, message in [({"epsilon": -1}, "epsilon is -1"), ({"weight": -0.5}, "weight is -0.5")]:
        with pytest.raises(ConfigurationError, match=message):
            regularizer({"type": "attention_vat", **wrong})
