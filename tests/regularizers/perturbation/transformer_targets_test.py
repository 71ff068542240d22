"""Perturbations inside a Transformer, by every technique."""

import copy

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from attention_vat.nn.norms import unit_norm
from attention_vat.regularizers.perturbation.directions import AttentionDifference, FreeDirections
from attention_vat.regularizers.perturbation.nearest_words import _TowardsWords
from attention_vat.regularizers.regularizer import Regularizer
from tests.tiny import tiny_labels
from tests.tiny_transformers import TINY_BERT, tiny_pieces, tiny_transformer_model

EPSILON = 0.5
TECHNIQUES = [f"self_attention_{kind}" for kind in ("at", "iat", "vat", "ivat", "rp")]
INPUTS = {
    kind: {"type": "perturbation", "target": "input_embeddings", "objective": kind}
    for kind in ("adversarial", "virtual_adversarial", "random")
}
CONFIGS = [{"type": technique} for technique in TECHNIQUES] + list(INPUTS.values())
CONFIGS += [{**INPUTS["virtual_adversarial"], "directions": {"type": "nearest_word_pieces", "num_neighbors": 3}}]
CONFIGS += [{"type": "self_attention_vat", "per_head": True, "layers": [-1]}]


@pytest.fixture(params=CONFIGS, ids=lambda config: "-".join(str(part) for part in config.values()))
def config(request):
    return {"epsilon": EPSILON, **copy.deepcopy(request.param)}


def attacked(config, lengths=(6, 4, 3), width=None, labeled=True, **kwargs):
    """A model with one regularizer, and a clean pass."""
    model = tiny_transformer_model([config], **kwargs)
    label = tiny_labels(len(lengths), model.num_labels) if labeled else None
    return model, model.regularizers[0], model.clean_pass({"tokens": tiny_pieces(lengths, width)}, label)


@pytest.fixture
def fixed_noise(monkeypatch):
    """A start that depends on the number of a cell among the real ones of its text, whatever the padding."""

    def start(self, point, mask):
        noise, cells = torch.zeros_like(point), mask.expand_as(point)
        for row, here in enumerate(cells):
            noise[row][here] = torch.cos(1.7 * torch.arange(int(here.sum()), dtype=point.dtype) + 0.3)
        return unit_norm(noise)

    monkeypatch.setattr(FreeDirections, "random", start)
    monkeypatch.setattr(AttentionDifference, "random", start)
    monkeypatch.setattr(_TowardsWords, "random", start)


def test_norm_padding_and_constness(config):
    model, attack, clean = attacked(config)
    perturbation = attack.perturbation(model, clean)
    norms = perturbation.flatten(1).norm(dim=1)
    torch.testing.assert_close(norms, torch.full((3,), EPSILON, dtype=torch.float64), rtol=0, atol=1e-6)
    padding = ~attack.target.mask(clean).expand_as(perturbation)
    assert padding.any()
    assert perturbation[padding].eq(0).all()
    assert not perturbation.requires_grad


def test_no_perturbation_is_the_clean_pass_bit_for_bit(config):
    model, attack, clean = attacked(config, dropout=0.4)
    logits = attack.target.logits(model, clean, torch.zeros_like(attack.target.point(clean)))
    assert torch.equal(logits, clean.logits)


def test_a_text_does_not_depend_on_padding_or_neighbours(config, fixed_noise):
    lengths = [6, 4, 3]
    model, attack, clean = attacked(config, lengths, width=9)
    losses = attack(model, [clean])
    together = attack.perturbation(model, clean)
    alone = []
    for row, length in enumerate(lengths):
        tokens = {"tokens": {n: part[row : row + 1, :length] for n, part in tiny_pieces(lengths)["tokens"].items()}}
        single = model.clean_pass({"tokens": tokens}, clean.label[row : row + 1])
        alone.append(attack(model, [single]).item())
        here = attack.perturbation(model, single)
        mask, single_mask = (attack.target.mask(c).expand_as(r) for c, r in ((clean, together), (single, here)))
        torch.testing.assert_close(together[row][mask[row]], here[0][single_mask[0]], rtol=1e-7, atol=1e-10)
    assert losses.item() == pytest.approx(sum(alone) / 3, rel=1e-9)


@pytest.mark.parametrize("lengths", [[1], [1, 4]])
def test_one_token(config, lengths):
    """Attention to a single token is 1 whatever its score; its embedding moves as any other."""
    model, attack, clean = attacked(config, lengths)
    norm = attack.perturbation(model, clean)[0].norm().item()
    moves = "self" not in config["type"] or config["type"].endswith("rp")
    assert norm == pytest.approx(EPSILON if moves else 0.0)
    loss = attack(model, [clean])
    loss.backward()
    assert loss.isfinite()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


def test_nothing_is_touched_by_the_search(config):
    """No parameter has a gradient or changes, and no hook is left."""
    model, attack, clean = attacked(config)
    weights = copy.deepcopy(model.state_dict())
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, 3.0)
    attack.perturbation(model, clean)
    assert all(parameter.grad.eq(3.0).all() for parameter in model.parameters())
    assert all(torch.equal(weights[name], w) for name, w in model.state_dict().items())
    for module in model.modules():
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
    clean.logits.sum().backward()


def test_adversarial_directions_hurt_more_than_random_ones(config):
    if "rp" in config["type"] or config.get("objective") == "random":
        pytest.skip("this is the random one")
    model, attack, clean = attacked({**config, "epsilon": 0.05}, lengths=[8, 6, 7])
    target, objective = attack.target, attack.objective

    def losses(perturbation):
        return objective.losses(model, clean, target.logits(model, clean, perturbation)).detach().mean()

    adversarial = losses(attack.perturbation(model, clean))
    torch.manual_seed(0)
    directions = attack.directions.of(model, clean)
    noise = [losses(0.05 * directions.random(target.point(clean), target.mask(clean))) for _ in range(20)]
    assert adversarial > torch.stack(noise).mean()


def test_training_step_metrics_and_unlabeled_text(config):
    model, attack, _ = attacked(config, dropout=0.2)
    model.unlabeled_batches = iter([{"tokens": tiny_pieces([5, 2], seed=3)}])
    loss = model(tokens=tiny_pieces([6, 4]), label=tiny_labels(2))["loss"]
    loss.backward()
    metrics = model.get_metrics(reset=True)
    assert metrics["perturbation_norm"] == pytest.approx(EPSILON)
    if attack.uses_unlabeled:
        assert metrics["unlabeled_share"] == 0.5
        added = (metrics["kl_labeled"] + metrics["kl_unlabeled"]) / 2
    else:
        added = metrics["adversarial_loss"]
    assert loss.item() == pytest.approx(metrics["supervised_loss"] + added)
    assert loss.item() != pytest.approx(metrics["supervised_loss"])


@pytest.mark.parametrize("per_head", [False, True])
def test_the_weights_are_those_of_scores_plus_perturbation(per_head):
    model, attack, clean = attacked({"type": "self_attention_vat", "per_head": per_head, "epsilon": 4.0})
    encoder = model.text_field_embedder.token_embedder_tokens.transformer_model
    encoder.config.output_attentions, seen = True, []
    encoder.register_forward_hook(lambda module, arguments, output: seen.append(output.attentions))
    perturbation = attack.perturbation(model, clean)
    seen.clear()
    model.again(clean)
    attack.target.logits(model, clean, perturbation)
    plain, moved = (attentions[0] for attentions in seen)
    # The first layer comes first: (rows, heads or 1, tokens, tokens)
    heads = 2 if per_head else 1
    r = perturbation[:, : heads * 36].view(3, heads, 6, 6)
    expected = torch.softmax(plain.log() + r, dim=-1)
    real = clean.encoder_calls[0].real
    torch.testing.assert_close(moved.transpose(1, 2)[real], expected.transpose(1, 2)[real], rtol=1e-9, atol=1e-12)
    assert moved.transpose(2, 3).transpose(1, 2)[~real].eq(0).all()
    assert r.abs().max() > 0.1


def test_layers_that_are_not_chosen_are_untouched():
    model, attack, clean = attacked({"type": "self_attention_at", "layers": [1]})
    assert attack.target.point(clean).shape == (3, 36)
    model, attack, clean = attacked({"type": "self_attention_at", "per_head": True})
    assert attack.target.point(clean).shape == (3, 2 * 2 * 36)


def test_word_pieces_move_towards_their_nearest_ones():
    """The perturbation of a piece is a combination of the directions to its neighbours."""
    directions = {"type": "nearest_word_pieces", "num_neighbors": 3}
    model, attack, clean = attacked({"type": "perturbation", "target": "input_embeddings", "directions": directions})
    perturbation = attack.perturbation(model, clean)
    matrix = model.text_field_embedder.token_embedder_tokens.transformer_model.get_input_embeddings().weight.detach()
    unit = torch.nn.functional.normalize(matrix, dim=1)
    ids = tiny_pieces([6, 4, 3])["tokens"]["token_ids"]
    for row, length in enumerate([6, 4, 3]):
        for position in range(length):
            word = ids[row, position]
            similarity = unit @ unit[word]
            similarity[word] = similarity[0] = -2.0
            towards = matrix[similarity.topk(3).indices] - matrix[word]
            solution = torch.linalg.lstsq(towards.T, perturbation[row, position].unsqueeze(1)).solution
            torch.testing.assert_close((towards.T @ solution).squeeze(1), perturbation[row, position])
    attack.refresh(model)
    assert attack.state_dict()["neighbors"].shape == (len(matrix), 3)


@pytest.mark.parametrize("technique", ["iat", "ivat"])
def test_differences_move_every_score_alike(technique):
    model, attack, clean = attacked({"type": f"self_attention_{technique}", "epsilon": EPSILON})
    perturbation, mask = attack.perturbation(model, clean), attack.target.mask(clean)
    for r, cells in zip(perturbation, mask):
        sizes = r[cells].abs()
        assert sizes.max().item() == pytest.approx(sizes.min().item()) == pytest.approx(EPSILON / cells.sum() ** 0.5)


def test_two_texts_through_one_encoder():
    """A pair of texts has one norm over both; each of them is moved where it is read."""
    embedder = {"type": "pretrained_transformer", "model_name": str(TINY_BERT), "load_weights": False}
    for name in ("self_attention", "input_embeddings"):
        model = tiny_transformer_model(
            [{"type": "perturbation", "target": name, "epsilon": EPSILON}],
            type="pair_sequence_attention",
            text_field_embedder={"token_embedders": {"tokens": embedder}},
        )
        inputs = {"premise": tiny_pieces([5, 3]), "hypothesis": tiny_pieces([2, 4], seed=1)}
        clean = model.clean_pass(inputs, tiny_labels(2))
        assert [call.real.shape for call in clean.encoder_calls] == [(2, 5), (2, 4)]
        attack = model.regularizers[0]
        perturbation = attack.perturbation(model, clean)
        torch.testing.assert_close(perturbation.flatten(1).norm(dim=1), torch.full((2,), EPSILON).double())
        size = 2 * 5 * 5 if name == "self_attention" else 5
        assert perturbation[:, :size].abs().sum() > 0
        assert perturbation[:, size:].abs().sum() > 0
        zero = attack.target.logits(model, clean, torch.zeros_like(perturbation))
        assert torch.equal(zero, clean.logits)
        assert not torch.allclose(attack.target.logits(model, clean, perturbation), clean.logits)


def test_long_texts_in_several_rows(config):
    pieces = tiny_pieces([12, 5])["tokens"]
    tokens = {
        "token_ids": pieces["token_ids"],
        "segment_concat_mask": pieces["mask"],
        "mask": torch.arange(10) < torch.tensor([10, 5]).unsqueeze(1),
        "type_ids": pieces["type_ids"],
    }
    model = tiny_transformer_model([config], embedder={"max_length": 6})
    clean = model.clean_pass({"tokens": {"tokens": tokens}}, tiny_labels(2))
    attack = model.regularizers[0]
    perturbation = attack.perturbation(model, clean)
    torch.testing.assert_close(perturbation.flatten(1).norm(dim=1), torch.full((2,), EPSILON).double())
    assert attack(model, [clean]).isfinite()


def test_evaluation_does_not_watch_encoders():
    model, attack, _ = attacked({"type": "self_attention_vat"})
    model.eval()
    clean = model.clean_pass({"tokens": tiny_pieces([3])})
    assert clean.encoder_calls is None
    with pytest.raises(ConfigurationError, match="'self_attention' needs a clean pass of a model in training mode"):
        attack.perturbation(model, clean)


@pytest.mark.parametrize(
    ("target", "directions", "message"),
    [
        ("self_attention", "attention_difference", "AttentionDifference needs the target attention, not"),
        ("input_embeddings", "self_attention_difference", "needs the target self_attention, not input_embeddings"),
        ("self_attention", "nearest_words", "NearestWords needs the target word"),
    ],
)
def test_directions_that_a_target_does_not_have(target, directions, message):
    with pytest.raises(ConfigurationError, match=message):
        tiny_transformer_model([{"type": "perturbation", "target": target, "directions": directions}])


def test_settings_reach_their_parts():
    attack = Regularizer.from_params(
        Params(
            {
                "type": "self_attention_ivat",
                **{"epsilon": 3, "weight": 0.5, "layers": [0], "per_head": True},
                **{"xi": 0.2, "num_power_iterations": 2, "normalization": "sentence"},
            }
        )
    )
    assert (attack.epsilon, attack.weight, attack.target.layers, attack.target.per_head) == (3, 0.5, [0], True)
    assert (attack.objective.xi, attack.objective.num_power_iterations) == (0.2, 2)
    assert attack.directions.normalization == "sentence"
