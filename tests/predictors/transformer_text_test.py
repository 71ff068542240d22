import pytest
from allennlp.commands.train import train_model
from allennlp.common.checks import ConfigurationError
from allennlp.interpret.saliency_interpreters import SaliencyInterpreter
from allennlp.models import load_archive
from allennlp.predictors import Predictor

from tests.training_configs_test import FOLDER, small


@pytest.fixture(scope="module")
def predictor(tmp_path_factory):
    directory = tmp_path_factory.mktemp("run")
    train_model(small(FOLDER / "snli_transformer" / "vanilla.jsonnet"), str(directory))
    return Predictor.from_archive(load_archive(directory / "model.tar.gz"))


def test_one_text_and_two(predictor):
    pair = predictor.predict("A man sleeps.", ["Somebody", "is", "awake"])
    assert pair["tokens"] == ["A", "man", "sleeps.", "Somebody", "is", "awake"]
    assert len(pair["attention"]) == 6 and sum(pair["attention"]) == pytest.approx(1.0)
    assert pair["label"] in pair["labels"] and sum(pair["probs"]) == pytest.approx(1.0)
    assert predictor.predict("A man sleeps.")["tokens"] == ["A", "man", "sleeps."]


def test_what_an_input_needs(predictor):
    with pytest.raises(ConfigurationError, match='needs a "hypothesis"'):
        predictor.predict_json({"premise": "a"})
    with pytest.raises(ConfigurationError, match='needs a "sentence"'):
        predictor.predict_json({"words": "a"})


@pytest.mark.parametrize("name", ["simple-gradient", "integrated-gradient", "attention"])
def test_saliency_has_a_number_for_each_word(predictor, name):
    """Whatever number of word pieces it has, such as the second. (AllenNLP takes no more than there are dimensions.)"""
    found = SaliencyInterpreter.by_name(name)(predictor).saliency_interpret_from_json(
        {"sentence": "the films good", "premise": "the films good", "hypothesis": "a story"}
    )
    values = found["instance_1"]["grad_input_1"]
    assert len(values) == 5
    assert sum(map(abs, values)) == pytest.approx(1.0)
    assert all(values)


def test_a_gradient_that_is_none(predictor):
    with pytest.raises(ConfigurationError, match="does not depend on the attention that it shows"):
        SaliencyInterpreter.by_name("attention-gradient")(predictor)
