import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.modules import Seq2SeqEncoder

from attention_vat.modules import CnnWordsEncoder


def test_known_numbers():
    encoder = CnnWordsEncoder(input_dim=1, num_filters=1, ngram_filter_sizes=[3])
    with torch.no_grad():
        encoder._convolutions[0].weight.copy_(torch.tensor([[[1.0, 10.0, 100.0]]]))
        encoder._convolutions[0].bias.zero_()
    words = torch.tensor([[[1.0], [2.0], [3.0], [9.0]]])
    mask = torch.tensor([[True, True, True, False]])
    assert encoder(words, mask)[0, :3, 0].tolist() == [210.0, 321.0, 32.0]


def test_a_sentence_does_not_depend_on_padding():
    torch.manual_seed(0)
    encoder = Seq2SeqEncoder.from_params(Params({"type": "cnn_words", "input_dim": 4, "num_filters": 3}))
    words = torch.randn(1, 6, 4)
    padded = torch.cat([words, torch.randn(1, 5, 4)], dim=1)
    mask = torch.arange(11)[None] < 6
    assert encoder.get_output_dim() == 12
    torch.testing.assert_close(encoder(padded, mask)[:, :6], encoder(words, torch.ones(1, 6, dtype=torch.bool)))


@pytest.mark.parametrize("sizes", [[], [2], [0]])
def test_errors(sizes):
    with pytest.raises(ConfigurationError, match="must be odd and positive"):
        CnnWordsEncoder(3, ngram_filter_sizes=sizes)
