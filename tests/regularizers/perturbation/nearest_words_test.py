import pytest
import torch
from allennlp.common.checks import ConfigurationError
from hypothesis import given
from hypothesis import strategies as st

from attention_vat.regularizers.perturbation import NearestWords
from attention_vat.regularizers.perturbation import nearest_words as module
from attention_vat.regularizers.perturbation.nearest_words import nearest_words
from tests.tiny import clean_pass, tiny_model, tiny_pair_model


@given(st.integers(1, 12), st.integers(1, 5), st.integers(1, 4), st.integers(0, 99))
def test_nearest_words_equal_a_literal_search(size, num_neighbors, block, seed):
    torch.manual_seed(seed)
    matrix, excluded = torch.randn(size, 3), torch.tensor([0])
    before, module.BLOCK_SIZE = module.BLOCK_SIZE, block
    try:
        found = nearest_words(matrix, num_neighbors, excluded)
    finally:
        module.BLOCK_SIZE = before
    for row in range(size):
        cosine = torch.cosine_similarity(matrix[row : row + 1], matrix)
        expected = sorted((k for k in range(size) if k not in (0, row)), key=lambda k: -cosine[k])[:num_neighbors]
        assert found[row].tolist() == expected + [-1] * (num_neighbors - len(expected))


def test_the_perturbation_equals_autograd_through_the_weights():
    """Sato et al. (2018) literally: the gradient with respect to α at 0, and r = Σ α d, scaled over the sentence."""
    model = tiny_model()
    clean = clean_pass(model, [5, 3])
    directions = NearestWords(num_neighbors=4)
    bound = directions.of(model, clean)
    (matrix,) = model.embedding_matrices()
    mask, point = clean.embedded.mask.unsqueeze(-1), clean.embedded.words.detach()
    gradient = torch.randn_like(point)
    got = bound.unit(gradient, point, mask)

    neighbors = nearest_words(matrix.detach(), 4, torch.tensor([0, 1]))[clean.embedded.ids]
    towards = matrix.detach()[neighbors] - point.unsqueeze(2)
    unit = towards / towards.norm(dim=-1, keepdim=True)
    alpha = torch.zeros(*unit.shape[:3], dtype=point.dtype, requires_grad=True)
    perturbation = (alpha.unsqueeze(-1) * unit).sum(2) * mask
    (alpha_gradient,) = torch.autograd.grad((perturbation * gradient).sum(), alpha)
    moved = (alpha_gradient.unsqueeze(-1) * unit).sum(2) * mask
    expected = moved / moved.flatten(1).norm(dim=1).view(-1, 1, 1)
    torch.testing.assert_close(got, expected)


def test_neighbors_are_kept_until_refreshed():
    model = tiny_model()
    directions = NearestWords(num_neighbors=2)
    directions.of(model, clean_pass(model, [3]))
    first = directions.state_dict()["neighbors"].clone()
    with torch.no_grad():
        model.embedding_matrices()[0].normal_()
    directions.of(model, clean_pass(model, [3]))
    assert torch.equal(directions.state_dict()["neighbors"], first)
    directions.refresh(model)
    assert not torch.equal(directions.state_dict()["neighbors"], first)
    recovered = NearestWords(num_neighbors=2)
    recovered.load_state_dict({"neighbors": first})
    recovered.of(model, clean_pass(model, [3]))
    assert torch.equal(recovered.state_dict()["neighbors"], first)


def test_neighbors_in_the_second_of_two_vocabularies_are_its_own_words():
    """Its rows come after those of the first one, and so do the numbers of its neighbours."""
    model = tiny_pair_model()
    directions = NearestWords(num_neighbors=3)
    directions.refresh(model)
    neighbors = directions.state_dict()["neighbors"]
    first, second = model.embedding_matrices()
    size = first.size(0)
    excluded = torch.tensor(model.rows_without_meaning())
    assert torch.equal(neighbors[:size], nearest_words(first.detach(), 3, excluded))
    assert torch.equal(neighbors[size:], nearest_words(second.detach(), 3, excluded) + size)
    # A word of the second text is moved along the directions to them.
    clean = clean_pass(model, [2])
    bound = directions.of(model, clean)
    matrix = torch.cat([first, second]).detach()
    ids = clean.embedded.ids
    word = int((ids >= size).nonzero()[0, 1])
    towards = matrix[neighbors[ids[0, word], 0]] - matrix[ids[0, word]]
    torch.testing.assert_close(bound._direction(0)[0, word], towards / towards.norm())


def test_nobody_is_moved_towards_padding_or_the_unknown_word():
    model = tiny_model()
    directions = NearestWords(num_neighbors=5)
    directions.refresh(model)
    neighbors = directions.state_dict()["neighbors"]
    assert not torch.isin(neighbors, torch.tensor(model.rows_without_meaning())).any()
    assert model.rows_without_meaning() == [0, 1]


def test_words_that_are_no_rows_of_a_matrix():
    tables = {name: {"type": "embedding", "embedding_dim": 3} for name in ("tokens", "more")}
    model = tiny_model(text_field_embedder={"token_embedders": tables})
    assert model.embedding_matrices() == []
    clean = clean_pass(tiny_model(), [3])
    with pytest.raises(ConfigurationError, match="needs a single token embedder"):
        NearestWords().of(model, clean)
