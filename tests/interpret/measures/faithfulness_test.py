import math

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, Instance, Token
from allennlp.data.fields import TextField

from attention_vat.interpret.evaluation import evaluate_attention
from attention_vat.interpret.measures import Faithfulness
from tests.interpret.made_up import INDEXERS, instance, instances
from tests.tiny import tiny_model, tiny_pair_model

FRACTIONS = [0.1, 0.5, 1.0]


def pair(words, second):
    texts = {"premise": words, "hypothesis": second}
    return Instance({name: TextField([Token(word) for word in text], INDEXERS) for name, text in texts.items()})


def words_of(made):
    return [token.text for token in made[next(iter(made.fields))].tokens]


def literal_probs(model, made, kept):
    """A text of its own, read from the start."""
    field = next(iter(made.fields))
    words = [word for place, word in enumerate(words_of(made)) if place in kept]
    shorter = instance(words) if field == "tokens" else pair(words, [t.text for t in made["hypothesis"].tokens])
    batch = Batch([shorter])
    batch.index_instances(model.vocab)
    with torch.no_grad():
        return model.eval()(**batch.as_tensor_dict())["probs"][0]


@pytest.mark.parametrize(
    ("model", "data"),
    [
        (tiny_model(), instances(6, rationales=True)),
        (tiny_model(num_labels=3), instances(6, num_labels=3, rationales=True)),
        (tiny_pair_model(), [pair(["w1", "w2", "w3", "w9"], ["w4"]), pair(["w7"], ["w2", "w1"])]),
    ],
    ids=["binary", "three classes", "pair"],
)
def test_equals_texts_that_are_read_one_by_one(model, data):
    measure = Faithfulness(fractions=FRACTIONS, keep_probabilities=True)
    result = evaluate_attention(model, data, [measure], rationale_fraction=0.3, resamples=10, batch_tokens=30)
    for made, sentence in zip(data, result.sentences):
        number = len(sentence.tokens)
        order = sorted(range(number), key=lambda place: (-sentence.attention[place], place))
        predicted = sentence.probs.index(max(sentence.probs))
        expected = {"comprehensiveness": [], "sufficiency": []}
        for fraction in [*FRACTIONS, 0.3]:
            taken = set(order[: math.ceil(round(fraction * number, 9))])
            for name, kept in (("comprehensiveness", set(range(number)) - taken), ("sufficiency", taken)):
                probs = literal_probs(model, made, kept)
                found = sentence.parts[name][len(expected[name])]
                assert found == pytest.approx(probs.tolist(), abs=1e-9)
                expected[name].append(sentence.probs[predicted] - probs[predicted].item())
        for name, values in expected.items():
            assert sentence.series[name] == pytest.approx(values[:-1], abs=1e-9)
            assert sentence.scores[f"{name}_aopc"] == pytest.approx(sum(values[:-1]) / len(FRACTIONS), abs=1e-9)
            assert sentence.scores[name] == pytest.approx(values[-1], abs=1e-9)
        assert [place for place, taken in enumerate(sentence.words["chosen"]) if taken] == sorted(taken)
    for name in expected:
        mean = sum(sentence.scores[name] for sentence in result.sentences) / len(data)
        assert result.metrics[name].value == pytest.approx(mean)
        assert result.curves[name].x == FRACTIONS
        # All words without the others are the whole text.
        assert result.curves["sufficiency"].points[-1].value == pytest.approx(0.0, abs=1e-9)


def test_without_a_fraction_there_are_curves():
    result = evaluate_attention(tiny_model(), instances(5), ["faithfulness"], resamples=10)
    assert "comprehensiveness" not in result.metrics
    assert result.metrics["comprehensiveness_aopc"].value is not None
    assert not result.sentences[0].parts
    assert "chosen" not in result.sentences[0].words


def test_an_empty_text_has_no_value():
    data = [instance([], "1"), *instances(3)]
    result = evaluate_attention(tiny_model(), data, ["faithfulness"], rationale_fraction=0.5, resamples=10)
    assert result.sentences[0].scores["sufficiency"] is None
    assert result.sentences[0].series["sufficiency"] == [None] * 5
    assert (result.metrics["sufficiency"].sentences, result.metrics["sufficiency"].undefined) == (3, 1)


def test_settings():
    measure = Faithfulness(fractions=[0.5, 0.1])
    settings = {"selection": {"type": "top_words"}, "fractions": [0.1, 0.5], "keep_probabilities": False}
    assert measure.settings() == settings


@pytest.mark.parametrize("fractions", [[], [0.0, 0.5], [1.5]])
def test_fractions_out_of_range(fractions):
    with pytest.raises(ConfigurationError, match="must be one or more numbers above 0 and at most 1"):
        Faithfulness(fractions=fractions)
