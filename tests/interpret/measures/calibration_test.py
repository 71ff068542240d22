import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret import evaluate_attention
from attention_vat.interpret.measures import Calibration
from tests.interpret.made_up import instance, instances, sentence
from tests.tiny import tiny_model


def _sentence(label, probs):
    made = sentence(label=label)
    made.probs = probs
    return made


def _value(statistic):
    return float(statistic.combine(statistic.columns.sum(axis=0)))


def test_by_hand():
    sentences = [
        _sentence("0", [0.9, 0.1]),  # right, .9
        _sentence("1", [0.9, 0.1]),  # wrong, .9
        _sentence("1", [0.4, 0.6]),  # right, .6
        _sentence(None, [0.0, 1.0]),
    ]
    found = Calibration(num_bins=2).statistics(sentences, ["0", "1"], "1")
    # One bin has all three: accuracy 2/3, mean probability .8.
    assert _value(found["calibration_error"]) == pytest.approx(0.8 - 2 / 3)
    assert _value(found["brier_score"]) == pytest.approx((0.02 + 1.62 + 0.32) / 3)
    found = Calibration(num_bins=10).statistics(sentences, ["0", "1"], "1")
    assert _value(found["calibration_error"]) == pytest.approx((2 * abs(0.5 - 0.9) + abs(1 - 0.6)) / 3)
    assert found["calibration_error"].sentences == found["brier_score"].sentences == 3


def test_a_literal_version():
    generator = numpy.random.default_rng(3)
    probs = generator.dirichlet([1.0, 1.0, 1.0], size=200)
    gold = generator.integers(0, 3, 200)
    sentences = [_sentence(str(label), row.tolist()) for label, row in zip(gold, probs)]
    expected = 0.0
    for low in numpy.arange(15) / 15:
        inside = [i for i in range(200) if low <= probs[i].max() < low + 1 / 15]
        if inside:
            accuracy = numpy.mean([probs[i].argmax() == gold[i] for i in inside])
            expected += len(inside) / 200 * abs(accuracy - numpy.mean([probs[i].max() for i in inside]))
    found = Calibration().statistics(sentences, ["0", "1", "2"], None)
    assert _value(found["calibration_error"]) == pytest.approx(expected)


def test_in_an_evaluation():
    result = evaluate_attention(tiny_model(num_labels=3), instances(8, num_labels=3), "calibration", resamples=20)
    number = result.metrics["calibration_error"]
    assert 0 <= number.low <= number.high <= 1
    assert 0 < result.metrics["brier_score"].value < 2
    without = evaluate_attention(tiny_model(), [instance(["w1"])], "calibration", resamples=10)
    assert "calibration_error" not in without.metrics


def test_no_bins():
    with pytest.raises(ConfigurationError, match="num_bins is 0, but must be at least 1"):
        Calibration(num_bins=0)
