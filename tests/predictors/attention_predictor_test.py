"""AllenNLP's saliency interpreters and attackers run on the models."""

import pytest
from allennlp.interpret.attackers import Hotflip, InputReduction
from allennlp.interpret.saliency_interpreters import SaliencyInterpreter

from tests.predictors.pair_sequence_test import predictor as pair_predictor  # noqa: F401
from tests.predictors.single_sequence_test import archive, predictor  # noqa: F401

SENTENCE = {"sentence": "the film is not dull"}
PAIR = {"premise": "a man sleeps in the park", "hypothesis": "nobody sleeps"}


def test_predictions_to_labeled_instances(predictor):  # noqa: F811
    instance = predictor._json_to_instance(SENTENCE)
    output = predictor.predict_instance(instance)
    (labeled,) = predictor.predictions_to_labeled_instances(instance, output)
    assert predictor._model.labels[labeled["label"].label] == output["label"]
    assert "label" not in instance.fields


@pytest.mark.parametrize("name", ["simple-gradient", "integrated-gradient", "smooth-gradient"])
def test_saliency(name, predictor, pair_predictor):  # noqa: F811
    for which, inputs, lengths in ((predictor, SENTENCE, [5]), (pair_predictor, PAIR, [6, 2])):
        saliency = SaliencyInterpreter.by_name(name)(which).saliency_interpret_from_json(inputs)["instance_1"]
        assert sorted(len(values) for values in saliency.values())[-1] == max(lengths)
        for values in saliency.values():
            assert sum(values) == pytest.approx(1.0, abs=1e-4)


def test_hotflip(predictor, pair_predictor):  # noqa: F811
    for which, inputs, field in ((predictor, SENTENCE, "tokens"), (pair_predictor, PAIR, "premise")):
        attacker = Hotflip(which)
        attacker.initialize()
        result = attacker.attack_from_json(inputs, field, "grad_input_1")
        words = inputs.get("sentence", inputs.get("premise")).split()
        assert len(result["final"][0]) == len(words)


def test_input_reduction(predictor, pair_predictor):  # noqa: F811
    for which, inputs, field in ((predictor, SENTENCE, "tokens"), (pair_predictor, PAIR, "premise")):
        result = InputReduction(which).attack_from_json(inputs, field, "grad_input_1")
        words = inputs.get("sentence", inputs.get("premise")).split()
        assert set(map(str, result["final"][0])) <= set(words)
        assert len(result["final"][0]) <= len(words)
