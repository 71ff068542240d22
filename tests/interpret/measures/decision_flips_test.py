import pytest
import torch

from attention_vat.interpret import evaluate_attention
from tests.interpret.made_up import batch_of, instance, instances, pair_instances
from tests.tiny import tiny_model, tiny_pair_model


def literal(model, one, weights):
    """Words lose their weight one by one; the softmax of the rest is written out."""
    batch = batch_of(model, [one])
    encoded, gone = batch.clean.encoded, []
    order = sorted(range(len(weights)), key=lambda word: -weights[word])
    for word in order[:-1]:
        gone.append(word)
        left = [word for word in range(len(weights)) if word not in gone]
        part = encoded._replace(
            values=encoded.values[:, left],
            hidden=encoded.hidden[:, left],
            scores=encoded.scores[:, left],
            mask=encoded.mask[:, left],
        )
        probs = model.probabilities(model.decode(part, part.scores))
        if int(probs.argmax()) != int(batch.probs.argmax()):
            return len(gone) / len(weights), 1.0
    return 1.0, 0.0


@pytest.mark.parametrize(
    ("model", "data"),
    [
        (tiny_model(seed=3), instances(25)),
        (tiny_model(num_labels=3, seed=8), instances(15, num_labels=3)),
        (tiny_pair_model(num_labels=3), pair_instances(8)),
    ],
)
def test_equals_a_literal_version(model, data):
    result = evaluate_attention(model, data, "decision_flips", resamples=10)
    seen = []
    for one, found in zip(data, result.sentences):
        if len(found.tokens) < 2:
            assert found.scores["flip_share_attention"] is None
            continue
        for name, weights in (("attention", found.attention), ("importance", [abs(x) for x in found.importance])):
            share, flipped = literal(model, one, weights)
            assert found.scores[f"flip_share_{name}"] == pytest.approx(share)
            assert found.scores[f"flips_{name}"] == flipped
            seen.append(share)
    assert len(set(seen)) > 3 or model.input_names[0] == "premise"
    values = [s.scores["flip_share_random"] for s in result.sentences if len(s.tokens) > 1]
    assert result.metrics["flip_share_random"].value == pytest.approx(sum(values) / len(values))


def test_the_random_order_is_the_sentences_own():
    first = evaluate_attention(tiny_model(seed=3), instances(20), "decision_flips", resamples=10)
    again = evaluate_attention(tiny_model(seed=3), instances(20), "decision_flips", resamples=10, batch_tokens=12)
    other = evaluate_attention(tiny_model(seed=3), instances(20), "decision_flips", resamples=10, seed=1)
    shares = [[s.scores["flip_share_random"] for s in result.sentences] for result in (first, again, other)]
    assert shares[0] == shares[1] != shares[2]


def test_a_decision_by_one_word():
    """The only word that says anything has nearly all attention: without it the decision is another one."""
    model = tiny_model(encoder={"type": "pass_through", "input_dim": 6}, dtype=torch.float32)
    with torch.no_grad():
        model.decoder.weight.zero_()
        model.decoder.weight[0, 0] = 10.0
        model.decoder.bias.fill_(-1.0)
        weights = model.text_field_embedder.token_embedder_tokens.weight
        weights[:, 0] = 0.0
        weights[model.vocab.get_token_index("w1"), 0] = 1.0
    (found,) = evaluate_attention(model, [instance(["w1", "w2", "w3", "w4"])], "decision_flips", resamples=10).sentences
    first = found.attention.index(max(found.attention)) == 0
    assert found.prediction == "1"
    assert first is (found.scores["flip_share_attention"] == 0.25)


def test_no_words():
    result = evaluate_attention(tiny_model(), [instance([]), instance(["w1"])], "decision_flips", resamples=10)
    assert [s.scores["flips_attention"] for s in result.sentences] == [None, None]
    assert result.metrics["flip_share_attention"].value is None
