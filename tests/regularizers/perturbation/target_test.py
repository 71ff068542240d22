import pytest
import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.regularizers.perturbation import AttentionTarget, AttentionWeightsTarget
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


def test_fixed_values_teach_attention_only():
    model = tiny_model()
    for fixed in (False, True):
        model.zero_grad(set_to_none=True)
        clean = clean_pass(model, [4, 2])
        target = AttentionTarget(fixed_values=fixed)
        target.logits(model, clean, torch.randn_like(clean.encoded.scores)).sum().backward()
        assert (model.decoder.weight.grad is None) is fixed
        assert all(float(p.grad.abs().sum()) > 0 for p in model.scorer.parameters())


def test_perturbed_weights_by_hand():
    model, target = tiny_model(), AttentionWeightsTarget()
    clean = clean_pass(model, [4, 2])
    weights, values = target.point(clean), clean.encoded.values
    torch.testing.assert_close(weights, model.attend(clean.encoded, clean.encoded.scores))
    r = torch.tensor([[0.3, -0.1, 0.0, -2.0], [0.1, 0.2, 0.0, 0.0]], dtype=weights.dtype)
    expected = []
    for row in range(2):
        moved = (weights[row] + r[row]).clamp(min=0)
        expected.append((moved / moved.sum()) @ values[row] + model.decoder.bias)
    torch.testing.assert_close(target.logits(model, clean, r), torch.stack(expected))
    torch.testing.assert_close(target.logits(model, clean, torch.zeros_like(r)), clean.logits)


def test_all_words_move_alike_when_weights_are_perturbed():
    """To first order the change of the logit is `Σ r_t (v_t − v̄)`, without the weight that scores have there."""
    model, target = tiny_model(), AttentionWeightsTarget()
    clean = clean_pass(model, [4, 2])
    r = torch.zeros_like(clean.encoded.scores).requires_grad_()
    (gradient,) = torch.autograd.grad(target.logits(model, clean, r).sum(), r)
    values = clean.encoded.values.squeeze(2)
    mean = (target.point(clean) * values).sum(dim=1, keepdim=True)
    torch.testing.assert_close(gradient, (values - mean) * clean.encoded.mask)


def test_perturbed_weights_need_a_softmax():
    with pytest.raises(ConfigurationError, match="the normalizer of the model is Sparsemax, but must be softmax"):
        tiny_model(
            normalizer={"type": "sparsemax"},
            regularizers=[{"type": "attention_vat", "target": {"type": "attention_weights"}}],
        )


def test_a_text_without_words_has_no_weights_to_perturb():
    model = tiny_model(
        regularizers=[{"type": "attention_vat", "target": {"type": "attention_weights"}, "epsilon": 0.3}]
    )
    clean = clean_pass(model, [3, 0])
    loss = model.regularizers[0](model, [clean])
    assert torch.isfinite(loss)
    loss.backward()
    assert all(torch.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)
