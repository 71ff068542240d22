import torch
from allennlp.common import Params
from allennlp.modules import Seq2SeqEncoder

from attention_vat.nn import encode_words, full_precision, without_boundaries


def test_encode_words_is_zero_at_padding_and_for_empty_texts():
    encoder = Seq2SeqEncoder.from_params(
        Params({"type": "lstm", "input_size": 3, "hidden_size": 2, "bidirectional": True})
    )
    mask = torch.tensor([[True, True, False], [False, False, False]])
    hidden = encode_words(encoder, torch.randn(2, 3, 3), mask)
    assert hidden.shape == (2, 3, 4)
    assert hidden[~mask].eq(0).all()
    assert hidden[mask].ne(0).any()
    for width in (0, 3):  # a batch of nothing else
        empty = encode_words(encoder, torch.randn(2, width, 3), torch.zeros(2, width, dtype=torch.bool))
        assert empty.shape == (2, width, 4)
        assert empty.eq(0).all()


def test_encode_words_masks_encoders_that_do_not():
    encoder = Seq2SeqEncoder.from_params(
        Params(
            {
                "type": "feedforward",
                "feedforward": {"input_dim": 3, "num_layers": 1, "hidden_dims": 2, "activations": "tanh"},
            }
        )
    )
    mask = torch.tensor([[True, False]])
    assert encode_words(encoder, torch.randn(1, 2, 3), mask)[~mask].eq(0).all()


def test_without_boundaries():
    mask = torch.arange(6) < torch.tensor([[6], [3], [2], [1], [0]])
    expected = [[0, 1, 1, 1, 1, 0], [0, 1, 0, 0, 0, 0], [0] * 6, [0] * 6, [0] * 6]
    assert without_boundaries(mask, 1).tolist() == torch.tensor(expected).bool().tolist()
    assert without_boundaries(mask, 0) is mask


def test_full_precision():
    for before, after in [
        (torch.float16, torch.float32),
        (torch.bfloat16, torch.float32),
        (torch.float32, torch.float32),
        (torch.float64, torch.float64),
    ]:
        assert full_precision(torch.zeros(1, dtype=before)).dtype == after
