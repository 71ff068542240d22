import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.interpret.saliency_interpreters import SaliencyInterpreter
from allennlp.models import Model
from allennlp.predictors import Predictor

from attention_vat.data.dataset_readers import PairSequenceReader, SingleSequenceReader
from attention_vat.interpret.saliency.attention_gradient import attention_x_gradient
from attention_vat.predictors import PairSequencePredictor, SingleSequencePredictor
from tests.tiny import clean_pass, tiny_model, tiny_pair_model

NAMES = ["attention", "attention-gradient"]


def interpreted(name, predictor, inputs):
    return SaliencyInterpreter.by_name(name)(predictor).saliency_interpret_from_json(inputs)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("boundary_tokens", [0, 1])
def test_the_form_is_that_of_allennlp(name, boundary_tokens):
    reader = SingleSequenceReader(boundary_tokens=bool(boundary_tokens))
    predictor = SingleSequencePredictor(tiny_model(boundary_tokens=boundary_tokens), reader)
    inputs = {"sentence": "w1 w2 w3 w2"}
    found = interpreted(name, predictor, inputs)
    theirs = interpreted("simple-gradient", predictor, inputs)
    assert {key: list(value) for key, value in found.items()} == {key: list(value) for key, value in theirs.items()}
    values = found["instance_1"]["grad_input_1"]
    assert len(values) == len(theirs["instance_1"]["grad_input_1"]) == 4 + 2 * boundary_tokens
    assert sum(values) == pytest.approx(1.0)
    assert values[:boundary_tokens] == values[4 + boundary_tokens :] == [0.0] * boundary_tokens


@pytest.mark.parametrize("name", NAMES)
def test_a_pair(name):
    predictor = PairSequencePredictor(tiny_pair_model(num_labels=3), PairSequenceReader())
    (values,) = interpreted(name, predictor, {"premise": "w1 w2 w3", "hypothesis": "w4 w5"})["instance_1"].values()
    assert len(values) == 3
    assert sum(values) == pytest.approx(1.0)


def test_attention_is_that_of_the_prediction():
    predictor = SingleSequencePredictor(tiny_model(), SingleSequenceReader())
    values = interpreted("attention", predictor, {"sentence": "w1 w2 w3"})["instance_1"]["grad_input_1"]
    assert values == pytest.approx(predictor.predict("w1 w2 w3")["attention"])


@pytest.mark.parametrize("name", NAMES)
def test_no_words(name):
    predictor = SingleSequencePredictor(tiny_model(), SingleSequenceReader())
    assert interpreted(name, predictor, {"sentence": "..."}) == {"instance_1": {"grad_input_1": [0.0]}}


@pytest.mark.parametrize("model", [tiny_model(), tiny_model(num_labels=3), tiny_pair_model(num_labels=4)])
def test_the_gradient_equals_finite_differences(model):
    clean = clean_pass(model.eval(), [4, 1, 6])
    product = attention_x_gradient(model, clean)
    weights = model.attend(clean.encoded, clean.encoded.scores)
    predicted = model.probabilities(clean.logits).argmax(dim=1)
    assert "attend" not in vars(model)

    def probability(given):
        model.attend = lambda encoded, scores: given
        probs = model.probabilities(model.decode(clean.encoded, clean.encoded.scores))
        del model.attend
        return probs.gather(1, predicted.unsqueeze(1)).squeeze(1)

    for word in range(weights.size(1)):
        step = torch.zeros_like(weights)
        step[:, word] = 1e-6
        slope = (probability(weights + step) - probability(weights - step)) / 2e-6
        torch.testing.assert_close(product[:, word], weights[:, word] * slope, atol=1e-8, rtol=1e-6)


def test_another_kind_of_model():
    class Other(Model):
        pass

    class Another(Predictor):
        def __init__(self):
            self._model = Other(None)

    with pytest.raises(ConfigurationError, match="A Other has no attention"):
        SaliencyInterpreter.by_name("attention")(Another())
