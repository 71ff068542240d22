import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.modules import Seq2SeqEncoder

from attention_vat.nn import encode_words
from tests.tiny import tiny_model, tiny_pair_model, tiny_tokens

LSTM = {"type": "lstm", "input_size": 6, "hidden_size": 3, "bidirectional": True}


def make(**options):
    torch.manual_seed(0)
    return Seq2SeqEncoder.from_params(Params({"type": "with_embeddings", "encoder": dict(LSTM), **options}))


@pytest.mark.parametrize("mode", ["concatenation", "residual"])
def test_the_words_are_there(mode):
    encoder = make(mode=mode)
    words, mask = torch.randn(3, 4, 6), torch.arange(4) < torch.tensor([[4], [2], [0]])
    hidden = encode_words(encoder, words, mask)
    inner = encoder.encoder(words[:2], mask[:2])
    expected = torch.cat([inner, words[:2]], dim=2) if mode == "concatenation" else inner + words[:2]
    torch.testing.assert_close(hidden[:2][mask[:2]], expected[mask[:2]])
    assert hidden[~mask].abs().sum() == 0
    assert hidden.size(2) == encoder.get_output_dim() == (12 if mode == "concatenation" else 6)
    assert encoder.get_input_dim() == 6
    assert encoder.is_bidirectional()


def test_in_a_model():
    model = tiny_model(encoder={"type": "with_embeddings", "encoder": dict(LSTM)}, regularizers=[{"type": "word_vat"}])
    model(tokens=tiny_tokens([3, 1, 0]), label=torch.tensor([0, 1, 1]))["loss"].backward()
    assert model.encoder.encoder._module.weight_ih_l0.grad.abs().sum() > 0


def test_errors():
    with pytest.raises(ConfigurationError, match="mode is 'sum', but must be one of concatenation, residual"):
        make(mode="sum")
    with pytest.raises(ConfigurationError, match="they have 10 and 6 dimensions; set hidden_size to 6, or to half"):
        make(mode="residual", encoder={**LSTM, "hidden_size": 5})


@pytest.mark.parametrize(
    "encoder",
    [
        {"type": "with_embeddings", "encoder": dict(LSTM)},
        {"type": "orthogonal_lstm", "input_size": 6, "hidden_size": 4},
    ],
)
def test_it_is_no_encoder_of_a_hypothesis(encoder):
    with pytest.raises(ConfigurationError, match="does not summarize the hypothesis; set hypothesis_encoder"):
        tiny_pair_model(shared=True, encoder=encoder)
    tiny_pair_model(encoder=encoder)
