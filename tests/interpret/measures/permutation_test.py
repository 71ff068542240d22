import itertools

import numpy
import pytest
import sklearn.metrics
import torch

from attention_vat.interpret import evaluate_attention
from attention_vat.interpret.measures.permutation import permuted
from tests.interpret.made_up import batch_of, instance, instances, pair_instances
from tests.tiny import tiny_model, tiny_pair_model


@pytest.mark.parametrize(
    ("model", "data"),
    [(tiny_model(), instances(5)), (tiny_pair_model(num_labels=3), pair_instances(5))],
)
def test_equals_the_median_over_the_same_permutations(model, data):
    model.eval()
    result = evaluate_attention(model, data, [{"type": "permutation", "num_permutations": 6}], resamples=10)
    for index, (one, found) in enumerate(zip(data, result.sentences)):
        batch, distances = batch_of(model, [one]), []
        keys = numpy.random.default_rng([13, index]).random((6, len(found.tokens)))
        for order in keys.argsort(axis=1):
            encoded = batch.clean.encoded
            scores = encoded.scores[:, torch.from_numpy(order.copy())]
            probs = model.probabilities(model.decode(encoded, scores)).detach()
            distances.append(float((probs - batch.probs).abs().sum() / 2))
        assert found.scores["permutation_difference"] == pytest.approx(numpy.median(distances), abs=1e-12)
        assert found.scores["max_attention"] == pytest.approx(max(found.attention))


def test_every_order_comes_and_boundaries_stay():
    model = tiny_model(boundary_tokens=1)
    batch = batch_of(model, [instance(["w0", "w1", "w2", "w3", "w4"], "1"), instance(["w0", "w1", "w2"], "0")])
    scores = torch.arange(10.0).view(2, 5)
    seen = permuted(scores, batch, 200)
    first = {tuple(row) for row in seen[:, batch.texts.index(batch.texts[0])].tolist()}
    assert first == {(0.0, *middle, 4.0) for middle in itertools.permutations([1.0, 2.0, 3.0])}
    assert {tuple(row) for row in seen[:, 1].tolist()} == {(5.0, 6.0, 7.0, 8.0, 9.0)}


def test_seeded_per_sentence():
    measures = [{"type": "permutation", "num_permutations": 3}]
    first = evaluate_attention(tiny_model(), instances(9), measures, resamples=10)
    again = evaluate_attention(tiny_model(), instances(9), measures, resamples=10, batch_tokens=12)
    other = evaluate_attention(tiny_model(), instances(9), measures, resamples=10, seed=1)
    differences = [[s.scores["permutation_difference"] for s in result.sentences] for result in (first, again, other)]
    assert differences[0] == pytest.approx(differences[1], abs=1e-12)
    assert differences[0] != pytest.approx(differences[2], abs=1e-6)


def test_one_word_and_none():
    result = evaluate_attention(tiny_model(), [instance(["w1"], "1"), instance([], "0")], "permutation", resamples=10)
    assert result.sentences[0].scores["permutation_difference"] == pytest.approx(0, abs=1e-12)
    assert result.sentences[1].scores["permutation_difference"] is None
    assert result.metrics["permutation_difference"].undefined == 1


@pytest.mark.parametrize("num_labels", [2, 3])
def test_scores_with_permuted_attention(num_labels):
    model = tiny_model(num_labels=num_labels, seed={2: 3, 3: 8}[num_labels]).eval()
    data = instances(20, num_labels=num_labels)
    result = evaluate_attention(model, data, [{"type": "permutation", "num_permutations": 7}], resamples=10)
    gold, predicted = [], []
    for index, (one, found) in enumerate(zip(data, result.sentences)):
        encoded = batch_of(model, [one]).clean.encoded
        for order in numpy.random.default_rng([13, index]).random((7, len(found.tokens))).argsort(axis=1):
            probs = model.probabilities(model.decode(encoded, encoded.scores[:, torch.from_numpy(order.copy())]))
            predicted.append(model.labels[int(probs.argmax())])
            gold.append(found.label)
    metrics = result.metrics
    accuracy = sklearn.metrics.accuracy_score(gold, predicted)
    assert metrics["accuracy_permuted"].value == pytest.approx(accuracy)
    assert metrics["accuracy_permuted_change"].value == pytest.approx(accuracy - metrics["accuracy"].value)
    name, options = ("f1", {"pos_label": "1"}) if num_labels == 2 else ("macro_f1", {"average": "macro"})
    f1 = sklearn.metrics.f1_score(gold, predicted, zero_division=0, **options)
    assert metrics[f"{name}_permuted"].value == pytest.approx(f1)
    assert metrics[f"{name}_permuted_change"].value == pytest.approx(f1 - metrics[name].value)
    assert predicted != [found.prediction for found in result.sentences for _ in range(7)]
