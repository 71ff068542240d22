import math

import pytest
import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.regularizers import MaskedLanguageModel
from tests.tiny import NUM_WORDS, clean_pass, tiny_labels, tiny_model, tiny_pair_model, tiny_tokens

LENGTHS = [5, 2, 0, 1, 4]
EQUAL = {"encoder": {"type": "lstm", "input_size": 6, "hidden_size": 3, "bidirectional": True}}


def model_with(make=tiny_model, **options):
    own = {name: options.pop(name) for name in ("encoder", "dropout", "boundary_tokens") if name in options}
    return make(**own, regularizers=[{"type": "masked_language_model", **options}]).train()


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("make", [tiny_model, tiny_pair_model])
def test_all_words_masked(make, tied):
    """Nothing is left to chance: each state of masked words says which word it was."""
    model = model_with(make, **EQUAL, mask_rate=1.0, keep_rate=0.0, random_rate=0.0, tie_to_embeddings=tied)
    clean = clean_pass(model, LENGTHS)
    (regularizer,), decoder = model.regularizers, model.adversaries["0"]
    mask, matrix = clean.encoded.mask, model.embedding_matrices()[0]
    words = clean.embedded.clean_words.clone()
    words[:, : mask.size(1)][mask] = decoder.mask_vector
    states = model.encode(clean.embedded._replace(words=words)).hidden
    losses, right = [], []
    for row, length in enumerate(LENGTHS):
        for place in range(length):
            logits = (matrix if tied else decoder.weight) @ states[row, place] + decoder.bias
            word = clean.embedded.ids[row, place]
            losses.append(logits.logsumexp(0) - logits[word])
            right.append(float(logits.argmax() == word))
    assert regularizer(model, [clean]).item() == pytest.approx(torch.stack(losses).mean().item())
    means = regularizer.means.read()
    assert means["mlm_loss"] == pytest.approx(torch.stack(losses).mean().item())
    assert means["mlm_accuracy"] == pytest.approx(sum(right) / len(right))
    assert (decoder.weight is None) is tied


def test_rates():
    model = model_with(mask_rate=0.4, keep_rate=0.25, random_rate=0.25, max_predictions=10**6)
    clean = clean_pass(model, [60] * 200)
    seen = {}
    encode = model.encode

    def watched(embedded):
        seen["words"] = embedded.words
        return encode(embedded)

    model.encode = watched
    torch.manual_seed(3)
    with torch.no_grad():
        _, targets = model.regularizers[0]._hidden_and_targets(
            model, clean, model.adversaries["0"].mask_vector, model.embedding_matrices()[0]
        )
    assert len(targets) / 12000 == pytest.approx(0.4, abs=0.02)
    before, after = clean.embedded.clean_words, seen["words"]
    changed = (before != after).any(2)
    is_mask = (after == model.adversaries["0"].mask_vector).all(2)
    assert is_mask.sum().item() / len(targets) == pytest.approx(0.5, abs=0.03)
    # One of thirty words that are drawn is the word itself.
    assert (changed & ~is_mask).sum().item() / len(targets) == pytest.approx(0.25 * 29 / 30, abs=0.02)
    rows = model.embedding_matrices()[0]
    others = torch.unique(after[changed & ~is_mask], dim=0)
    assert len(others) == NUM_WORDS
    assert not any((other == row).all() for row in rows[:2] for other in others), "no padding, no unknown word"


def test_no_more_than_so_many():
    model = model_with(mask_rate=1.0, max_predictions=7)
    clean = clean_pass(model, LENGTHS)
    first, second = (model.regularizers[0]._chosen(clean.encoded.mask) for _ in range(2))
    assert first.sum() == second.sum() == 7
    assert not torch.equal(first, second)
    assert not (first & ~clean.encoded.mask).any()


@pytest.mark.parametrize("rows", [[0], [0, 1]])
def test_unknown_words_and_marks_are_neither_masked_nor_asked(rows):
    model = model_with(mask_rate=1.0, boundary_tokens=1, keep_rate=0.0, random_rate=0.0)
    tokens = torch.tensor([[5, 6, 1, 7, 8, 0]])
    clean = model.clean_pass({"tokens": {"tokens": {"tokens": tokens}}})
    hidden, targets = model.regularizers[0]._hidden_and_targets(
        model, clean, model.adversaries["0"].mask_vector, model.embedding_matrices()[0]
    )
    assert targets.tolist() == [6, 7]
    assert hidden.shape == (2, 10)


def test_nothing_chosen():
    model = model_with(mask_rate=0.0)
    model(tokens=tiny_tokens(LENGTHS), label=tiny_labels(5))["loss"].backward()
    assert all(p.grad is not None and p.grad.abs().sum() == 0 for p in model.adversaries.parameters())
    assert not [name for name in model.get_metrics() if name.startswith("mlm")]
    model(tokens=tiny_tokens([0, 0]), label=tiny_labels(2))["loss"].backward()


def test_the_pass_that_decides_is_not_touched():
    torch.manual_seed(1)
    plain = tiny_model().eval()
    model = model_with(dropout=0.0)
    model.load_state_dict(plain.state_dict(), strict=False)
    tokens, label = tiny_tokens(LENGTHS), tiny_labels(5)
    torch.testing.assert_close(model(tokens=tokens, label=label)["logits"], plain(tokens=tokens)["logits"])


def test_a_decoder_that_knows_nothing_costs_log_v():
    model = model_with(mask_rate=0.5)
    with torch.no_grad():
        for parameter in model.adversaries.parameters():
            parameter.mul_(1e-4)
    loss = model.regularizers[0](model, [clean_pass(model, [20] * 10)])
    assert loss.item() == pytest.approx(math.log(NUM_WORDS + 2), abs=0.01)


def test_unlabelled_text():
    model = model_with(mask_rate=1.0, keep_rate=0.0, random_rate=0.0)
    passes = [clean_pass(model, [3, 2]), clean_pass(model, [4], labeled=False)]
    (regularizer,) = model.regularizers
    parts = [regularizer(model, [clean]).item() for clean in passes]
    assert regularizer(model, passes).item() == pytest.approx((5 * parts[0] + 4 * parts[1]) / 9)
    regularizer.unlabeled = False
    assert regularizer(model, passes).item() == pytest.approx(parts[0])
    assert not regularizer.uses_unlabeled


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"mask_rate": 2.0}, "mask_rate is 2.0, but must be from 0 to 1"),
        ({"keep_rate": 0.7, "random_rate": 0.7}, r"keep_rate \+ random_rate is 1.4"),
        ({"max_predictions": 0}, "max_predictions is 0, but must be at least 1"),
        ({"weight": -1.0}, "weight"),
    ],
)
def test_options_out_of_range(options, problem):
    with pytest.raises(ConfigurationError, match=problem):
        MaskedLanguageModel(**options)


def test_models_that_it_does_not_fit():
    with pytest.raises(ConfigurationError, match="they have 10 and 6 dimensions; set hidden_size to 6"):
        model_with(tie_to_embeddings=True)
    two = {"tokens": {"type": "embedding", "embedding_dim": 3}, "more": {"type": "embedding", "embedding_dim": 3}}
    with pytest.raises(ConfigurationError, match="needs words from a single embedding matrix"):
        tiny_model(text_field_embedder={"token_embedders": two}, regularizers=[{"type": "masked_language_model"}])
