import numpy
import pytest

from attention_vat.interpret import evaluate_attention
from attention_vat.interpret.measures import GradientCorrelation
from tests.interpret.made_up import instances, sentence
from tests.tiny import tiny_model


def test_undefined_sentences_are_counted_and_left_out():
    scores = [{"pearson": 0.5, "kendall_p_value": 0.01}, {"pearson": None, "kendall_p_value": None}, {}]
    statistics = GradientCorrelation().statistics([sentence(scores=s) for s in scores], ["0", "1"], "1")
    # The third sentence was not looked at.
    assert (statistics["pearson"].sentences, statistics["pearson"].undefined) == (1, 1)
    assert statistics["kendall_significant"].columns.sum(axis=0).tolist() == [1, 1]
    assert "pearson_attention_constant" not in statistics


@pytest.mark.parametrize("method", ["gradient_x_input", "gradient_norm", "integrated_gradients"])
def test_by_predicted_class(method):
    data = instances(30)
    result = evaluate_attention(tiny_model(seed=1), data, method=method, resamples=20)
    assert set(result.by_prediction) == {s.prediction for s in result.sentences}
    assert len(result.by_prediction) >= 2
    for label, metrics in result.by_prediction.items():
        values = [s.scores["kendall"] for s in result.sentences if s.prediction == label]
        defined = [value for value in values if value is not None]
        assert metrics["kendall"].value == pytest.approx(numpy.mean(defined))
        assert metrics["kendall"].undefined == len(values) - len(defined)
        assert metrics["kendall"].low <= metrics["kendall"].value <= metrics["kendall"].high
        assert "accuracy" not in metrics
