import pytest
import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.common.running_means import RunningMeans
from attention_vat.modules.transformer_attention import TransformerAttention, real_keys
from attention_vat.regularizers import AttentionMask, SelfAttentionAdversary, closing_bias
from attention_vat.regularizers.attention_mask import check_masking, counts_by_text, watch_masks
from tests.tiny_transformers import FAMILIES, tiny_encoder, tiny_ids

LENGTHS = [5, 3, 1]


def made_up_mask(batch):
    """Half of the cells, none of the second row of the first text, and all of the first row of the second text."""
    real = batch["attention_mask"].bool()
    generator = torch.Generator().manual_seed(1)
    kept = (torch.rand(len(real), 5, 5, generator=generator) < 0.5) & real.unsqueeze(1)
    kept[0, 1] = False
    kept[1, 0, :3] = True
    return kept.double()


@pytest.mark.parametrize("family", FAMILIES)
def test_closed_cells_have_no_weight_in_any_encoder(family):
    encoder, batch = tiny_encoder(family), tiny_ids(LENGTHS)
    kept, real = made_up_mask(batch), batch["attention_mask"].bool()
    with TransformerAttention(encoder).biased(lambda layer, hidden, mask: closing_bias(kept, mask)):
        output = encoder(**batch, output_attentions=True)
    plain = encoder(**batch, output_attentions=True)
    first, expected = (part.attentions[0] for part in (output, plain))
    if isinstance(first, tuple):  # ALBERT in groups
        first, expected = first[0], expected[0]
    open_rows = kept.any(2, keepdim=True)
    weights = torch.where(open_rows, kept, torch.ones_like(kept)).unsqueeze(1) * expected
    weights = weights / weights.sum(-1, keepdim=True)
    torch.testing.assert_close(first.transpose(1, 2)[real], weights.transpose(1, 2)[real], rtol=1e-9, atol=1e-12)
    assert first[0, :, 1].allclose(expected[0, :, 1])
    assert first.transpose(2, 3).transpose(1, 2)[~real].eq(0).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_an_adversary_learns_over_any_encoder_and_padding_changes_nothing(family):
    encoder, losses, gradients = tiny_encoder(family), [], []
    attention = TransformerAttention(encoder)
    torch.manual_seed(0)
    adversary = SelfAttentionAdversary(enumerate(attention.hidden_sizes)).double()
    for parameter in adversary.parameters():
        torch.nn.init.normal_(parameter, 0.0, 0.3)
    for width in (5, 8):
        batch = tiny_ids(LENGTHS, width)
        with attention.biased(lambda *arguments: closing_bias(adversary(*arguments), arguments[2])):
            states = encoder(**batch).last_hidden_state
        losses.append(states[batch["attention_mask"].bool()].pow(3).sum())
        gradients.append(torch.autograd.grad(losses[-1], list(adversary.parameters())))
    # DeBERTa compares positions in float32, with an array that is as long as the texts.
    tolerance = 1e-4 if "deberta" in family else 1e-9
    torch.testing.assert_close(losses[0], losses[1], rtol=tolerance, atol=tolerance)
    for short, long in zip(*gradients):
        torch.testing.assert_close(short, long, rtol=tolerance, atol=tolerance)
    # A layer that closes everything learns nothing here.
    assert sum(gradient.abs().sum().gt(0).item() for gradient in gradients[0]) >= len(gradients[0]) // 2


def test_counting_cells():
    batch = tiny_ids(LENGTHS)
    mask = AttentionMask(0, made_up_mask(batch), batch["attention_mask"].bool())
    kept, cells = counts_by_text(mask, 3)
    assert cells.tolist() == [25, 9, 1]
    assert kept.tolist() == [mask.kept[row, :length].sum().item() for row, length in enumerate(LENGTHS)]
    kept, cells = counts_by_text(mask, 3, count_padding=True)
    assert cells.tolist() == [25, 15, 5]
    assert kept.tolist() == mask.kept.sum((1, 2)).tolist()
    # All three rows are one text.
    assert [part.tolist() for part in counts_by_text(mask, 1)[1:]] == [[35]]


def test_watching_masks():
    batch, means = tiny_ids(LENGTHS), RunningMeans()
    mask = AttentionMask(3, made_up_mask(batch), batch["attention_mask"].bool())
    watch_masks(means, [mask, mask._replace(layer=4, kept=torch.ones(3, 5, 5) * mask.real.unsqueeze(1))], 3)
    read = means.read()
    expected = [mask.kept[row, :length].sum().item() / length**2 for row, length in enumerate(LENGTHS)]
    assert read["kept_share_layer_3"] == pytest.approx(sum(expected) / 3)
    assert read["kept_share_layer_4"] == 1.0
    assert read["kept_share"] == pytest.approx((sum(expected) / 3 + 1) / 2)
    empty = [(mask.kept[row, :length].sum(1) == 0).double().mean().item() for row, length in enumerate(LENGTHS)]
    assert read["empty_rows"] == pytest.approx(sum(empty) / 6)


def test_padding_alone_counts_as_nothing():
    """A segment of a long text may be padding only."""
    mask = torch.zeros(2, 1, 1, 3)
    mask[1] = torch.finfo(torch.float32).min
    assert real_keys(mask).tolist() == [[True] * 3, [False] * 3]
    bias = closing_bias(torch.zeros(2, 3, 3), mask).bias
    assert torch.softmax(bias, -1).isfinite().all()
    kept, cells = counts_by_text(AttentionMask(0, torch.ones(2, 3, 3), real_keys(mask)), 1)
    assert (kept.item(), cells.item()) == (9.0, 9)


@pytest.mark.parametrize("family", ["distilbert", "deberta"])
def test_padding_that_cannot_be_attended_to(family):
    attention = TransformerAttention(tiny_encoder(family))
    check_masking(attention, "clean", -10000.0)
    with pytest.raises(ConfigurationError, match="but .*Model cannot attend to padding; use 'clean'"):
        check_masking(attention, "uniform", -10000.0)
