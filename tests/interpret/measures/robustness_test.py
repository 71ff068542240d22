import pytest
import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret import evaluate_attention
from attention_vat.interpret.measures import Robustness
from attention_vat.nn.distances import jensen_shannon
from tests.interpret.made_up import batch_of, instance, instances, pair_instances
from tests.tiny import tiny_model, tiny_pair_model

EPSILONS = [2.0, 0.5]


def literal_pass(model, batch, target, epsilon):
    """The worst direction by automatic differentiation of the one sentence, and what the model says there."""
    clean, predicted = batch.clean, int(batch.probs[0].argmax())

    def encoded_at(r):
        if target == "scores":
            return clean.encoded._replace(scores=clean.encoded.scores + r)
        return model.encode(clean.embedded._replace(words=clean.embedded.words + r))

    r = torch.zeros_like(clean.encoded.scores if target == "scores" else clean.embedded.words).requires_grad_()
    encoded = encoded_at(r)
    loss = -model.probabilities(model.decode(encoded, encoded.scores))[0, predicted].log()
    (gradient,) = torch.autograd.grad(loss, r)
    norm = gradient.norm()
    with torch.no_grad():
        encoded = encoded_at(epsilon * gradient / norm if norm > 0 else 0 * gradient)
        return model.probabilities(model.decode(encoded, encoded.scores))[0], model.attend(encoded, encoded.scores)[0]


@pytest.mark.parametrize(
    ("model", "data"),
    [
        (tiny_model(), instances(6)),
        (tiny_model(num_labels=3), instances(6, num_labels=3)),
        (tiny_pair_model(num_labels=3), pair_instances(6)),
    ],
)
def test_equals_each_sentence_alone(model, data):
    result = evaluate_attention(model, data, [{"type": "robustness", "epsilons": EPSILONS}], resamples=10)
    for one, found in zip(data, result.sentences):
        batch = batch_of(model, [one])
        for target in ("scores", "embeddings"):
            for point, epsilon in enumerate([0.0, 0.5, 2.0]):
                probs, attention = literal_pass(model, batch, target, epsilon)
                guess = model.labels[int(probs.argmax())]
                assert found.series[f"{target}_accuracy"][point] == float(guess == found.label)
                difference = float((probs - batch.probs[0]).abs().sum() / 2)
                assert found.series[f"{target}_difference"][point] == pytest.approx(difference, abs=1e-9)
                divergence = float(jensen_shannon(attention, batch.attention[0]))
                assert found.series[f"{target}_attention_jsd"][point] == pytest.approx(divergence, abs=1e-9)
                moved = float((attention - batch.attention[0]).abs().sum() / 2)
                assert found.series[f"{target}_attention_tvd"][point] == pytest.approx(moved, abs=1e-9)


def test_curves_are_means_with_intervals():
    data = [*instances(8), instance(["w1", "w2"])]
    result = evaluate_attention(tiny_model(), data, [{"type": "robustness", "epsilons": EPSILONS}], resamples=30)
    assert len(result.curves) == 8
    for name, curve in result.curves.items():
        assert (curve.x_name, curve.x) == ("epsilon", [0.0, 0.5, 2.0])
        for number, point in enumerate(curve.points):
            values = [s.series[name][number] for s in result.sentences]
            defined = [value for value in values if value is not None]
            assert point.value == pytest.approx(sum(defined) / len(defined))
            # One sentence has no label.
            assert point.undefined == (1 if name.endswith("accuracy") else 0)
            assert point.low <= point.value + 1e-12 and point.value <= point.high + 1e-12
    assert result.curves["scores_accuracy"].points[0].value == pytest.approx(result.metrics["accuracy"].value)
    # The first-order worst direction does harm.
    difference = result.curves["embeddings_difference"].points
    assert difference[0].value == pytest.approx(0, abs=1e-12)
    assert difference[1].value > 0


def test_without_labels_there_is_no_accuracy():
    result = evaluate_attention(tiny_model(), [instance(["w1", "w2"]), instance([])], "robustness", resamples=10)
    assert "scores_accuracy" not in result.curves
    assert result.curves["scores_difference"].x == [0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0]


def test_global_generators_and_gradients_are_left_alone():
    model = tiny_model()
    state = torch.get_rng_state()
    evaluate_attention(model, instances(4), "robustness", resamples=10)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize(
    ("epsilons", "message"),
    [
        ([0.5, -1.0], r"epsilons are \[0.5, -1.0\], but must be one or more finite numbers of at least 0"),
        ([], r"epsilons are \[\], but must be one or more finite numbers"),
        ([float("nan")], r"epsilons are \[nan\], but must be one or more finite numbers"),
        ([float("inf")], r"epsilons are \[inf\], but must be one or more finite numbers"),
        ([1, 0.5, 1.0], r"epsilons are \[1, 0.5, 1.0\], but each one may be given only once"),
    ],
)
def test_bad_epsilons(epsilons, message):
    with pytest.raises(ConfigurationError, match=message):
        Robustness(epsilons)
    assert Robustness([0.0, 1.0]).epsilons == Robustness([1.0]).epsilons == [0.0, 1.0]
