import pytest
import torch
from allennlp.data import Instance, Token
from allennlp.data.fields import TextField
from allennlp.data.token_indexers import TokenCharactersIndexer
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from attention_vat.interpret.erasure import probabilities_of_parts
from tests.interpret.made_up import batch_of, instance, instances, pair_instance, pair_instances
from tests.tiny import tiny_model, tiny_pair_model


def literal_probs(model, data, rows, kept):
    """Each copy alone: an instance with fewer tokens."""
    probs = []
    for row, keep in zip(rows.tolist(), kept.tolist()):
        one = data[row]
        if "premise" in one.fields:
            words = [t.text for t, stays in zip(one["premise"].tokens, keep) if stays]
            shorter = pair_instance(words, [t.text for t in one["hypothesis"].tokens], one["label"].label)
        else:
            shorter = instance([t.text for t, stays in zip(one["tokens"].tokens, keep) if stays], one["label"].label)
        probs.append(batch_of(model, [shorter]).probs[0])
    return torch.stack(probs)


def some_parts(batch, seed=0, copies=3):
    generator = torch.Generator().manual_seed(seed)
    rows = torch.arange(len(batch.texts)).repeat(copies)
    return rows, torch.rand(len(rows), batch.mask.size(1), generator=generator) < 0.6


@pytest.mark.parametrize(("model", "data"), [("single", instances(5)), ("pair", pair_instances(5)), ("shared", None)])
def test_equal_shorter_texts(model, data):
    data = data or pair_instances(5)
    model = tiny_model() if model == "single" else tiny_pair_model(shared=model == "shared", num_labels=3)
    batch = batch_of(model, data)
    rows, kept = some_parts(batch)
    assert_allclose(
        probabilities_of_parts(model, batch, rows, kept), literal_probs(model, data, rows, kept), atol=1e-10
    )


@settings(max_examples=15)
@given(st.lists(st.booleans(), min_size=1, max_size=5), st.integers(1, 40))
def test_any_part_in_any_batch(keep, batch_tokens):
    model, data = tiny_model().eval(), [instance([f"w{number}" for number in range(len(keep))], "1")]
    batch = batch_of(model, data, batch_tokens=batch_tokens)
    rows, kept = torch.tensor([0, 0]), torch.tensor([keep, [True] * len(keep)])
    probs = probabilities_of_parts(model, batch, rows, kept)
    assert_allclose(probs, literal_probs(model, data, rows, kept), atol=1e-10)
    assert_allclose(probs[1], batch.probs[0], atol=1e-10)


def test_words_that_know_their_neighbours_are_embedded_again(monkeypatch):
    model = tiny_model()
    data = instances(4)
    embed = model.embed
    monkeypatch.setattr(model, "embed", lambda inputs: embed(inputs)._replace(ids=None))
    batch = batch_of(model, data)
    rows, kept = some_parts(batch)
    assert_allclose(
        probabilities_of_parts(model, batch, rows, kept), literal_probs(model, data, rows, kept), atol=1e-10
    )


def test_marks_of_start_and_end_stay():
    model = tiny_model(boundary_tokens=1)
    data = [instance(["w0", "w1", "w2", "w3"], "1")]
    batch = batch_of(model, data)
    nothing = torch.zeros(1, 4, dtype=torch.bool)
    expected = literal_probs(model, data, torch.tensor([0]), torch.tensor([[True, False, False, True]]))
    assert_allclose(probabilities_of_parts(model, batch, torch.tensor([0]), nothing), expected, atol=1e-10)


def test_batches_hold_no_more_than_asked(monkeypatch):
    model = tiny_model()
    batch = batch_of(model, instances(6), batch_tokens=20)
    shapes = []
    encode = model.encode
    monkeypatch.setattr(model, "encode", lambda embedded: shapes.append(embedded.mask.shape) or encode(embedded))
    rows, kept = some_parts(batch, copies=10)
    probabilities_of_parts(model, batch, rows, kept)
    assert sum(shape[0] for shape in shapes) == len(rows)
    assert all(shape.numel() <= 20 for shape in shapes)


def test_no_copies_and_no_words():
    model = tiny_model()
    batch = batch_of(model, [instance([], "1")])
    none = torch.zeros(0, dtype=torch.long)
    assert probabilities_of_parts(model, batch, none, torch.zeros(0, batch.mask.size(1)).bool()).shape == (0, 2)
    one = probabilities_of_parts(model, batch, torch.tensor([0]), torch.ones(1, batch.mask.size(1)).bool())
    assert_allclose(one, batch.probs)


def test_marks_of_indexers_stay_where_they_are():
    # Characters are no table, so that the shorter texts are embedded again.
    marks = {"start_tokens": ["^"], "end_tokens": ["$"]}
    indexer = TokenCharactersIndexer(min_padding_length=3, **marks)
    embedder = {
        "type": "character_encoding",
        "embedding": {"embedding_dim": 4, "num_embeddings": 300},
        "encoder": {"type": "cnn", "embedding_dim": 4, "num_filters": 6, "ngram_filter_sizes": [3]},
    }
    parts = {"token_embedders": {"tokens": embedder}}
    # This encoder of AllenNLP cannot do with float64.
    model = tiny_model(text_field_embedder=parts, boundary_tokens=1, dtype=torch.float32)

    def text(words):
        return Instance({"tokens": TextField([Token(word) for word in words], {"tokens": indexer})})

    for character in "^$abcdef":
        model.vocab.add_token_to_namespace(character, "token_characters")
    batch = batch_of(model, [text(["abc", "bcd", "cde", "def"])])
    kept = torch.tensor([[True, False, True, False, True, True]])
    found = probabilities_of_parts(model, batch, torch.tensor([0]), kept)
    assert_allclose(found, batch_of(model, [text(["bcd", "def"])]).probs, atol=1e-6)
    assert abs(found - batch_of(model, [text(["abc", "cde"])]).probs).max() > 1e-5
