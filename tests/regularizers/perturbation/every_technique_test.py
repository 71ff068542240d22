"""The properties that every technique has on every model and every kind of batch."""

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from attention_vat.regularizers.regularizer import Regularizer
from tests.tiny import clean_pass, tiny_inputs, tiny_labels, tiny_model, tiny_pair_model

EPSILON = 2.0
TECHNIQUES = ["word_at", "word_iat", "word_vat", "word_ivat"]
TECHNIQUES += ["attention_at", "attention_iat", "attention_vat", "attention_ivat", "attention_rp"]
MODELS = {
    "single": tiny_model,
    "several classes": lambda **kwargs: tiny_model(num_labels=4, **kwargs),
    "pair": tiny_pair_model,
    "pair, shared": lambda **kwargs: tiny_pair_model(shared=True, **kwargs),
    "pair, several classes": lambda **kwargs: tiny_pair_model(num_labels=4, **kwargs),
}


def regularizer(technique, **settings):
    return Regularizer.from_params(Params({"type": technique, "epsilon": EPSILON, **settings}))


@pytest.fixture(params=TECHNIQUES)
def technique(request):
    return request.param


@pytest.fixture(params=MODELS)
def build(request):
    return MODELS[request.param]


@pytest.fixture
def fixed_noise(monkeypatch):
    """Noise that depends on the position in the sentence alone, so that batches of different shape can be compared."""

    def waves(like, **kwargs):
        position = torch.arange(like.size(1), dtype=like.dtype).view(1, -1, *[1] * (like.dim() - 2))
        dimension = torch.arange(like.size(-1), dtype=like.dtype) if like.dim() == 3 else torch.zeros(1).to(like)
        return torch.cos(1.7 * position + 0.9 * dimension + 0.3).expand_as(like).clone()

    monkeypatch.setattr(torch, "randn_like", waves)


def is_movable(technique, length):
    """Attention over a single word is 1 whatever its score: only the random control moves it all the same."""
    return length > 1 or (length == 1 and (technique.startswith("word") or technique == "attention_rp"))


@pytest.mark.parametrize("candidates", [False, True])
def test_norm_padding_and_constness(technique, build, candidates):
    model = build()
    lengths = [7, 2, 5, 1]
    clean = clean_pass(model, lengths, candidates=candidates)
    attack = regularizer(technique)
    perturbation = attack.perturbation(model, clean)
    norms = perturbation.flatten(1).norm(dim=1)
    expected = [EPSILON if is_movable(technique, length) else 0.0 for length in lengths]
    torch.testing.assert_close(norms, torch.tensor(expected, dtype=torch.float64), rtol=0, atol=1e-5)
    padding = ~attack.target.mask(clean).expand_as(perturbation)
    assert padding.any()
    assert perturbation[padding].eq(0).all()
    assert not perturbation.requires_grad


def test_a_sentence_does_not_depend_on_padding_or_neighbours(technique, build, fixed_noise):
    model = build()
    if technique in ("word_vat", "word_ivat") and model.input_names[0] == "premise":
        pytest.skip("the two texts lie side by side, so where the second one begins, and its noise, depends on padding")
    attack = regularizer(technique)
    lengths = [3, 6, 4]
    together = clean_pass(model, lengths, width=9)
    moved = attack.perturbation(model, together)
    for row, length in enumerate(lengths):
        inputs = tiny_inputs(model, lengths, width=9)
        for name, width in zip(inputs, (length, 3)):
            inputs[name] = {"tokens": {"tokens": inputs[name]["tokens"]["tokens"][row : row + 1, :width]}}
        alone = attack.perturbation(model, model.clean_pass(inputs, together.label[row : row + 1]))
        mask = attack.target.mask(together)[row].expand_as(moved[row])
        torch.testing.assert_close(moved[row][mask], alone[0].flatten(), rtol=1e-7, atol=1e-10)


def test_zero_gradients_and_equal_scores_give_no_nan(technique, build):
    model = build(regularizers=[{"type": technique, "epsilon": EPSILON}])
    model.train()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.startswith(("scorer.context", "decoder.weight")):
                parameter.zero_()
    lengths = [4, 1, 3]
    label = tiny_labels(3, model.num_labels)
    attack = regularizer(technique)
    perturbation = attack.perturbation(model, clean_pass(model, lengths))
    if technique != "attention_rp":
        assert perturbation.eq(0).all()
    model(**tiny_inputs(model, lengths), label=label)["loss"].backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


@pytest.mark.parametrize("lengths", [[0, 0], [1], [1, 0, 3]])
def test_empty_and_one_word_texts(technique, build, lengths):
    model = build(regularizers=[{"type": technique}])
    model.train()
    loss = model(**tiny_inputs(model, lengths), label=tiny_labels(len(lengths), model.num_labels))["loss"]
    loss.backward()
    assert loss.isfinite()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


def test_no_parameter_gradient_is_touched_by_the_search(technique, build):
    model = build()
    clean = clean_pass(model, [4, 3])
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, 3.0)
    regularizer(technique).perturbation(model, clean)
    assert all(parameter.grad.eq(3.0).all() for parameter in model.parameters())
    clean.logits.sum().backward()  # the graph of the clean pass is still there


@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_without_a_perturbation_the_loss_is_the_clean_one(technique, build, dropout):
    """Word passes run the encoder again, with the dropout of the clean pass: at ε = 0 nothing differs."""
    model = build(regularizers=[{"type": technique, "epsilon": 0.0}], dropout=dropout)
    model.train()
    torch.manual_seed(5)
    model(**tiny_inputs(model, [5, 3, 4]), label=tiny_labels(3, model.num_labels))
    metrics = model.get_metrics(reset=True)
    if "vat" in technique:
        assert metrics["kl_labeled"] == pytest.approx(0.0, abs=1e-20)
    else:
        assert metrics["adversarial_loss"] == pytest.approx(metrics["supervised_loss"], rel=1e-12)


def test_gradient_of_the_total_loss_against_finite_differences(technique, build, monkeypatch):
    model = build(regularizers=[{"type": technique, "epsilon": 0.5}])
    model.train()
    inputs, label = tiny_inputs(model, [5, 3, 1]), tiny_labels(3, model.num_labels)
    attack = model.regularizers[0]
    # r and the clean side of the divergence are constants of the training loss: hold them while the weights move.
    clean = model.clean_pass(inputs, label)
    held = attack.perturbation(model, clean)
    monkeypatch.setattr(attack, "perturbation", lambda model, clean: held)

    def total_loss():
        moved = model.clean_pass(inputs, label)._replace(logits=clean.logits.detach())
        losses = attack.objective.losses(model, moved, attack.target.logits(model, moved, held))
        supervised = model.sentence_losses(model.clean_pass(inputs, label).logits, label)
        return (supervised + losses).mean()

    model.zero_grad()
    loss = model(**inputs, label=label)["loss"]
    loss.backward()
    assert loss.item() == pytest.approx(total_loss().item(), rel=1e-10)
    h = 1e-6
    for name, parameter in model.named_parameters():
        flat, gradient = parameter.data.view(-1), parameter.grad.view(-1)
        index = int(gradient.abs().argmax())
        original = flat[index].item()
        flat[index] = original + h
        above = total_loss().item()
        flat[index] = original - h
        below = total_loss().item()
        flat[index] = original
        assert gradient[index].item() == pytest.approx((above - below) / (2 * h), rel=1e-4, abs=1e-7), name


def test_adversarial_directions_hurt_more_than_random_ones(technique, build):
    if technique == "attention_rp":
        pytest.skip("this is the random one")
    model = build()
    clean = clean_pass(model, [8, 6, 7, 5])
    attack = regularizer(technique)
    attack.epsilon = 0.05
    target, objective = attack.target, attack.objective

    def losses(perturbation):
        return objective.losses(model, clean, target.logits(model, clean, perturbation)).detach()

    adversarial = losses(attack.perturbation(model, clean))
    torch.manual_seed(0)
    directions = attack.directions.of(model, clean)
    noise = [losses(0.05 * directions.random(target.point(clean), target.mask(clean))) for _ in range(40)]
    assert adversarial.mean() > torch.stack(noise).mean()


def test_seeds_reproduce(technique, build):
    model = build()
    clean = clean_pass(model, [4, 3])
    results = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        results.append(regularizer(technique).perturbation(model, clean))
    assert torch.equal(results[0], results[1])
    if technique in ("attention_rp", "word_vat"):
        assert not torch.equal(results[0], results[2])


def test_unlabeled_sentences_count_for_virtual_techniques_only(technique, build):
    model = build()
    attack = regularizer(technique)
    labeled, unlabeled = clean_pass(model, [5, 3]), clean_pass(model, [4, 6, 2], labeled=False, seed=1)
    assert attack(model, [labeled, unlabeled]).isfinite()
    watched = attack.means.read(reset=True)
    assert attack.uses_unlabeled == ("vat" in technique)
    if attack.uses_unlabeled:
        assert watched["unlabeled_share"] == pytest.approx(3 / 5)
        assert set(watched) == {"kl_labeled", "kl_unlabeled", "perturbation_norm", "unlabeled_share"}
    else:
        assert set(watched) == {"adversarial_loss", "perturbation_norm"}


def test_settings_reach_their_parts():
    ivat = regularizer("word_ivat", xi=0.3, num_power_iterations=2, num_neighbors=4, weight=0.5)
    assert (ivat.objective.xi, ivat.objective.num_power_iterations) == (0.3, 2)
    assert (ivat.directions.num_neighbors, ivat.weight, ivat.epsilon) == (4, 0.5, EPSILON)
    assert regularizer("attention_iat", normalization="sentence").directions.normalization == "sentence"
    with pytest.raises(ConfigurationError, match="num_neighbors is 0"):
        regularizer("word_iat", num_neighbors=0)


def test_words_and_attention_together(build):
    model = build(regularizers=[{"type": "word_vat", "weight": 0.5}, {"type": "attention_ivat", "weight": 2.0}])
    model.train()
    loss = model(**tiny_inputs(model, [4, 3]), label=tiny_labels(2, model.num_labels))["loss"].item()
    metrics = model.get_metrics(reset=True)
    assert loss == pytest.approx(
        metrics["supervised_loss"] + 0.5 * metrics["kl_labeled_0"] + 2 * metrics["kl_labeled_1"]
    )
