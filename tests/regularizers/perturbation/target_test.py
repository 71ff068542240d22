import torch

from attention_vat.regularizers.perturbation import AttentionTarget
from tests.tiny import clean_pass, tiny_model


def test_attention_target_does_not_run_the_encoder_again(monkeypatch):
    model, target = tiny_model(), AttentionTarget()
    clean = clean_pass(model, [4, 2])
    monkeypatch.setattr(model, "encode", None)
    logits = target.logits(model, clean, torch.zeros_like(clean.encoded.scores))
    torch.testing.assert_close(logits, clean.logits)
    moved = target.logits(model, clean, torch.randn_like(clean.encoded.scores))
    assert not torch.allclose(moved, clean.logits)


def test_frozen_has_no_graph_to_the_parameters():
    model, target = tiny_model(), AttentionTarget()
    clean = clean_pass(model, [4, 2])
    frozen = target.frozen(clean)
    assert clean.encoded.values.requires_grad
    assert not frozen.encoded.values.requires_grad
    assert not frozen.encoded.scores.requires_grad
    assert not target.point(clean).requires_grad
    assert torch.equal(target.mask(clean), clean.encoded.mask)
