import math

import pytest
import torch

from attention_vat.interpret import evaluate_attention
from attention_vat.interpret.measures.attention_shape import score_sensitivity
from attention_vat.nn.divergence import kl_divergence, log_probabilities
from attention_vat.regularizers import Regularizer
from tests.interpret.made_up import batch_of, instance, instances, pair_instances
from tests.tiny import tiny_model, tiny_pair_model


def test_two_classes_by_hand():
    """`p (1 − p) Σ a² (v − v̄)²`, with a linear decoder."""
    model = tiny_model().double()
    data = instances(6)
    result = evaluate_attention(model, data, "attention_shape", resamples=10)
    for one, found in zip(data, result.sentences):
        batch = batch_of(model, [one])
        a, v = batch.attention[0], batch.clean.encoded.values[0, :, 0]
        p, mean = float(batch.probs[0, 0]), float((a * v).sum())
        squares = [float(a[t] ** 2 * (v[t] - mean) ** 2) for t in range(len(a))]
        scores = found.scores
        assert scores["score_sensitivity"] == pytest.approx(p * (1 - p) * sum(squares))
        assert scores["value_variance"] == pytest.approx(sum(float((x - mean) ** 2) for x in v) / len(v))
        assert scores["attention_squares"] == pytest.approx(sum(float(x) ** 2 for x in a))
        if len(a) > 1:
            entropy = -sum(float(x) * math.log(float(x)) for x in a) / math.log(len(a))
            assert scores["attention_entropy"] == pytest.approx(entropy)
        else:
            assert scores["attention_entropy"] is None


@pytest.mark.parametrize("make", [tiny_model, tiny_pair_model])
@pytest.mark.parametrize("num_labels", [2, 3])
def test_sensitivity_is_the_largest_eigenvalue_of_the_hessian(make, num_labels):
    model = make(num_labels=num_labels).double()
    data = instances(5, num_labels=num_labels) if make is tiny_model else pair_instances(5, num_labels=num_labels)
    for one in data:
        batch = batch_of(model, [one])
        encoded, logits = batch.clean.encoded, batch.clean.logits

        def divergence(r, encoded=encoded, logits=logits):
            decoded = model.decode(encoded, encoded.scores + r)
            # kl_divergence can be differentiated once only.
            p, q = log_probabilities(logits), log_probabilities(decoded)
            return (p.exp() * (p - q)).sum()

        hessian = torch.autograd.functional.hessian(divergence, torch.zeros_like(encoded.scores))[0, :, 0]
        largest = torch.linalg.eigvalsh(hessian)[-1].clamp(min=0)
        assert score_sensitivity(model, batch)[0] == pytest.approx(float(largest), rel=1e-6, abs=1e-12)


def test_attention_vat_minimizes_it():
    """At a small epsilon the divergence that training sees is half of epsilon squared times the sensitivity."""
    model = tiny_model(num_labels=3).double()
    batch = batch_of(model, instances(6, num_labels=3))
    regularizer = Regularizer.by_name("attention_vat")(epsilon=1e-3, xi=1e-3, num_power_iterations=30)
    encoded = batch.clean.encoded
    r = regularizer.perturbation(model, batch.clean)
    divergence = kl_divergence(batch.clean.logits, model.decode(encoded, encoded.scores + r))
    expected = 0.5e-6 * score_sensitivity(model, batch)
    assert divergence.tolist() == pytest.approx(expected.tolist(), rel=2e-2)


def test_no_words():
    result = evaluate_attention(tiny_model(), [instance([]), instance(["w1"])], "attention_shape", resamples=10)
    assert [s.scores["attention_squares"] for s in result.sentences] == [None, pytest.approx(1.0)]
    assert [s.scores["score_sensitivity"] for s in result.sentences] == [None, pytest.approx(0.0, abs=1e-12)]
