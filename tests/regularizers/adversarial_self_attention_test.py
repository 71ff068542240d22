import math
from functools import partial

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from attention_vat.modules.transformer_attention import TransformerAttention, real_keys
from attention_vat.nn import symmetric_kl
from attention_vat.nn.noise import Noise
from attention_vat.regularizers import SelfAttentionAdversary, closing_bias
from attention_vat.regularizers.regularizer import Regularizer
from tests.tiny import tiny_labels
from tests.tiny_transformers import tiny_encoder, tiny_ids, tiny_pieces, tiny_transformer_model

NAME = "adversarial_self_attention"
LENGTHS = [7, 4, 1, 5]


def tiny_asa(lengths=LENGTHS, width=None, scale=8.0, **settings):
    """A model whose adversary decides differently from cell to cell, and a batch."""
    dropout = settings.pop("dropout", 0.0)
    extra = {key: settings.pop(key) for key in ("num_labels", "embedder") if key in settings}
    model = tiny_transformer_model([{"type": NAME, **settings}], dropout=dropout, **extra)
    torch.manual_seed(3)
    with torch.no_grad():
        for parameter in model.adversaries.parameters():
            parameter.normal_(0.0, 0.02 * scale)
    return model, {"tokens": tiny_pieces(lengths, width), "label": tiny_labels(len(lengths), model.num_labels)}


def literal_loss(model, batch, tau, layers=(0, 1), count_padding=False, cells=False):
    """Task loss, D and R of each text, one text and one layer after the other and by autograd of a sigmoid."""
    bert = model.text_field_embedder.token_embedder_tokens.transformer_model
    adversary = model.adversaries["0"]
    ids, real = batch["tokens"]["tokens"]["token_ids"], batch["tokens"]["tokens"]["mask"]
    task, divergences, kept = [], [], []
    for row in range(len(ids)):
        length = int(real[row].sum())
        predictions, number = [], 0.0
        for attacked in (False, True):
            hidden = bert.embeddings(ids[row : row + 1, :length])
            for index, layer in enumerate(bert.encoder.layer):
                attention = layer.attention.self
                q, k, v = (
                    part(hidden).view(length, attention.num_attention_heads, -1).transpose(0, 1)
                    for part in (attention.query, attention.key, attention.value)
                )
                scores = q @ k.transpose(1, 2) / math.sqrt(q.size(-1))
                if attacked and index in layers:
                    x = hidden[0].detach()
                    s = adversary.query[str(index)](x) @ adversary.key[str(index)](x).T / math.sqrt(x.size(-1))
                    # Straight-through, without the reversal.
                    m = torch.sigmoid(s) + ((s > 0).double() - torch.sigmoid(s)).detach()
                    number = number + m.sum() / (length**2 * len(layers) if cells else 1)
                    closed = (1 - m) * -10000.0
                    scores = torch.where((s > 0).any(1, keepdim=True), scores + closed, scores)
                context = (scores.softmax(-1) @ v).transpose(0, 1).reshape(1, length, -1)
                attended = layer.attention.output(context, hidden)
                hidden = layer.output(layer.intermediate(attended), attended)
            a = model.scorer(hidden).softmax(-1)
            predictions.append(torch.einsum("bt,btd->bd", a, hidden) @ model.decoder.weight.T + model.decoder.bias)
        p, q = predictions
        task.append(model.sentence_losses(p, batch["label"][row : row + 1]))
        log_p, log_q = (torch.nn.functional.logsigmoid(torch.cat([-z, z], 1)) for z in (p, q))
        one, other = (log_p.exp() * (log_p - log_q)).sum(), (log_q.exp() * (log_q - log_p)).sum()
        divergences.append(0.5 * (one + other))
        kept.append(number)
    return torch.cat(task).mean(), torch.stack(divergences).mean(), torch.stack(kept).mean()


@pytest.mark.parametrize("settings", [{}, {"layers": [-1]}, {"regularizer_reduction": "cell"}])
def test_loss_and_gradients_against_a_literal_implementation(settings):
    model, batch = tiny_asa(tau=0.3, weight=0.7, **settings)
    chosen = [1] if "layers" in settings else [0, 1]
    task, divergence, kept = literal_loss(model, batch, 0.3, chosen, cells="regularizer_reduction" in settings)
    expected = task + 0.7 * (divergence + 0.3**2 * kept)
    loss = model(**batch)["loss"]
    assert loss.item() == pytest.approx(expected.item(), rel=1e-12)
    metrics = model.get_metrics(reset=True)
    assert metrics["divergence"] == pytest.approx(divergence.item(), rel=1e-9)
    assert 0.1 < metrics["kept_share"] < 0.9
    assert divergence.item() > 1e-6
    names, parameters = zip(*model.named_parameters())
    literal = torch.autograd.grad(expected, parameters, allow_unused=True)
    gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
    for name, gradient, other in zip(names, gradients, literal):
        assert (gradient is None) == (other is None), name
        if gradient is not None:
            sign = -1.0 if name.startswith("adversaries") else 1.0
            torch.testing.assert_close(gradient, sign * other, rtol=1e-7, atol=1e-11, msg=name)


def kept_cells(regularizer, model, clean):
    """R of each text."""
    masks = []
    with regularizer._attention.biased(partial(regularizer._attack, masks)):
        model.again(clean)
    return regularizer._kept(masks, len(clean.logits))


def test_a_step_of_the_adversary_alone_makes_the_loss_larger():
    """(a) Without D, R opens every cell in the end."""
    model, batch = tiny_asa(scale=3.0)
    regularizer, parameters = model.regularizers[0], list(model.adversaries.parameters())
    clean, shares = model.clean_pass({"tokens": batch["tokens"]}), []
    for _ in range(40):
        kept = kept_cells(regularizer, model, clean).mean()
        shares.append(kept.item())
        for parameter, gradient in zip(parameters, torch.autograd.grad(kept, parameters)):
            parameter.data -= 0.05 * gradient
    assert all(later >= earlier for earlier, later in zip(shares, shares[1:]))
    assert shares[0] < shares[-1] == sum(2 * length**2 for length in LENGTHS) / 4


def test_what_each_term_teaches():
    """(b) The supervised loss says nothing to the adversary, R nothing to the encoder."""
    model, batch = tiny_asa(weight=0.0)
    loss = model(**batch)["loss"]
    gradients = torch.autograd.grad(loss, list(model.adversaries.parameters()))
    assert all(gradient.eq(0).all() for gradient in gradients)
    kept = kept_cells(model.regularizers[0], model, model.clean_pass({"tokens": batch["tokens"]})).sum()
    others = [p for name, p in model.named_parameters() if not name.startswith("adversaries")]
    assert all(gradient is None for gradient in torch.autograd.grad(kept, others, allow_unused=True, retain_graph=True))
    gradients = torch.autograd.grad(kept, list(model.adversaries.parameters()))
    assert all(gradient.abs().sum() > 0 for gradient in gradients)


@pytest.mark.parametrize("empty_rows", ["clean", "uniform", "scores"])
def test_nothing_closed_is_the_clean_pass_bit_for_bit(empty_rows):
    """(c) With the dropout of the clean pass, in any mode."""
    model, batch = tiny_asa(replay_dropout=True, dropout=0.3, empty_rows=empty_rows)
    with torch.no_grad():
        for name, parameter in model.adversaries.named_parameters():
            parameter.fill_(1.0 if name.endswith("bias") else 0.0)
    loss = model(**batch)["loss"]
    metrics = model.get_metrics(reset=True)
    assert metrics["divergence"] == 0.0
    assert metrics["kept_share"] == metrics["kept_share_layer_1"] == 1.0
    assert metrics["empty_rows"] == 0.0
    cells = sum(2 * length**2 for length in LENGTHS) / 4
    assert loss.item() == pytest.approx(metrics["supervised_loss"] + 0.25 * cells)


def test_without_replayed_dropout_it_is_r_drop():
    losses = []
    for config in ({"type": NAME, "tau": 0.0}, {"type": "r_drop"}):
        model = tiny_transformer_model([config], dropout=0.3)
        model.load_state_dict(tiny_transformer_model().state_dict(), strict=False)
        with torch.no_grad():
            for name, parameter in model.adversaries.named_parameters():
                parameter.fill_(1.0 if name.endswith("bias") else 0.0)
        torch.manual_seed(9)
        model(tokens=tiny_pieces(LENGTHS), label=tiny_labels(4))
        losses.append(model.get_metrics(reset=True)["divergence"])
    assert losses[0] == losses[1] > 0


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_masks_are_ones_and_zeros(dtype):
    """(d)"""
    encoder, batch = tiny_encoder("bert").to(dtype), tiny_ids(LENGTHS)
    attention = TransformerAttention(encoder)
    adversary = SelfAttentionAdversary(enumerate(attention.hidden_sizes)).to(dtype)
    for parameter in adversary.parameters():
        torch.nn.init.normal_(parameter)
    kept = []
    with attention.biased(lambda *arguments: kept.append((adversary(*arguments), real_keys(arguments[2])))):
        encoder(**batch)
    shares = [mask.sum() / (7 * real.sum()) for mask, real in kept]
    assert 0 < min(shares) < 1
    for mask, real in kept:
        assert (mask.eq(0) | mask.eq(1)).all()
        assert mask.transpose(1, 2)[~real].eq(0).all()


def test_closed_cells_learn_from_r_only():
    """(e) In a row with an open cell D says nothing about the closed ones; in a row without any it says nothing."""
    model, batch = tiny_asa(tau=0.0, scale=6.0)
    held = []
    adversary = model.regularizers[0]._adversary
    forward = adversary.forward

    def hold(*arguments):
        held.append(forward(*arguments))
        held[-1].retain_grad()
        return held[-1]

    adversary.forward = hold
    clean = model.clean_pass({"tokens": batch["tokens"]})
    model.regularizers[0](model, [clean]).backward()
    assert len(held) == 2
    for kept in held:
        assert kept.grad[kept == 0].abs().max() < 1e-30
        assert kept.grad[kept == 1].abs().max() > 0


def test_layers_that_are_not_chosen_are_untouched():
    """(f)"""
    model, batch = tiny_asa(layers=[1])
    assert {name for name, _ in model.adversaries.named_parameters()} == {
        f"0.{part}.1.{kind}" for part in ("query", "key") for kind in ("weight", "bias")
    }
    model(**batch)
    metrics = model.get_metrics(reset=True)
    assert metrics["kept_share"] == metrics["kept_share_layer_1"]
    assert "kept_share_layer_0" not in metrics


def test_a_text_does_not_depend_on_padding_or_neighbours():
    together, batch = tiny_asa(width=12, scale=6.0)
    names = [name for name, _ in together.named_parameters()]
    losses, gradients = [], []
    for row, length in enumerate(LENGTHS):
        tokens = {"tokens": {name: part[row : row + 1, :length] for name, part in batch["tokens"]["tokens"].items()}}
        loss = together(tokens=tokens, label=batch["label"][row : row + 1])["loss"]
        losses.append(loss.item())
        gradients.append(torch.autograd.grad(loss, list(together.parameters()), allow_unused=True))
    together.get_metrics(reset=True)
    loss = together(**batch)["loss"]
    assert loss.item() == pytest.approx(sum(losses) / 4, rel=1e-12)
    assert together.get_metrics(reset=True)["empty_rows"] > 0.01
    for name, gradient, *alone in zip(
        names, torch.autograd.grad(loss, list(together.parameters()), allow_unused=True), *gradients
    ):
        if gradient is not None:
            torch.testing.assert_close(gradient, torch.stack(alone).mean(0), rtol=1e-8, atol=1e-12, msg=name)


def test_with_the_published_counting_a_text_depends_on_padding():
    losses = []
    for width in (7, 12):
        model, batch = tiny_asa(width=width, scale=6.0, empty_rows="scores", count_padding=True)
        model(**batch)
        losses.append(model.get_metrics(reset=True)["divergence"])
    assert losses[0] != pytest.approx(losses[1], rel=1e-3)


@pytest.mark.parametrize("empty_rows", ["clean", "uniform", "scores"])
def test_everything_closed(empty_rows):
    """Empty rows attend as without a mask, or to every column, padding included; always to finite numbers."""
    encoder, batch = tiny_encoder("bert"), tiny_ids([4, 2])
    attention = TransformerAttention(encoder)

    def close(layer, hidden, mask):
        return closing_bias(torch.zeros(2, 4, 4, dtype=torch.float64), mask, empty_rows)

    clean = encoder(**batch, output_attentions=True).attentions[0]
    with attention.biased(close):
        weights = encoder(**batch, output_attentions=True).attentions[0]
    if empty_rows == "clean":
        assert torch.equal(weights, clean)
    elif empty_rows == "uniform":
        assert weights.eq(0.25).all()
    else:
        assert weights[1, :, :, 2:].min() > 1e-6


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_closing_is_finite_in_every_precision(dtype):
    kept, mask = torch.zeros(2, 3, 3), torch.zeros(2, 1, 1, 3, dtype=dtype)
    kept[0, 0, 1] = 1.0
    mask[1, ..., 1:] = torch.finfo(dtype).min
    for empty_rows in ("clean", "uniform", "scores"):
        bias = closing_bias(kept, mask, empty_rows).bias
        assert bias.isfinite().all()
        assert torch.softmax(bias.to(dtype).float(), dim=-1).isfinite().all()


def test_a_text_of_one_token_cannot_be_attacked():
    model, batch = tiny_asa(lengths=[1, 1], scale=0.0)  # s = 0: nothing is kept
    model(**batch)
    metrics = model.get_metrics(reset=True)
    assert (metrics["divergence"], metrics["kept_share"], metrics["empty_rows"]) == (0.0, 0.0, 1.0)


def test_masks_under_mixed_precision_are_those_of_float32():
    """(h)"""
    adversary = SelfAttentionAdversary([(0, 16)])
    hidden, mask = torch.randn(3, 5, 16), torch.zeros(3, 1, 1, 5)
    expected = adversary(0, hidden, mask)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(adversary(0, hidden, mask), expected)
    model, batch = tiny_asa()
    model.float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = model(**batch)["loss"]
    loss.backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


def test_long_texts_in_several_rows():
    """Segments count as parts of their text; those of padding alone as nothing."""
    embedder = {"max_length": 6}
    model, _ = tiny_asa(embedder=embedder, scale=6.0)
    lengths = [12, 5, 9]
    pieces = tiny_pieces(lengths)["tokens"]
    # Two marks between the first and the second segment are dropped when rows are put together again.
    shown = torch.arange(10) < torch.tensor([10, 5, 7]).unsqueeze(1)

    def tokens(rows, width, shown_width):
        return {
            "tokens": {
                "token_ids": pieces["token_ids"][rows, :width],
                "segment_concat_mask": pieces["mask"][rows, :width],
                "mask": shown[rows, :shown_width],
                "type_ids": pieces["type_ids"][rows, :width],
            }
        }

    loss = model(tokens=tokens(slice(0, 3), 12, 10), label=tiny_labels(3))["loss"]
    assert loss.isfinite()
    loss.backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())
    alone = [
        model(tokens=tokens(slice(row, row + 1), length, int(shown[row].sum())), label=tiny_labels(3)[row : row + 1])
        for row, length in enumerate(lengths)
    ]
    assert loss.item() == pytest.approx(sum(output["loss"].item() for output in alone) / 3, rel=1e-10)


def test_unlabeled_texts_count_as_labeled_ones():
    model, batch = tiny_asa()
    unlabeled = {"tokens": tiny_pieces([3, 6], seed=4)}
    regularizer = model.regularizers[0]
    parts = []
    for inputs in ({"tokens": batch["tokens"]}, unlabeled):
        parts.append(regularizer(model, [model.clean_pass(inputs)]).item())
    model.unlabeled_batches = iter([unlabeled])
    loss = model(**batch)["loss"].item()
    supervised = model.get_metrics(reset=True)["supervised_loss"]
    assert loss == pytest.approx(supervised + (4 * parts[0] + 2 * parts[1]) / 6)
    assert regularizer.uses_unlabeled


def test_evaluation_is_that_of_the_plain_model():
    model, batch = tiny_asa(dropout=0.3)
    plain = tiny_transformer_model()
    weights = {name: w for name, w in model.state_dict().items() if not name.startswith("adversaries")}
    plain.load_state_dict(weights)
    model.eval(), plain.eval()
    torch.testing.assert_close(model(**batch)["logits"], plain(**batch)["logits"], rtol=0, atol=0)
    assert set(model.get_metrics()) == set(plain.get_metrics())
    model.regularizers[0]._adversary.forward = None  # nobody calls it
    model(**batch)


def test_seeds_reproduce():
    """(k)"""
    losses = []
    for seed in (1, 1, 2):
        model, batch = tiny_asa(dropout=0.3)
        torch.manual_seed(seed)
        losses.append(model(**batch)["loss"].item())
    assert losses[0] == losses[1] != losses[2]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tau": -1.0}, "tau is -1.0, but must not be negative"),
        ({"weight": -1.0}, "weight is -1.0"),
        ({"empty_rows": "none"}, "empty_rows is 'none', but must be one of clean, uniform, scores"),
        ({"regularizer_reduction": "sum"}, "regularizer_reduction is 'sum'"),
        ({"fill": 1.0}, "fill is 1.0, but must be a large negative number"),
        ({"layers": [5]}, "layer 5 does not exist"),
    ],
)
def test_errors(settings, message):
    with pytest.raises(ConfigurationError, match=message):
        tiny_transformer_model([{"type": NAME, **settings}])


def test_a_model_without_a_transformer_and_one_that_attaches_nothing():
    from tests.tiny import tiny_model, tiny_tokens

    with pytest.raises(ConfigurationError, match="SingleSequenceAttention has no token embedder of type"):
        tiny_model([{"type": NAME}])
    model = tiny_model()
    model.regularizers = [Regularizer.from_params(Params({"type": NAME}))]
    with pytest.raises(ConfigurationError, match="must call attach_regularizers"):
        model(tokens=tiny_tokens([3]), label=tiny_labels(1))


def test_noise_of_a_whole_pass_is_kept_only_if_needed():
    model, batch = tiny_asa(replay_dropout=True)
    assert isinstance(model.clean_pass({"tokens": batch["tokens"]}).start, Noise)
    model, batch = tiny_asa()
    assert model.clean_pass({"tokens": batch["tokens"]}).start is None
    assert symmetric_kl(torch.zeros(1, 1), torch.zeros(1, 1)).item() == 0.0
