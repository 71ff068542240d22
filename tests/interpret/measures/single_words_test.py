import pytest
import torch

from attention_vat.interpret import evaluate_attention
from tests.interpret.made_up import batch_of, instance, instances, pair_instances
from tests.tiny import tiny_model, tiny_pair_model


@pytest.mark.parametrize(
    ("model", "data"),
    [
        (tiny_model(), instances(6)),
        (tiny_model(boundary_tokens=1), instances(6)),
        (tiny_model(num_labels=3), instances(6, num_labels=3)),
        (tiny_pair_model(num_labels=3), pair_instances(4)),
    ],
)
def test_each_word_is_the_only_one(model, data):
    result = evaluate_attention(model, data, "single_words", resamples=10)
    for one, found in zip(data, result.sentences):
        batch = batch_of(model, [one])
        encoded = batch.clean.encoded
        label = int(batch.probs.argmax()) if model.positive_index is None else model.positive_index
        expected = []
        for word in encoded.mask[0].nonzero().flatten().tolist():
            part = encoded._replace(
                values=encoded.values[:, word : word + 1],
                scores=encoded.scores[:, word : word + 1],
                mask=torch.ones(1, 1, dtype=torch.bool),
            )
            expected.append(float(model.probabilities(model.decode(part, part.scores))[0, label]))
        assert found.words["single_word"] == pytest.approx(expected)


def test_no_words():
    result = evaluate_attention(tiny_model(), [instance([]), instance(["w1"])], "single_words", resamples=10)
    assert [len(s.words["single_word"]) for s in result.sentences] == [0, 1]
