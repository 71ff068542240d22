import pytest
import torch
from allennlp.common import Params
from allennlp.data import Vocabulary
from allennlp.modules import TextFieldEmbedder
from allennlp.modules.token_embedders import Embedding

from attention_vat.modules import FrequencyNormalizedEmbedding, matrix_of, num_rows, rows_of
from tests.tiny import tiny_tokens, tiny_vocabulary


def embedder(**tables):
    return TextFieldEmbedder.from_params(Params({"token_embedders": tables}), vocab=tiny_vocabulary())


def test_matrix_and_rows():
    single = embedder(tokens={"type": "embedding", "embedding_dim": 3})
    tokens = tiny_tokens([3, 2])
    torch.testing.assert_close(matrix_of(single)[rows_of(single, tokens)], single(tokens))
    assert num_rows(single) == len(matrix_of(single))
    for other in (
        embedder(a={"type": "embedding", "embedding_dim": 3}, b={"type": "embedding", "embedding_dim": 3}),
        embedder(tokens={"type": "embedding", "embedding_dim": 3, "projection_dim": 2}),
        embedder(tokens={"type": "pass_through", "hidden_dim": 3}),
    ):
        assert matrix_of(other) is None
        assert rows_of(other, tokens) is None
        assert num_rows(other) == 0


def normalized(counts, weight):
    vocabulary = Vocabulary({"tokens": counts})
    embedding = FrequencyNormalizedEmbedding(weight.size(1), vocab=vocabulary)
    with torch.no_grad():
        embedding.weight.copy_(weight)
    return embedding


def test_frequencies_weigh_mean_and_variance():
    weight = torch.tensor([[9.0], [9.0], [1.0], [5.0]])  # padding, unknown, frequent, rare
    embedding = normalized({"frequent": 3, "rare": 1}, weight)
    mean, deviation = (3 * 1.0 + 1 * 5.0) / 4, 3**0.5
    expected = (torch.tensor([[1.0], [5.0]]) - mean) / deviation
    torch.testing.assert_close(embedding.normalized_weight()[2:], expected, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(embedding(torch.tensor([[2, 3]]))[0], expected, rtol=1e-5, atol=1e-5)


def test_embeddings_cannot_escape_by_growing():
    weight = torch.randn(5, 3)
    counts = {"a": 4, "b": 2, "c": 1}
    small, large = normalized(counts, weight), normalized(counts, 100 * weight + 7)
    torch.testing.assert_close(small.normalized_weight(), large.normalized_weight(), rtol=1e-3, atol=1e-3)


def test_frequencies_are_kept_with_the_weights(tmp_path):
    embedding = normalized({"a": 4, "b": 2}, torch.randn(4, 2))
    torch.save(embedding.state_dict(), tmp_path / "weights.th")
    vocabulary = Vocabulary({"tokens": {"a": 4, "b": 2}})
    vocabulary.save_to_files(str(tmp_path / "vocabulary"))
    from_files = FrequencyNormalizedEmbedding(2, vocab=Vocabulary.from_files(str(tmp_path / "vocabulary")))
    assert from_files.frequencies.tolist() == pytest.approx([0.25] * 4)  # no counts in the files
    from_files.load_state_dict(torch.load(tmp_path / "weights.th"))
    assert torch.equal(from_files(torch.tensor([2, 3])), embedding(torch.tensor([2, 3])))


def test_from_a_configuration():
    built = embedder(tokens={"type": "frequency_normalized_embedding", "embedding_dim": 3})
    assert isinstance(built.token_embedder_tokens, FrequencyNormalizedEmbedding)
    assert isinstance(built.token_embedder_tokens, Embedding)
    assert matrix_of(built).shape == (32, 3)
