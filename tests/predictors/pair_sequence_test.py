from pathlib import Path

import pytest
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.predictors import Predictor

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def predictor(tmp_path_factory):
    directory = tmp_path_factory.mktemp("archive") / "model"
    params = Params.from_file(str(ROOT / "fixtures" / "experiments" / "pair_sequence.jsonnet"))
    for key in ("train_data_path", "validation_data_path"):
        params[key] = str(ROOT / params[key])
    train_model(params, str(directory))
    return Predictor.from_path(str(directory / "model.tar.gz"))


def test_text_and_words_give_the_same(predictor):
    from_text = predictor.predict("A man sleeps.", "Nobody sleeps.")
    from_words = predictor.predict(["a", "man", "sleeps"], ["nobody", "sleeps"])
    assert from_text["tokens"] == ["a", "man", "sleeps"]
    assert from_text == from_words
    assert sum(from_text["attention"]) == pytest.approx(1.0)
    assert sum(from_text["probs"]) == pytest.approx(1.0)


def test_candidates_exclude_the_other_classes(predictor):
    prediction = predictor.predict("a man sleeps", "nobody sleeps", candidates=["neutral", "entailment"])
    excluded = prediction["labels"].index("contradiction")
    assert prediction["probs"][excluded] == 0.0
    assert sum(prediction["probs"]) == pytest.approx(1.0)


def test_candidates_of_some_inputs_of_a_batch(predictor):
    pair = {"premise": "a man sleeps", "hypothesis": "nobody sleeps"}
    some = predictor.predict_batch_json([{**pair, "candidates": ["neutral"]}, pair, {**pair, "candidates": None}])
    assert some[0]["label"] == "neutral"
    for without in some[1:]:
        assert without["probs"] == pytest.approx(predictor.predict_json(pair)["probs"])


@pytest.mark.parametrize("candidates", [[1, 2], "neutral", [], [""], ["a\n"]])
def test_candidates_are_checked_as_in_a_file(predictor, candidates):
    pair = {"premise": "a man sleeps", "hypothesis": "nobody sleeps"}
    with pytest.raises(ConfigurationError, match='Invalid input: "candidates" '):
        predictor.predict_json({**pair, "candidates": candidates})


def test_broken_input(predictor):
    with pytest.raises(ConfigurationError, match='Each input needs a "hypothesis"'):
        predictor.predict_json({"premise": "a man sleeps"})
