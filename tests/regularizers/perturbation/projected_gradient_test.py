import pytest
import torch
from allennlp.common.checks import ConfigurationError

from tests.tiny import tiny_labels
from tests.tiny_transformers import tiny_pieces, tiny_transformer_model

LENGTHS = [6, 4, 3]


def attacked(config, **kwargs):
    model = tiny_transformer_model([config], **kwargs)
    return model, model.regularizers[0], model.clean_pass({"tokens": tiny_pieces(LENGTHS)}, tiny_labels(3))


def literal_freelb(model, clean, epsilon, step_size, num_steps):
    """Mean loss over the points passed, text by text; every step a pass of its own."""
    embeddings = model.text_field_embedder.token_embedder_tokens.transformer_model.get_input_embeddings()
    points, losses = [torch.zeros(len(LENGTHS), 6, 16, dtype=torch.float64)], []
    for _ in range(num_steps):
        r = points[-1].clone().requires_grad_()
        handle = embeddings.register_forward_hook(lambda module, arguments, output, r=r: output + r)
        losses.append(model.sentence_losses(model.again(clean), clean.label))
        handle.remove()
        (gradient,) = torch.autograd.grad(losses[-1].sum(), r, retain_graph=True)
        moved = []
        for row, length in enumerate(LENGTHS):
            g = gradient[row].clone()
            g[length:] = 0.0
            new = points[-1][row] + step_size * g / g.norm()
            moved.append(new * min(1.0, epsilon / new.norm().item()))
        points.append(torch.stack(moved))
    return torch.stack(losses).mean(), points


@pytest.mark.parametrize(("epsilon", "num_steps"), [(10.0, 2), (0.3, 3)])
def test_freelb_is_the_mean_over_the_points_passed(epsilon, num_steps):
    config = {"type": "freelb", "epsilon": epsilon, "step_size": 0.2, "num_steps": num_steps}
    model, attack, clean = attacked(config)
    loss = attack(model, [clean])
    expected, points = literal_freelb(model, clean, epsilon, 0.2, num_steps)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-10)
    parameters = [p for p in model.parameters() if p.requires_grad]
    for gradient, other in zip(
        torch.autograd.grad(loss, parameters, allow_unused=True),
        torch.autograd.grad(expected, parameters, allow_unused=True),
    ):
        assert (gradient is None) == (other is None)
        if gradient is not None:
            torch.testing.assert_close(gradient, other, rtol=1e-8, atol=1e-11)
    # Two steps of 0.2 in nearly the same direction leave a ball of 0.3.
    if epsilon == 0.3:
        assert points[-1].flatten(1).norm(dim=1).max().item() == pytest.approx(0.3)
    metrics = attack.means.read()
    assert metrics["adversarial_loss"] == pytest.approx(loss.item())


def test_the_first_point_of_freelb_is_the_clean_text():
    model, attack, clean = attacked({"type": "freelb", "num_steps": 1}, dropout=0.3)
    assert attack(model, [clean]).item() == model.sentence_losses(clean.logits, clean.label).mean().item()


def test_smart_stays_in_its_ball_and_hurts():
    config = {"type": "smart", "epsilon": 0.05, "step_size": 0.03, "num_steps": 3}
    model, attack, clean = attacked(config)
    perturbation = attack.perturbation(model, clean)
    assert perturbation.abs().max().item() == pytest.approx(0.05)
    assert perturbation[~attack.target.mask(clean).expand_as(perturbation)].eq(0).all()
    worst = attack.objective.losses(model, clean, attack.target.logits(model, clean, perturbation))
    noise = 0.05 * torch.randn_like(perturbation).sign() * attack.target.mask(clean)
    random = attack.objective.losses(model, clean, attack.target.logits(model, clean, noise))
    assert worst.mean() > random.mean() > 0


def test_smart_compares_in_both_directions_with_one_side_constant():
    model, attack, clean = attacked({"type": "smart"})
    logits = clean.logits.detach() + torch.tensor([[0.5], [-1.0], [0.2]], dtype=torch.float64)
    p, q = torch.sigmoid(clean.logits.detach()), torch.sigmoid(logits)

    def kl(p, q):
        return (p * (p / q).log() + (1 - p) * ((1 - p) / (1 - q)).log()).squeeze(1)

    torch.testing.assert_close(attack.objective.losses(model, clean, logits), kl(p, q) + kl(q, p))
    attack(model, [clean]).backward()
    assert model.decoder.weight.grad.abs().sum() > 0


@pytest.mark.parametrize("target", ["self_attention", "word", "attention"])
def test_other_targets(target):
    config = {"type": "projected_gradient", "target": target, "epsilon": 0.4, "step_size": 0.3, "num_steps": 2}
    model, attack, clean = attacked(config)
    perturbation = attack.perturbation(model, clean)
    norms = perturbation.flatten(1).norm(dim=1)
    assert norms.max() <= 0.4 + 1e-9
    assert norms.min() > 0.29
    before = model.sentence_losses(clean.logits, clean.label).mean()
    assert attack(model, [clean]) > before


def test_virtual_objectives_use_unlabeled_text():
    model, attack, _ = attacked({"type": "smart"})
    model.unlabeled_batches = iter([{"tokens": tiny_pieces([5, 2, 2], seed=3)}])
    model(tokens=tiny_pieces(LENGTHS), label=tiny_labels(3))["loss"].backward()
    metrics = model.get_metrics(reset=True)
    assert metrics["unlabeled_share"] == 0.5
    assert metrics["kl_labeled"] > 0


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"type": "smart", "noise": 0.0},
            "noise is 0, but must be positive: a virtual objective has no gradient at 0",
        ),
        ({"type": "freelb", "num_steps": 0}, "num_steps is 0"),
        ({"type": "freelb", "step_size": 0.0}, "step_size 0.0"),
        ({"type": "freelb", "epsilon": -1.0}, "epsilon is -1.0"),
        ({"type": "projected_gradient", "norm": "l1"}, "norm is 'l1', but must be 'l2' or 'linf'"),
    ],
)
def test_errors(config, message):
    with pytest.raises(ConfigurationError, match=message):
        tiny_transformer_model([config])
