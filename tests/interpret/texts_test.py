import pytest
from allennlp.common.checks import ConfigurationError
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.interpret.texts import inputs_of, texts_of, token_batches
from tests.interpret.made_up import instance, instances
from tests.tiny import tiny_model


@given(st.lists(st.integers(1, 40), max_size=30), st.integers(1, 100))
def test_batches_of_similar_length(lengths, batch_tokens):
    batches = list(token_batches(lengths, batch_tokens))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    in_order = [lengths[index] for batch in batches for index in batch]
    assert in_order == sorted(lengths, reverse=True)
    for batch in batches:
        assert len(batch) == 1 or max(lengths[index] for index in batch) * len(batch) <= batch_tokens
    # No batch could have taken the first of the next one.
    for batch, following in zip(batches, batches[1:]):
        assert lengths[batch[0]] * (len(batch) + 1) > batch_tokens and following


def test_what_is_read_of_an_instance():
    model = tiny_model()
    first, second = texts_of(model, [instance(["w1", "w2"], "1", id="a", rationale=[0, 1]), instance(["w3"])])
    assert (first.index, first.id, first.tokens, first.length, first.label) == (0, "a", ["w1", "w2"], 2, "1")
    assert first.rationale == [0, 1] and second.rationale is None
    assert (second.index, second.id, second.label) == (1, "2", None)
    assert "label" not in first.instance.fields


@pytest.mark.parametrize(
    "data, message",
    [
        ([], "There are no sentences to evaluate"),
        ([(["w1", "w2"], {"rationale": [1]})], "The rationale of sentence '1' has 1 marks for 2 tokens"),
        ([(["w1"], {"evidences": [[1, 0]]})], r'"evidences" of sentence \'1\' have \[1, 0\], which is not a token'),
    ],
)
def test_what_cannot_be_read(data, message):
    with pytest.raises(ConfigurationError, match=message):
        texts_of(tiny_model(), [instance(words, "1", **metadata) for words, metadata in data])


def test_instances_serve_several_models():
    one, other = tiny_model(), tiny_model()
    made = instances(4)
    first, second = inputs_of(one, made), inputs_of(other, made)
    assert first.keys() == second.keys()
    assert all(not each.indexed for each in made), "the instances are as they were"
