import pytest
import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.modules.task_scaling import Conv, Feat, Lin
from tests.tiny import clean_pass, tiny_labels, tiny_model, tiny_tokens

KINDS = ["lin", "feat", "conv"]
LENGTHS = [4, 2, 0]


def test_numbers_by_hand():
    ids, words = torch.tensor([[2, 0]]), torch.tensor([[[1.0, 2.0], [3.0, 4.0]]])
    lin, feat, conv = Lin(3, 2), Feat(3, 2), Conv(3, 2, num_channels=2)
    assert lin(ids, words).tolist() == feat(ids, words).tolist() == [[3.0, 7.0]]
    with torch.no_grad():
        lin.u.copy_(torch.tensor([10.0, 0.0, -1.0]))
        feat.U.copy_(torch.tensor([[1.0, 0.0], [0.0, 0.0], [2.0, 3.0]]))
        conv.u.copy_(lin.u)
        conv.conv_tasc.weight.copy_(torch.tensor([[[1.0], [0.0]], [[0.0], [2.0]]]))
        conv.conv_tasc.bias.copy_(torch.tensor([0.5, 0.25]))
    assert lin(ids, words).tolist() == [[-3.0, 70.0]]
    assert feat(ids, words).tolist() == [[8.0, 3.0]]
    assert conv(ids, words).tolist() == [[-1 - 4 + 0.75, 30 + 80 + 0.75]]


@pytest.mark.parametrize("kind", KINDS)
def test_in_a_model(kind):
    model = tiny_model(task_scaling=kind, num_labels=3, regularizers=[{"type": "attention_vat"}, {"type": "word_at"}])
    clean = clean_pass(model.eval(), LENGTHS)
    factors = clean.encoded.factors
    for row, length in enumerate(LENGTHS):
        attention = torch.softmax(clean.encoded.scores[row, :length], 0)
        context = sum(
            (attention[word] * factors[row, word] * clean.encoded.hidden[row, word] for word in range(length)),
            torch.zeros(10, dtype=torch.float64),
        )
        torch.testing.assert_close(clean.logits[row], model.decoder(context))
    expected = model.task_scaling(clean.embedded.ids, clean.embedded.words)
    torch.testing.assert_close(factors[clean.encoded.mask], expected[clean.encoded.mask])
    assert factors[~clean.encoded.mask].abs().sum() == 0, "the bias of a convolution too"
    model.train()
    model(tokens=tiny_tokens(LENGTHS), label=tiny_labels(3))["loss"].backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in model.task_scaling.parameters())


@pytest.mark.parametrize("kind", KINDS)
def test_factors_are_shown_beside_attention(kind):
    model = tiny_model(task_scaling=kind).eval()
    output = model.make_output_human_readable(model(tokens=tiny_tokens(LENGTHS)))
    assert [len(row) for row in output["task_scaling"]] == [len(row) for row in output["attention"]] == LENGTHS
    torch.testing.assert_close(torch.tensor([row.sum() for row in output["attention"][:2]]), torch.ones(2).double())
    assert "task_scaling" not in tiny_model().eval()(tokens=tiny_tokens(LENGTHS))


def test_words_must_come_from_a_matrix():
    two = {"tokens": {"type": "embedding", "embedding_dim": 3}, "more": {"type": "embedding", "embedding_dim": 3}}
    with pytest.raises(ConfigurationError, match="task_scaling needs words from a single embedding matrix"):
        tiny_model(text_field_embedder={"token_embedders": two}, task_scaling="lin")
