import pytest
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret.explanation import Explainer, explain
from tests.commands.evaluate_attention_test import make_archive
from tests.predictors.pair_sequence_test import predictor as pair_predictor  # noqa: F401
from tests.predictors.transformer_text_test import predictor as transformer_predictor  # noqa: F401

WORDS = ["w1", "w2", "w3", "w4"]


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archives")
    return [make_archive(folder / name, seed) for seed, name in enumerate(["plain", "ivat"])]


@pytest.fixture(scope="module")
def explainer(archives):
    from attention_vat.interpret.explanation import load_explainers

    return load_explainers(archives[:1])[0]


def sentence(words):
    return {"sentence": words}


def test_it_is_what_the_predictor_says(explainer):
    found = explainer.explain(sentence(WORDS))
    expected = explainer.predictor.predict_json(sentence(WORDS))
    assert found.model == "plain" and found.tokens == WORDS and found.label == expected["label"]
    assert found.probs == pytest.approx(expected["probs"], abs=1e-6)
    assert found.attention == pytest.approx(expected["attention"], abs=1e-6)
    assert len(found.importance) == 4 and min(found.importance) > 0


def test_without_a_word_and_alone_by_their_definition(explainer):
    found = explainer.explain(sentence(WORDS))
    positive = found.labels.index(found.alone_label)
    for place in range(4):
        rest = explainer.predictor.predict_json(sentence(WORDS[:place] + WORDS[place + 1 :]))
        assert found.without[place] == pytest.approx(abs(rest["probs"][0] - found.probs[0]), abs=1e-6)
        # A score that is much higher than the others takes all attention.
        moved = explainer.explain(sentence(WORDS), {place: 100.0})
        assert moved.attention[place] == pytest.approx(1.0)
        assert moved.probs[positive] == pytest.approx(found.alone[place], abs=1e-6)
        assert moved._replace(probs=found.probs, attention=found.attention) == found
    assert explainer.explain(sentence(WORDS), {1: 0.0}) == found


def test_shifts_of_scores_that_are_not_there(explainer):
    for place in (4, -1):
        with pytest.raises(ConfigurationError, match=f"There is no word {place}; the text has 4"):
            explainer.explain(sentence(WORDS), {place: 1.0})


def test_names_of_classes(archives):
    overrides = '{"model.label_names": {"0": "bad", "1": "good"}}'
    from attention_vat.interpret.explanation import load_explainers

    found = load_explainers(archives[:1], overrides=overrides)[0].explain(sentence(WORDS))
    assert sorted(found.labels) == ["bad", "good"] and found.alone_label == "good"


def test_pairs(pair_predictor):  # noqa: F811
    explainer = Explainer(pair_predictor)
    inputs = explainer.inputs("a man sleeps", "nobody sleeps")
    found = explainer.explain(inputs)
    assert found.tokens == ["a", "man", "sleeps"]
    assert found.probs == pytest.approx(pair_predictor.predict_json(inputs)["probs"], abs=1e-6)
    # With more than two classes it is about the predicted one.
    assert found.alone_label == found.label
    with pytest.raises(ConfigurationError, match="reads two texts, but there is no second one"):
        explainer.inputs("a man sleeps")


def test_attention_that_does_not_decide(transformer_predictor):  # noqa: F811
    explainer = Explainer(transformer_predictor)
    found = explainer.explain(explainer.inputs("a fine film"))
    assert found.alone is None and "alone" not in found.words()
    with pytest.raises(ConfigurationError, match="does not depend on attention; leave out the shifts"):
        explainer.explain(explainer.inputs("a fine film"), {0: 1.0})


def test_texts_and_models(archives, explainer):
    found = explain(archives, ["w1 w2", "w3"])
    assert [(one.model, one.tokens) for one in found] == [
        ("plain", ["w1", "w2"]),
        ("ivat", ["w1", "w2"]),
        ("plain", ["w3"]),
        ("ivat", ["w3"]),
    ]
    assert found[0] == explain(archives[0], "w1 w2")[0]
    frame = found[0].words()
    assert frame.columns.tolist() == ["word", "attention", "importance", "without", "alone"]
    assert frame.attention.sum() == pytest.approx(1.0)
    assert "plain" in found[0]._repr_html_() and "w2" in found[0]._repr_html_()
    with pytest.raises(ConfigurationError, match="reads one text; leave out the second one"):
        explain(archives, "w1", query="w2")
