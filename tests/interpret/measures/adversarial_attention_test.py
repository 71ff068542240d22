import math

import numpy
import pytest
import torch
from allennlp.common.checks import ConfigurationError
from scipy.spatial.distance import jensenshannon

from attention_vat.interpret import evaluate_attention
from attention_vat.interpret.measures import AdversarialAttention
from attention_vat.nn.distances import total_variation
from tests.interpret.made_up import batch_of, instance, instances, pair_instances
from tests.tiny import tiny_model, tiny_pair_model


def adversarial(**kwargs):
    return [{"type": "adversarial_attention", "num_adversaries": 3, "num_steps": 20, "learning_rate": 0.1, **kwargs}]


def literal_objective(formulation, weights, attention, changes, binary, epsilon):
    """
    Of one sentence, as it stands in the paper and in its code. `changes` are those of each class's probability, shape
    (K, C).
    """
    k = len(weights)
    divergence = lambda p, q: numpy.nan_to_num(jensenshannon(p, q)) ** 2  # noqa: E731
    value = -sum(divergence(row, attention) for row in weights)
    if formulation == "code":
        outputs = changes[:, 1:] if binary else changes
        value += 500 * sum(max(0.0, row.sum() - 0.01) for row in outputs)
        return value - numpy.mean([[divergence(a, b) for a in weights] for b in weights])
    value += 500 / k * sum(max(0.0, row.sum() / 2 - epsilon) for row in changes)
    pairs = [(i, j) for j in range(k) for i in range(j)]
    return value - sum(divergence(weights[i], weights[j]) for i, j in pairs) / (k * (k - 1))


@pytest.mark.parametrize("formulation", ["code", "paper"])
@pytest.mark.parametrize("num_labels", [2, 3])
def test_objective(formulation, num_labels):
    measure = AdversarialAttention(num_adversaries=4, formulation=formulation, epsilon=0.03)
    generator = torch.Generator().manual_seed(0)
    weights = torch.rand(2, 4, 5, generator=generator, dtype=torch.float64).softmax(-1)
    attention = torch.rand(2, 5, generator=generator, dtype=torch.float64).softmax(-1)
    probs = torch.rand(2, num_labels, generator=generator, dtype=torch.float64).softmax(-1)
    changed = (probs.unsqueeze(1) + torch.rand(2, 4, num_labels, generator=generator) * 0.2).softmax(-1)
    expected = sum(
        literal_objective(formulation, w.numpy(), a.numpy(), (c - p).abs().numpy(), num_labels == 2, 0.03)
        for w, a, c, p in zip(weights, attention, changed, probs)
    )
    difference = total_variation(changed, probs.unsqueeze(1))
    value = measure.objective(tiny_model(num_labels=num_labels), weights, attention, difference)
    assert float(value) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("model", "data"),
    [(tiny_model(), instances(4)), (tiny_pair_model(num_labels=3), pair_instances(3))],
)
def test_equals_the_search_for_each_sentence_alone(model, data):
    result = evaluate_attention(model, data, adversarial(num_steps=5), resamples=10)
    for index, (one, found) in enumerate(zip(data, result.sentences)):
        batch = batch_of(model, [one])
        noise = 3 * numpy.random.default_rng([13, index]).standard_normal((3, len(found.tokens)))
        scores = torch.tensor(noise, requires_grad=True)
        measure = AdversarialAttention(num_adversaries=3)
        optimizer = torch.optim.Adam([scores], lr=0.1, amsgrad=True)
        for step in range(6):
            rows = [model.decode(batch.clean.encoded, row.unsqueeze(0)) for row in scores]
            changed = model.probabilities(torch.cat(rows))
            weights, difference = scores.softmax(-1), total_variation(changed, batch.probs)
            if step == 5:
                break
            optimizer.zero_grad()
            measure.objective(model, weights.unsqueeze(0), batch.attention, difference.unsqueeze(0)).backward()
            optimizer.step()
        weights, difference = weights.detach().numpy(), difference.tolist()
        candidates = [(0.0, 0.0, found.attention)]
        for row, distance in zip(weights, difference):
            if distance <= 0.05:
                candidates.append((float(jensenshannon(row, found.attention) ** 2), distance, row.tolist()))
        largest = max(numpy.nan_to_num([candidate[0] for candidate in candidates]))
        assert found.scores["adversarial_jsd"] == pytest.approx(largest, abs=1e-8)
        best = next(candidate for candidate in candidates if abs(candidate[0] - largest) < 1e-12)
        assert found.scores["adversarial_difference"] == pytest.approx(best[1], abs=1e-8)
        assert found.words["adversarial_attention"] == pytest.approx(best[2], abs=1e-8)


@pytest.mark.parametrize("formulation", ["code", "paper"])
def test_stays_within_epsilon_and_moves_away(formulation):
    measures = adversarial(num_steps=60, formulation=formulation)
    result = evaluate_attention(tiny_model(), instances(5), measures, resamples=10)
    for found in result.sentences:
        assert 0 <= found.scores["adversarial_jsd"] <= math.log(2)
        assert found.scores["adversarial_difference"] <= 0.05
        assert sum(found.words["adversarial_attention"]) == pytest.approx(1)
        if len(found.tokens) == 1:
            assert found.scores["adversarial_jsd"] == pytest.approx(0, abs=1e-12)
    assert result.metrics["adversarial_jsd"].value > 0.1


def test_nothing_is_allowed_with_epsilon_0():
    result = evaluate_attention(tiny_model(), instances(3), adversarial(epsilon=0.0, num_steps=2), resamples=10)
    for found in result.sentences:
        assert found.scores["adversarial_jsd"] == pytest.approx(0, abs=1e-12)
        assert found.words["adversarial_attention"] == pytest.approx(found.attention)


def test_batches_change_nothing_and_a_sample_is_a_part():
    expected = evaluate_attention(tiny_model(), instances(8), adversarial(num_steps=5), resamples=10)
    found = evaluate_attention(
        tiny_model(), instances(8), adversarial(num_steps=5, sample=3), batch_tokens=10, resamples=10
    )
    looked_at = [pair for pair in zip(found.sentences, expected.sentences) if pair[0].words]
    assert len(looked_at) == 3
    for one, other in looked_at:
        assert one.scores["adversarial_jsd"] == pytest.approx(other.scores["adversarial_jsd"], abs=1e-8)


def test_sentences_without_words_and_parameters_of_the_model():
    model = tiny_model()
    data = [instance([], "1"), instance(["w1", "w2"], "0")]
    result = evaluate_attention(model, data, adversarial(num_steps=2), resamples=10)
    assert result.sentences[0].scores["adversarial_jsd"] is None
    assert result.metrics["adversarial_jsd"].undefined == 1
    assert all(parameter.grad is None for parameter in model.parameters())


def test_errors():
    with pytest.raises(ConfigurationError, match="formulation is 'other'"):
        AdversarialAttention(formulation="other")
    with pytest.raises(ConfigurationError, match="num_adversaries is 0"):
        AdversarialAttention(num_adversaries=0)
    with pytest.raises(ConfigurationError, match="epsilon is -0.1, but must not be negative"):
        AdversarialAttention(epsilon=-0.1)
    with pytest.raises(ConfigurationError, match="learning_rate is 0, but must be above 0"):
        AdversarialAttention(learning_rate=0)
