import copy

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.modules import Seq2SeqEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from attention_vat.nn import encode_words
from attention_vat.nn.recurrent import _encode_packed, _encode_padded, _encode_rotated, encode_recurrent, is_recurrent

KINDS = [
    {"type": "lstm", "bidirectional": True},
    {"type": "lstm"},
    {"type": "lstm", "num_layers": 2, "bidirectional": True},
    {"type": "lstm", "bias": False, "bidirectional": True},
    {"type": "gru", "bidirectional": True},
    {"type": "gru", "num_layers": 2},
    {"type": "rnn", "bidirectional": True},
    {"type": "rnn", "nonlinearity": "relu"},
]


def make_encoder(**kind):
    torch.manual_seed(0)
    return Seq2SeqEncoder.from_params(Params({"input_size": 3, "hidden_size": 4, **kind})).double()


def make_batch(lengths, width=None):
    torch.manual_seed(1)
    words = torch.randn(len(lengths), width or max(lengths), 3, dtype=torch.float64)
    return words, torch.arange(words.size(1)) < torch.tensor(lengths).unsqueeze(1)


def states_and_gradients(encode, encoder, words, mask):
    encoder.zero_grad()
    words = words.clone().requires_grad_()
    hidden = encode(encoder, words, mask) * mask.unsqueeze(-1)
    (hidden * torch.cos(torch.arange(hidden.numel()).view_as(hidden))).sum().backward()
    return [hidden, words.grad] + [parameter.grad.clone() for parameter in encoder.parameters()]


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("lengths, width", [([4, 1, 3, 4], None), ([2, 2], None), ([1], None), ([3, 0, 2], 5)])
def test_states_and_gradients_are_those_of_allennlp(kind, lengths, width):
    encoder = make_encoder(**kind)
    words, mask = make_batch(lengths, width)
    expected = states_and_gradients(lambda e, *inputs: e(*inputs), encoder, words, mask)
    for encode in (
        encode_recurrent,
        lambda e, w, m: _encode_padded(e._module, w, m.sum(1)),
        lambda e, w, m: _encode_packed(e._module, w, m.sum(1)),
        lambda e, w, m: _encode_rotated(e._module, w, m.sum(1)),
    ):
        for ours, theirs in zip(states_and_gradients(encode, encoder, words, mask), expected):
            torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=5), st.integers(0, 3))
def test_a_text_does_not_depend_on_its_neighbours_and_padding(lengths, padding):
    encoder = make_encoder(type="lstm", bidirectional=True)
    words, mask = make_batch(lengths, max(lengths) + padding or 1)
    hidden = encode_words(encoder, words, mask)
    for row, length in enumerate(lengths):
        if length:
            alone = encode_words(encoder, words[row : row + 1, :length], mask[row : row + 1, :length])
            torch.testing.assert_close(hidden[row, :length], alone[0], rtol=1e-9, atol=1e-12)
        assert hidden[row, length:].eq(0).all()


def test_mostly_padding_is_packed(monkeypatch):
    encoder = make_encoder(type="lstm")
    calls = []
    for name, function in (("_encode_packed", _encode_packed), ("_encode_padded", _encode_padded)):
        monkeypatch.setattr(
            "attention_vat.nn.recurrent." + name,
            lambda *arguments, name=name, function=function: calls.append(name) or function(*arguments),
        )
    for lengths in ([8, 8, 7, 6], [40] + [1] * 19):
        encode_recurrent(encoder, *make_batch(lengths))
    assert calls == ["_encode_padded", "_encode_packed"]


def test_dropout_between_layers():
    encoder = make_encoder(type="lstm", num_layers=2, dropout=0.5)
    words, mask = make_batch([5, 4])
    torch.manual_seed(3)
    first = encode_recurrent(encoder, words, mask)
    torch.manual_seed(3)
    torch.testing.assert_close(encode_recurrent(encoder, words, mask), first)
    assert not torch.equal(encode_recurrent(encoder, words, mask), first)
    encoder.eval()
    torch.testing.assert_close(encode_words(encoder, words, mask), encoder(words, mask))


def test_encoders_that_are_run_as_they_are():
    assert is_recurrent(make_encoder(type="lstm"))
    assert not is_recurrent(make_encoder(type="lstm", stateful=True))
    augmented = Seq2SeqEncoder.from_params(Params({"type": "augmented_lstm", "input_size": 3, "hidden_size": 4}))
    assert not is_recurrent(augmented)


def test_hooks_do_not_change_the_way():
    # AllenNLP's sanity checks put some on in each run, and take them off after the first batch of a new one.
    encoder = make_encoder(type="lstm")
    encoder.register_forward_hook(lambda *arguments: None)
    assert is_recurrent(encoder)


def test_a_copy_has_weights_of_its_own():
    encoder = make_encoder(type="lstm")
    other = copy.deepcopy(encoder)
    with torch.no_grad():
        other._module.weight_ih_l0.zero_()
    words, mask = make_batch([2])
    assert not torch.equal(encode_words(encoder, words, mask), encode_words(other, words, mask))


def test_embeddings_of_another_size_are_refused():
    encoder = make_encoder(type="lstm")
    with pytest.raises(ConfigurationError, match="input_size is 3, but the embeddings have 2 dimensions"):
        encode_recurrent(encoder, torch.zeros(2, 4, 2, dtype=torch.float64), torch.ones(2, 4, dtype=torch.bool))
