import pytest
import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.interpret import evaluate_attention
from attention_vat.nn import conicity
from tests.interpret.made_up import batch_of, instance, instances, pair_instances
from tests.tiny import tiny_model, tiny_pair_model

EQUAL = {"encoder": {"type": "lstm", "input_size": 6, "hidden_size": 3, "bidirectional": True}}


@pytest.mark.parametrize("equal", [True, False])
@pytest.mark.parametrize(("make", "data"), [(tiny_model, instances(6)), (tiny_pair_model, pair_instances(4))])
def test_numbers_of_sentences(make, data, equal):
    model = make(num_labels=3, dropout=0.5, **(EQUAL if equal else {}))
    result = evaluate_attention(model, data, "conicity", resamples=10)
    distances = []
    for one, found in zip(data, result.sentences):
        clean = batch_of(model, [one]).clean
        states, words = clean.encoded.hidden[0], clean.embedded.words[0]
        assert found.scores["conicity"] == pytest.approx(float(conicity(states[None], clean.encoded.mask)))
        assert found.scores["state_norm"] == pytest.approx(sum(float(s.norm()) for s in states) / len(states))
        if equal:
            own = [float((state - word).norm()) for state, word in zip(states, words)]
            distances.append(sum(own) / len(own))
            assert found.scores["tying_distance"] == pytest.approx(distances[-1])
    assert ("tying_distance" in result.metrics) is equal
    if equal:
        assert result.metrics["tying_distance"].value == pytest.approx(sum(distances) / len(distances))


def test_no_words():
    result = evaluate_attention(tiny_model(), [instance([]), instance(["w1"])], "conicity", resamples=10)
    assert [s.scores["conicity"] for s in result.sentences] == [None, pytest.approx(1.0)]


def test_a_model_without_states():
    model = tiny_model()
    del model.encoder
    model.encode = lambda embedded: None
    with pytest.raises(ConfigurationError, match="a SingleSequenceAttention does not give hidden states of words"):
        evaluate_attention(model, instances(3), "conicity")
    assert torch.is_grad_enabled()
