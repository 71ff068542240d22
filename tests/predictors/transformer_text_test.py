import pytest
from allennlp.commands.train import train_model
from allennlp.common.checks import ConfigurationError
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
        predictor.predict_json({"text": "a"})
