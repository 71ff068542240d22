import math

import pytest
from sklearn import metrics

from attention_vat.interpret import evaluate_attention
from tests.interpret.made_up import batch_of, instance, instances, pair_instances
from tests.tiny import tiny_model, tiny_pair_model


@pytest.mark.parametrize(
    ("model", "data"),
    [
        (tiny_model(), instances(20)),
        (tiny_model(num_labels=3), instances(20, num_labels=3)),
        (tiny_pair_model(num_labels=3), pair_instances(6)),
    ],
)
def test_equals_the_mean_of_the_words(model, data):
    result = evaluate_attention(model, data, "uniform", resamples=10)
    for one, found in zip(data, result.sentences):
        batch = batch_of(model, [one])
        # Attention is linear in the values: the mean of the values as the only word has the same logits.
        encoded = batch.clean.encoded
        mean = encoded._replace(
            values=encoded.values.mean(dim=1, keepdim=True), scores=encoded.scores[:, :1], mask=encoded.mask[:, :1]
        )
        probs = model.probabilities(model.decode(mean, mean.scores))[0].detach()
        assert found.predictions["uniform"] == model.labels[int(probs.argmax())]
        assert found.scores["uniform_difference"] == pytest.approx(float((probs - batch.probs[0]).abs().sum() / 2))
        share = 1 / len(found.attention)
        expected = sum(
            weight * math.log(2 * weight / (weight + share)) + share * math.log(2 * share / (weight + share))
            for weight in found.attention
        )
        assert found.scores["uniform_jsd"] == pytest.approx(expected / 2, abs=1e-12)
    gold, predicted = [s.label for s in result.sentences], [s.predictions["uniform"] for s in result.sentences]
    assert result.metrics["accuracy_uniform"].value == pytest.approx(metrics.accuracy_score(gold, predicted))
    name, options = ("f1_uniform", {"pos_label": "1"})
    if len(model.labels) > 2:
        name, options = "macro_f1_uniform", {"average": "macro", "labels": model.labels}
    expected = metrics.f1_score(gold, predicted, zero_division=0, **options)
    assert result.metrics[name].value == pytest.approx(expected)
    own = result.metrics[name.replace("_uniform", "")].value
    assert result.metrics[f"{name}_change"].value == pytest.approx(expected - own)


def test_a_model_with_the_uniform_scorer_is_the_same():
    result = evaluate_attention(tiny_model(scorer="uniform"), instances(8), "uniform,correlation", resamples=10)
    for found in result.sentences:
        assert found.predictions["uniform"] == found.prediction
        assert found.scores["uniform_difference"] == pytest.approx(0, abs=1e-12)
        assert found.scores["pearson"] is None


def test_no_words_and_no_labels():
    data = [instance([]), instance(["w1", "w2"])]
    result = evaluate_attention(tiny_model(), data, "uniform", resamples=10)
    assert result.sentences[0].scores["uniform_jsd"] is None
    assert result.metrics["uniform_jsd"].undefined == 1
    assert "accuracy_uniform" not in result.metrics
