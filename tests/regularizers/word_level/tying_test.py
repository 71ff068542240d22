import pytest
import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.regularizers import Conicity, Tying
from tests.tiny import clean_pass, tiny_labels, tiny_model, tiny_pair_model, tiny_tokens

EQUAL = {"encoder": {"type": "lstm", "input_size": 6, "hidden_size": 3, "bidirectional": True}}
LENGTHS = [4, 2, 0, 1]


def literal(model, clean, squared):
    """The penalty of each text, word for word; of two texts, of the first."""
    states, words = clean.encoded.states, clean.embedded.clean_words
    losses = []
    for row, length in enumerate(clean.encoded.mask.sum(1).tolist()):
        distances = [(states[row, word] - words[row, word]).norm() ** (2 if squared else 1) for word in range(length)]
        losses.append(sum(distances) / max(length, 1))
    return torch.stack([torch.as_tensor(loss, dtype=torch.float64) for loss in losses])


@pytest.mark.parametrize("squared", [True, False])
@pytest.mark.parametrize("make", [tiny_model, tiny_pair_model])
def test_equals_a_literal_version(make, squared):
    model = make(**EQUAL, dropout=0.4, regularizers=[{"type": "tying", "squared": squared}]).train()
    clean = clean_pass(model, LENGTHS)
    (regularizer,) = model.regularizers
    expected = literal(model, clean, squared)
    torch.testing.assert_close(regularizer.text_losses(model, clean), expected)
    assert regularizer(model, [clean]).item() == pytest.approx(expected.mean().item())


def test_it_is_zero_where_states_are_their_words():
    model = tiny_model(encoder={"type": "pass_through", "input_dim": 6}, dropout=0.5, regularizers=[{"type": "tying"}])
    model.eval()
    clean = clean_pass(model, LENGTHS)
    assert model.regularizers[0](model, [clean]).item() == 0.0


@pytest.mark.parametrize("detached", [True, False])
def test_what_is_moved(detached):
    model = tiny_model(**EQUAL).train()
    clean = clean_pass(model, LENGTHS)
    tying = Tying(detach_embeddings=detached)
    words = clean.embedded.clean_words
    direct, states = torch.autograd.grad(tying(model, [clean]), [words, clean.encoded.states], retain_graph=True)
    # The states are a function of the words too.
    (through,) = torch.autograd.grad(clean.encoded.states, words, states)
    own = -2 * (clean.encoded.states - words) * clean.encoded.mask.unsqueeze(2)
    own = own / clean.encoded.mask.sum(1).clamp_min(1).view(-1, 1, 1) / len(LENGTHS)
    torch.testing.assert_close(direct, through if detached else through + own)


def test_metrics():
    model = tiny_model(**EQUAL, regularizers=[{"type": "tying"}, {"type": "conicity"}]).train()
    output = model(tokens=tiny_tokens(LENGTHS), label=tiny_labels(4))
    clean = clean_pass(model, LENGTHS)
    mask = clean.encoded.mask
    states, words = clean.encoded.states[mask], clean.embedded.words[mask]
    metrics = model.get_metrics()
    assert metrics["tying_distance_0"] == pytest.approx((states - words).norm(dim=1).mean().item())
    assert metrics["state_norm_0"] == pytest.approx(states.norm(dim=1).mean().item())
    assert metrics["embedding_norm_0"] == pytest.approx(words.norm(dim=1).mean().item())
    assert 0 < metrics["conicity_1"] < 1
    parts = [0.1 * model.regularizers[0](model, [clean]), 0.5 * model.regularizers[1](model, [clean])]
    expected = metrics["supervised_loss"] + sum(part.item() for part in parts)
    assert output["loss"].item() == pytest.approx(expected)


@pytest.mark.parametrize("name", ["tying", "conicity"])
def test_unlabelled_text(name):
    model = tiny_model(**EQUAL).train()
    passes = [clean_pass(model, [3, 2]), clean_pass(model, [5], labeled=False)]
    kind = {"tying": Tying, "conicity": Conicity}[name]
    with_it, without = kind(), kind(unlabeled=False)
    assert with_it.uses_unlabeled
    assert not without.uses_unlabeled
    both = torch.cat([with_it.text_losses(model, clean) for clean in passes])
    assert with_it(model, passes).item() == pytest.approx(both.mean().item())
    assert without(model, passes).item() == pytest.approx(both[:2].mean().item())


def test_marks_of_start_and_end_do_not_count():
    model = tiny_model(**EQUAL, boundary_tokens=1).train()
    clean = clean_pass(model, [4])
    inner = clean._replace(encoded=clean.encoded._replace(mask=torch.tensor([[False, True, True, False]])))
    for regularizer in (Tying(), Conicity()):
        assert regularizer(model, [clean]).item() == pytest.approx(regularizer(model, [inner]).item())


@pytest.mark.parametrize("name", ["tying", "conicity"])
def test_no_words_at_all(name):
    model = tiny_model(**EQUAL, regularizers=[{"type": name}]).train()
    output = model(tokens=tiny_tokens([0, 0]), label=tiny_labels(2))
    output["loss"].backward()
    assert output["loss"].isfinite()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())
    assert "tying_distance" not in model.get_metrics(), "over no words there is no distance"


def test_states_of_another_size_are_refused():
    with pytest.raises(ConfigurationError, match="they have 10 and 6 dimensions; set hidden_size to 6, or to half"):
        tiny_model(regularizers=[{"type": "tying"}])
