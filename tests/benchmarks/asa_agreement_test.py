"""
The official mode of adversarial self-attention, on stock encoders, against an implementation that is written out text
by text and head by head and shares nothing with it.
"""

import math

import numpy
import pytest
import torch
from allennlp.common.checks import ConfigurationError

from benchmarks.asa_agreement import agreement, main

HIDDEN, LAYERS, HEADS, INNER, VOCABULARY, POSITIONS, WIDTH = 32, 2, 4, 64, 50, 20, 9
LENGTHS = [9, 7, 1, 4, 2]
SETS = ("open", "cls", "reg", "tok", "mc")


class Reversed(torch.autograd.Function):
    """Forward a threshold at 0, backward minus the derivative of a sigmoid."""

    @staticmethod
    def forward(ctx, scores):
        ctx.save_for_backward(scores)
        return (scores > 0).double()

    @staticmethod
    def backward(ctx, gradient):
        (scores,) = ctx.saved_tensors
        y = 1 / (1 + torch.exp(-scores))
        return -gradient * y * (1 - y)


def parameters_of(model, kind, seed):
    generator = torch.Generator().manual_seed(seed)
    sizes = {
        "embeddings.word_embeddings.weight": (VOCABULARY, HIDDEN),
        "embeddings.position_embeddings.weight": (POSITIONS, HIDDEN),
        "embeddings.token_type_embeddings.weight": (2 if model == "bert" else 1, HIDDEN),
        "embeddings.LayerNorm": HIDDEN,
        "pooler.dense": (HIDDEN, HIDDEN),
    }
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}"
        sizes.update({f"{prefix}.attention.self.{part}": (HIDDEN, HIDDEN) for part in ("query", "key", "value")})
        sizes[f"{prefix}.attention.output.dense"] = (HIDDEN, HIDDEN)
        sizes[f"{prefix}.attention.output.LayerNorm"] = sizes[f"{prefix}.output.LayerNorm"] = HIDDEN
        sizes[f"{prefix}.intermediate.dense"] = (INNER, HIDDEN)
        sizes[f"{prefix}.output.dense"] = (HIDDEN, INNER)
        sizes.update({f"encoder.adversary.{layer}.{part}": (HIDDEN, HIDDEN) for part in ("query", "key")})
    sizes = {f"{model}.{name}": size for name, size in sizes.items()}
    outputs = {"open": 3, "cls": 3, "reg": 1, "tok": 5, "mc": 1}[kind]
    if model == "roberta" and kind in ("open", "cls", "reg"):
        sizes.update({"classifier.dense": (HIDDEN, HIDDEN), "classifier.out_proj": (outputs, HIDDEN)})
    else:
        sizes["classifier"] = (outputs, HIDDEN)
    weights = {}
    for name, size in sizes.items():
        if name.endswith(".weight"):
            weights[name] = 0.3 * torch.randn(size, generator=generator, dtype=torch.float64)
            continue
        rows = size if isinstance(size, int) else size[0]
        weights[f"{name}.weight"] = 0.3 * torch.randn(size, generator=generator, dtype=torch.float64)
        weights[f"{name}.bias"] = 0.3 * torch.randn(rows, generator=generator, dtype=torch.float64)
        if isinstance(size, int):
            weights[f"{name}.weight"] += 1.0
    if kind == "open":  # a bias that opens most cells: no row is ever closed
        for layer in range(LAYERS):
            for part in ("query", "key"):
                weights[f"{model}.encoder.adversary.{layer}.{part}.weight"] *= 0.5
                weights[f"{model}.encoder.adversary.{layer}.{part}.bias"].fill_(0.5)
    return {name: weight.requires_grad_() for name, weight in weights.items()}


class Literal:
    """One text at a time."""

    def __init__(self, model, weights):
        self.model, self.weights = model, weights

    def linear(self, name, x):
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def layer_norm(self, name, x):
        centred = x - x.mean(-1, keepdim=True)
        scaled = centred / torch.sqrt((centred**2).mean(-1, keepdim=True) + 1e-12)
        return scaled * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def table(self, name, row):
        # The row of padding never learns.
        padding = {"bert": 0, "roberta": 1}[self.model]
        vector = self.weights[f"{self.model}.embeddings.{name}_embeddings.weight"][row]
        fixed = row == padding and (name == "word" or (name == "position" and self.model == "roberta"))
        return vector.detach() if fixed else vector

    def states(self, ids, length, attacked):
        """States from the embeddings on, and of each layer the mask and the adversary's scores."""
        words = []
        for index, word in enumerate(ids):
            position = index if self.model == "bert" else (2 + index if index < length else 1)
            words.append(self.table("word", word) + self.table("position", position) + self.table("token_type", 0))
        states = [self.layer_norm(f"{self.model}.embeddings.LayerNorm", torch.stack(words))]
        masks, scores = [], []
        for layer in range(LAYERS):
            x, prefix = states[-1], f"{self.model}.encoder.layer.{layer}"
            pad = torch.zeros(len(ids), dtype=torch.float64)
            pad[length:] = -10000.0
            if attacked:
                adversary = f"{self.model}.encoder.adversary.{layer}"
                query, key = (self.linear(f"{adversary}.{part}", x.detach()) for part in ("query", "key"))
                scores.append(query @ key.T / math.sqrt(HIDDEN) + pad)
                masks.append(Reversed.apply(scores[-1]))
                bias = (1 - masks[-1]) * -10000.0
            else:
                bias = pad.expand(len(ids), len(ids))
            q, k, v = (self.linear(f"{prefix}.attention.self.{part}", x) for part in ("query", "key", "value"))
            contexts, size = [], HIDDEN // HEADS
            for head in range(HEADS):
                part = slice(head * size, (head + 1) * size)
                attention = q[:, part] @ k[:, part].T / math.sqrt(size)
                if attacked and self.model == "bert":
                    attention = attention * masks[-1].detach().any(1, keepdim=True).double()
                contexts.append(torch.softmax(attention + bias, -1) @ v[:, part])
            context = self.linear(f"{prefix}.attention.output.dense", torch.cat(contexts, 1))
            x = self.layer_norm(f"{prefix}.attention.output.LayerNorm", x + context)
            inner = self.linear(f"{prefix}.intermediate.dense", x)
            inner = inner * 0.5 * (1 + torch.erf(inner / math.sqrt(2)))
            states.append(
                self.layer_norm(f"{prefix}.output.LayerNorm", x + self.linear(f"{prefix}.output.dense", inner))
            )
        return states, masks, scores

    def logits(self, states, kind):
        if kind == "tok":
            return self.linear("classifier", states)
        if "classifier.dense.weight" in self.weights:
            return self.linear("classifier.out_proj", torch.tanh(self.linear("classifier.dense", states[0])))
        return self.linear("classifier", torch.tanh(self.linear(f"{self.model}.pooler.dense", states[0])))


def half_symmetric(p_logits, q_logits):
    log_p, log_q = (z - torch.logsumexp(z, -1, keepdim=True) for z in (p_logits, q_logits))
    return 0.5 * ((log_p.exp() * (log_p - log_q)).sum() + (log_q.exp() * (log_q - log_p)).sum())


def made_up_set(model, kind, seed=0):
    weights = parameters_of(model, kind, seed)
    literal = Literal(model, weights)
    lengths = [9, 3, 6, 2, 1, 5] if kind == "mc" else LENGTHS
    ids = torch.full((len(lengths), WIDTH), 0 if model == "bert" else 1)
    generator = torch.Generator().manual_seed(seed + 5)
    for row, length in enumerate(lengths):
        ids[row, :length] = torch.randint(2, VOCABULARY, (length,), generator=generator)
    mask = torch.arange(WIDTH) < torch.tensor(lengths).unsqueeze(1)
    tau = 0.3 if kind == "open" else 0.5
    passes = {
        attacked: [literal.states(row.tolist(), length, attacked) for row, length in zip(ids, lengths)]
        for attacked in (False, True)
    }
    clean, adversarial = (
        torch.stack([literal.logits(states[-1], kind) for states, _, _ in passes[attacked]]) for attacked in passes
    )
    batch_size = len(lengths)
    if kind == "tok":
        labels = torch.randint(0, 5, (batch_size, WIDTH), generator=generator).masked_fill(~mask, -100)
        labels[0, 3] = labels[1, 0] = -100
        log_p = (clean - torch.logsumexp(clean, -1, keepdim=True))[labels != -100]
        task = -log_p[range(len(log_p)), labels[labels != -100]].mean()
        divergence = half_symmetric(clean, adversarial) / batch_size
    elif kind == "reg":
        labels = torch.rand(batch_size, generator=generator, dtype=torch.float64)
        task = ((clean[:, 0] - labels) ** 2).mean()
        divergence = half_symmetric(clean[:, 0], adversarial[:, 0]) / batch_size
    else:
        if kind == "mc":
            clean, adversarial, batch_size = clean.view(3, 2), adversarial.view(3, 2), 3
        labels = torch.randint(0, clean.size(1), (batch_size,), generator=generator)
        log_p = clean - torch.logsumexp(clean, -1, keepdim=True)
        task = -log_p[range(batch_size), labels].mean()
        divergence = half_symmetric(clean, adversarial) / batch_size
    regularization = torch.stack([m.sum() for _, masks, _ in passes[True] for m in masks]).sum() / len(lengths)
    losses = {"task": task, "div": divergence, "reg": regularization}
    losses["total"] = task + divergence + tau**2 * regularization
    arrays = {f"loss_{name}": loss for name, loss in losses.items()}
    arrays.update(input_ids=ids, attention_mask=mask.long(), token_type_ids=torch.zeros_like(ids), labels=labels)
    if kind == "mc":
        arrays.update(
            {name: arrays[name].view(3, 2, WIDTH) for name in ("input_ids", "attention_mask", "token_type_ids")}
        )
    arrays.update(logits_clean=clean, logits_adv=adversarial, tau=torch.tensor(tau, dtype=torch.float64))
    for index, name in ((1, "masks"), (2, "scores")):
        arrays[name] = torch.stack(
            [torch.stack([text[index][layer] for text in passes[True]]) for layer in range(LAYERS)]
        )
    for attacked, name in ((False, "hidden_clean"), (True, "hidden_adv")):
        arrays[name] = torch.stack(
            [torch.stack([text[0][layer + 1] for text in passes[attacked]]) for layer in range(2)]
        )
    arrays["adversary_input"] = torch.stack(
        [torch.stack([text[0][layer] for text in passes[True]]) for layer in range(2)]
    )
    for kind_of_gradient, term in {"grad": "total", "grad_task": "task", "grad_div": "div", "grad_reg": "reg"}.items():
        gradients = torch.autograd.grad(losses[term], list(weights.values()), retain_graph=True, allow_unused=True)
        for (name, weight), gradient in zip(weights.items(), gradients):
            arrays[f"{kind_of_gradient}/{name}"] = torch.zeros_like(weight) if gradient is None else gradient
    arrays.update({f"param/{name}": weight for name, weight in weights.items()})
    return {name: array.detach().numpy() for name, array in arrays.items()}


def write(path, sets):
    numpy.savez(path, **{f"{name}/{key}": array for name, arrays in sets.items() for key, array in arrays.items()})
    return str(path)


def has_empty_rows(arrays):
    """Whether a token has no cell left."""
    real = arrays["attention_mask"].reshape(-1, WIDTH).astype(bool)
    return bool(((arrays["masks"].sum(-1) == 0) & real).any())


def telling_set(model, kind):
    """Rows without an open cell exist where they should, some cells are closed, and the predictions differ."""
    for seed in range(50):
        arrays = made_up_set(model, kind, seed)
        if has_empty_rows(arrays) == (kind != "open") and arrays["loss_div"] > 1e-3:
            return arrays
    raise AssertionError(f"no seed gives a set {kind}")


@pytest.fixture(scope="module", params=["bert", "roberta"])
def sets(request):
    return {kind: telling_set(request.param, kind) for kind in SETS}


def test_every_number_agrees(sets, tmp_path, capsys):
    path = write(tmp_path / "official.npz", sets)
    results = agreement(path)
    assert set(results) == set(SETS)
    kinds = {"grad", "grad_task", "grad_div", "grad_reg", "logits_clean", "logits_adv", "masks", "scores"}
    kinds |= {"adversary_input", "hidden_clean", "hidden_adv", "loss_task", "loss_div", "loss_reg", "loss_total"}
    for worst in results.values():
        assert set(worst) == kinds
        assert max(worst.values()) < 1e-10, worst
    assert main([path]) == 0
    printed = capsys.readouterr().out
    assert "loss_total" in printed
    assert "largest difference" in printed


@pytest.mark.parametrize("key", ["grad/bert.encoder.adversary.1.key.bias", "logits_adv", "loss_reg"])
def test_a_wrong_number_is_found(key, tmp_path, capsys):
    arrays = made_up_set("bert", "cls")
    arrays[key] = arrays[key] + 1e-9
    path = write(tmp_path / "wrong.npz", {"cls": arrays})
    assert agreement(path)["cls"][key.split("/")[0]] == pytest.approx(1e-9, rel=1e-3)
    assert main([path]) == 1
    assert main([path, "--tolerance", "1e-8"]) == 0


def test_what_belongs_to_no_model_is_an_error(tmp_path):
    arrays = made_up_set("bert", "open")
    arrays["grad/bert.encoder.layer.7.output.dense.weight"] = numpy.ones((2, 2))
    with pytest.raises(ConfigurationError, match="layer.7.output.dense.weight is a gradient of no parameter"):
        agreement(write(tmp_path / "wrong.npz", {"open": arrays}))
    with pytest.raises(ConfigurationError, match="must begin with 'bert.' or with 'roberta.'"):
        agreement(write(tmp_path / "other.npz", {"open": {"param/gpt.weight": numpy.ones(2)}}))
