import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance, Token
from allennlp.data.fields import MetadataField, TextField
from allennlp.data.token_indexers import SingleIdTokenIndexer

from tests.interpret.made_up import INDEXERS, batch_of, instance, instances, pair_instance
from tests.tiny import tiny_model, tiny_pair_model

WORDS = ["w0", "w1", "w2", "w3", "w4"]


def test_sentences_are_those_of_the_texts_in_their_order():
    batch = batch_of(tiny_model(), [instance(WORDS[:1], "0", id="né"), instance(WORDS, None), instance([], "1", id=7)])
    assert [(one.id, one.label, one.tokens) for one in batch.sentences] == [
        ("né", "0", WORDS[:1]),
        ("2", None, WORDS),
        ("7", "1", []),
    ]
    assert [one.rationale for one in batch.sentences] == [None] * 3
    assert [one.scores for one in batch.sentences] == [{}] * 3
    assert batch.num_sentences == 3
    for row, one in enumerate(batch.sentences):
        for name in ("attention", "importance", "importance_attention_constant"):
            assert getattr(one, name) == getattr(batch, name)[row, : len(one.tokens)].tolist(), name


def test_uniform_attention_is_a_share_for_each_word():
    batch = batch_of(tiny_model(scorer="uniform"), [instance(WORDS[:4]), instance([]), instance(["w1"])])
    assert [one.attention for one in batch.sentences] == [pytest.approx([0.25] * 4), [], [1.0]]
    assert batch.attention.tolist()[2] == [1.0, 0.0, 0.0, 0.0], "padding has none"


@pytest.mark.parametrize("number", [1, 3])
def test_texts_without_words_have_a_prediction_and_nothing_else(number):
    batch = batch_of(tiny_model(), [instance([], "1", rationale=[])] * number)
    for one in batch.sentences:
        assert one.tokens == one.attention == one.importance == one.importance_attention_constant == one.rationale == []
        assert one.prediction in "01"
        assert sum(one.probs) == pytest.approx(1)


@pytest.mark.parametrize("num_labels", [2, 3])
def test_the_prediction_is_the_most_probable_class(num_labels):
    model = tiny_model(num_labels=num_labels, seed=num_labels + 1)
    batch = batch_of(model, instances(60, num_labels=num_labels))
    found = [one.prediction for one in batch.sentences]
    assert found == [model.labels[index] for index in batch.probs.argmax(dim=1).tolist()]
    assert len(set(found)) == num_labels


def test_a_measure_starts_without_a_graph():
    model = tiny_model()
    batch = batch_of(model, instances(3))
    parts = [*batch.clean.embedded, *batch.clean.encoded, batch.clean.logits, batch.probs, batch.attention]
    parts += [batch.importance, batch.importance_attention_constant]
    assert not any(part.requires_grad for part in parts if isinstance(part, torch.Tensor))
    assert all(parameter.requires_grad and parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize("shared", [False, True])
def test_of_a_pair_only_the_premise_has_words(shared):
    data = [pair_instance(WORDS[:2], WORDS, "1", rationale=[0, 1]), pair_instance([], ["w1"], "0")]
    first, second = batch_of(tiny_pair_model(shared), data).sentences
    assert (first.tokens, first.rationale) == (WORDS[:2], [0, 1])
    assert [len(column) for column in (first.attention, first.importance, first.importance_attention_constant)] == [
        2
    ] * 3
    assert (second.tokens, second.attention) == ([], [])


def test_marks_of_start_and_end_are_left_out():
    (found,) = batch_of(tiny_model(boundary_tokens=1), [instance(WORDS, "1", rationale=[0, 1, 0, 0, 0])]).sentences
    assert found.tokens == ["w1", "w2", "w3"]
    assert found.rationale == [1, 0, 0]
    assert len(found.attention) == len(found.importance) == 3
    assert sum(found.attention) == pytest.approx(1)


def test_marks_of_a_premise_are_left_out_beside_a_longer_hypothesis():
    data = [pair_instance(WORDS[:4], WORDS * 2, "1", rationale=[0, 1, 0, 0]), pair_instance(WORDS, ["w1"], "0")]
    first, second = batch_of(tiny_pair_model(boundary_tokens=1), data).sentences
    assert (first.tokens, first.rationale, len(first.attention)) == (["w1", "w2"], [1, 0], 2)
    assert second.tokens == ["w1", "w2", "w3"]


def test_marks_of_start_and_end_that_the_reader_does_not_know_of():
    text = TextField([Token(word) for word in WORDS], INDEXERS)
    metadata = MetadataField({"rationale": [1, 0, 1]})
    data = [Instance({"tokens": text, "metadata": metadata}), instance(["w0", "w4"], rationale=[0, 0])]
    first, second = batch_of(tiny_model(boundary_tokens=1), data).sentences
    assert (first.tokens, first.rationale, len(first.attention)) == (["w1", "w2", "w3"], [1, 0, 1], 3)
    assert (second.tokens, second.rationale, second.attention) == ([], [], [])


def test_the_words_are_those_that_the_model_reads():
    text = TextField([Token("w1"), Token("never seen")], INDEXERS)
    data = [Instance({"tokens": text, "metadata": MetadataField({"tokens": ["one", "two", "three"]})})]
    assert batch_of(tiny_model(), data).sentences[0].tokens == ["w1", "never seen"]


@pytest.mark.parametrize("boundary_tokens", [0, 1])
def test_words_and_weights_must_agree(boundary_tokens):
    # Such a word is padding to the model.
    data = [instance(["w1", "@@PADDING@@", "w2"], id="s7")]
    message = "^Sentence 's7' has 3 tokens, but the model sees 2 words. Use token indexers"
    with pytest.raises(ConfigurationError, match=message):
        batch_of(tiny_model(boundary_tokens=boundary_tokens), data)


@pytest.mark.parametrize("boundary_tokens", [0, 1])
def test_rationales_with_marks_of_indexers(boundary_tokens):
    indexers = {"tokens": SingleIdTokenIndexer(start_tokens=["w8", "w9"], end_tokens=["w9", "w8"])}
    text = TextField([Token(word) for word in WORDS], indexers)
    metadata = MetadataField({"rationale": [1, 0, 0, 1, 1], "evidences": [[0, 1], [3, 5]]})
    model = tiny_model(boundary_tokens=2 * boundary_tokens)
    batch = batch_of(model, [Instance({"tokens": text, "metadata": metadata})])
    (found,) = batch.sentences
    # Where the marks take attention they are words of their own, which nobody marked.
    start, end = ([], []) if boundary_tokens else (["w8", "w9"], ["w9", "w8"])
    assert found.tokens == [*start, *WORDS, *end]
    assert found.rationale == [*[0] * len(start), 1, 0, 0, 1, 1, *[0] * len(end)]
    assert len(found.attention) == len(found.tokens)
    assert batch.texts[0].evidences == [(len(start), len(start) + 1), (len(start) + 3, len(start) + 5)]


@pytest.mark.parametrize("boundary_tokens", [0, 1])
def test_spans_with_marks_of_the_reader(boundary_tokens):
    # The reader gives the marks a 0; spans are about the words of the data.
    words = ["@start@", *WORDS, "@end@"]
    data = [instance(words, rationale=[0, 1, 1, 0, 0, 0, 0], evidences=[[0, 2]])]
    batch = batch_of(tiny_model(boundary_tokens=boundary_tokens), data)
    ((start, end),) = batch.texts[0].evidences
    assert batch.sentences[0].tokens[start:end] == ["w0", "w1"]
    assert batch.sentences[0].rationale[start:end] == [1, 1]
