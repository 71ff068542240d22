"""
Compares adversarial self-attention with stored numbers of the published code: logits, masks, losses and every gradient,
in float64, on the stock BERT and RoBERTa of `transformers`.

    python -m benchmarks.asa_agreement FILE.npz

It prints the largest difference of each kind, and exits with 1 if any difference is above `--tolerance`.

Keys of the file are `SET/ARRAY`. The arrays of a set are `param/NAME`, `grad/NAME`, `grad_task/NAME`, `grad_div/NAME`,
`grad_reg/NAME` under the names of the published models (`bert.encoder.adversary.0.query.weight`), `input_ids`,
`attention_mask`, `token_type_ids`, `labels`, `tau`, `logits_clean`, `logits_adv`, `masks`, `scores`,
`adversary_input`, `hidden_clean`, `hidden_adv`, `loss_task`, `loss_div`, `loss_reg` and `loss_total`. The arrays
determine the task: alternatives (`input_ids` with three dimensions), tags (`labels` with two), regression (`labels`
that are not integers) or classification. `hidden_clean` and `hidden_adv` are the inputs or the outputs of the layers.
"""

import argparse
import re
import sys
from collections import defaultdict
from typing import Dict, List, Optional, Tuple

import numpy
import torch
from allennlp.common.checks import ConfigurationError
from transformers import BertConfig, BertModel, RobertaConfig, RobertaModel

from attention_vat.modules.transformer_attention import AttentionBias, TransformerAttention, real_keys
from attention_vat.nn import symmetric_kl
from attention_vat.regularizers.adversarial_self_attention import SelfAttentionAdversary
from attention_vat.regularizers.attention_mask import AttentionMask, closing_bias, counts_by_text

ADVERSARY = re.compile(r"encoder\.adversary\.(\d+)\.(query|key)\.(weight|bias)$")
TERMS = {"grad": "total", "grad_task": "task", "grad_div": "div", "grad_reg": "reg"}

Arrays = Dict[str, numpy.ndarray]
Tensors = Dict[str, torch.Tensor]


class AttackedModel:
    """
    A stock encoder, an adversary and the head of the published models: on each token (tags), on the first token
    (RoBERTa), or on the encoder's pooled one. Without dropout.

    # Parameters

    weights : `Dict[str, numpy.ndarray]`
        By the published names.
    num_heads : `int`
    layer_norm_eps : `float`
    """

    def __init__(self, weights: Arrays, num_heads: int, layer_norm_eps: float) -> None:
        prefixes = {name.split(".")[0] for name in weights} & {"bert", "roberta"}
        if len(prefixes) != 1:
            raise ConfigurationError("The names of the parameters must begin with 'bert.' or with 'roberta.'.")
        (self.prefix,) = prefixes
        # A fully masked row is uniform in the published BERT, and an ordinary softmax in the published RoBERTa.
        self.empty_rows = "uniform" if self.prefix == "bert" else "scores"
        inner = {name[len(self.prefix) + 1 :]: value for name, value in weights.items() if name.startswith(self.prefix)}
        layers = {
            int(match.group(1)) for match in (re.match(r"encoder\.layer\.(\d+)", name) for name in inner) if match
        }
        words, positions = inner["embeddings.word_embeddings.weight"], inner["embeddings.position_embeddings.weight"]
        config_class, model_class = {"bert": (BertConfig, BertModel), "roberta": (RobertaConfig, RobertaModel)}[
            self.prefix
        ]
        config = config_class(
            vocab_size=words.shape[0],
            hidden_size=words.shape[1],
            num_hidden_layers=len(layers),
            num_attention_heads=num_heads,
            intermediate_size=inner["encoder.layer.0.intermediate.dense.weight"].shape[0],
            max_position_embeddings=positions.shape[0],
            type_vocab_size=inner["embeddings.token_type_embeddings.weight"].shape[0],
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            layer_norm_eps=layer_norm_eps,
            pad_token_id={"bert": 0, "roberta": 1}[self.prefix],
        )
        self.encoder = model_class(config).double().train()
        self.attention = TransformerAttention(self.encoder)
        self.adversary = SelfAttentionAdversary(enumerate(self.attention.hidden_sizes)).double()
        self.head = {
            name: torch.tensor(value, dtype=torch.float64, requires_grad=True)
            for name, value in weights.items()
            if name.startswith("classifier.")
        }
        self._load(inner)

    def parameters(self) -> Tensors:
        """By the published names."""
        named = {f"{self.prefix}.{name}": p for name, p in self.encoder.named_parameters()}
        for name, p in self.adversary.named_parameters():
            part, layer, kind = name.split(".")
            named[f"{self.prefix}.encoder.adversary.{layer}.{part}.{kind}"] = p
        return {**named, **self.head}

    def _load(self, inner: Arrays) -> None:
        parameters = self.parameters()
        for name, value in inner.items():
            full = f"{self.prefix}.{name}"
            if full in parameters:
                parameters[full].data.copy_(torch.tensor(value))
            elif not name.endswith("position_ids"):
                raise ConfigurationError(f"{full} is no parameter of a {type(self.encoder).__name__}.")

    def run(self, inputs: Tensors, tags: bool) -> Tuple[torch.Tensor, Tuple[torch.Tensor, ...]]:
        """Logits and the states between layers."""
        output = self.encoder(**inputs, output_hidden_states=True)

        def linear(name: str, features: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.linear(features, self.head[f"{name}.weight"], self.head[f"{name}.bias"])

        states = output.last_hidden_state
        if "classifier.dense.weight" in self.head:
            logits = linear("classifier.out_proj", torch.tanh(linear("classifier.dense", states[:, 0])))
        else:
            logits = linear("classifier", states if tags else output.pooler_output)
        return logits, output.hidden_states


def computed(arrays: Arrays, num_heads: int, layer_norm_eps: float) -> Arrays:
    """All that a set says, from its parameters and its batch."""
    weights = {name[len("param/") :]: value for name, value in arrays.items() if name.startswith("param/")}
    model = AttackedModel(weights, num_heads, layer_norm_eps)
    labels = torch.tensor(arrays["labels"])
    batch: Tensors = {
        name: torch.tensor(arrays[name]) for name in ("input_ids", "attention_mask", "token_type_ids") if name in arrays
    }
    num_choices = batch["input_ids"].size(1) if batch["input_ids"].dim() == 3 else None
    inputs: Tensors = {name: tensor.reshape(-1, tensor.size(-1)).long() for name, tensor in batch.items()}
    tags = labels.dim() == 2 and num_choices is None
    batch_size, num_rows = len(labels), len(inputs["input_ids"])

    masks: List[AttentionMask] = []
    seen: Dict[str, List[torch.Tensor]] = defaultdict(list)

    def attack(layer: int, hidden: torch.Tensor, mask: torch.Tensor) -> AttentionBias:
        real = real_keys(mask)
        masks.append(AttentionMask(layer, model.adversary(layer, hidden, mask), real))
        seen["adversary_input"].append(hidden)
        seen["scores"].append(model.adversary.scores(layer, hidden) + (~real).double().unsqueeze(1) * -10000.0)
        return closing_bias(masks[-1].kept, mask, model.empty_rows)

    clean, hidden_clean = model.run(inputs, tags)
    with model.attention.biased(attack):
        attacked, hidden_adv = model.run(inputs, tags)
    if num_choices is not None:
        clean, attacked = (logits.view(batch_size, num_choices) for logits in (clean, attacked))

    if labels.is_floating_point():
        task = torch.nn.functional.mse_loss(clean.view(-1), labels.double().view(-1))
        # The published code computes the divergence of a regression from softmaxes over the batch.
        divergences = symmetric_kl(clean.view(1, -1), attacked.view(1, -1))
    else:
        task = torch.nn.functional.cross_entropy(clean.reshape(-1, clean.size(-1)), labels.view(-1).long())
        divergences = symmetric_kl(clean, attacked)
    kept = torch.stack([counts_by_text(mask, num_rows, count_padding=True)[0] for mask in masks])
    losses = {"task": task, "div": divergences.sum() / batch_size, "reg": kept.sum() / num_rows}
    losses["total"] = losses["task"] + losses["div"] + float(arrays["tau"]) ** 2 * losses["reg"]

    result: Tensors = {f"loss_{name}": loss for name, loss in losses.items()}
    result.update(logits_clean=clean, logits_adv=attacked, masks=torch.stack([mask.kept for mask in masks]))
    result.update({name: torch.stack(tensors) for name, tensors in seen.items()})
    for name, states in (("hidden_clean", hidden_clean), ("hidden_adv", hidden_adv)):
        # The embeddings and the outputs of all layers: one array more than there are layers.
        result[name] = torch.stack(states)
    parameters = model.parameters()
    for kind, term in TERMS.items():
        gradients = torch.autograd.grad(losses[term], list(parameters.values()), retain_graph=True, allow_unused=True)
        for (name, parameter), gradient in zip(parameters.items(), gradients):
            result[f"{kind}/{name}"] = torch.zeros_like(parameter) if gradient is None else gradient
    return {name: tensor.detach().numpy() for name, tensor in result.items()}


def difference(name: str, expected: numpy.ndarray, ours: numpy.ndarray) -> float:
    """The largest difference of two arrays."""
    if name in ("hidden_clean", "hidden_adv") and len(ours) == len(expected) + 1:
        # The inputs of the layers, or their outputs.
        return min(difference("", expected, part) for part in (ours[:-1], ours[1:]))
    if expected.size != ours.size:
        raise ConfigurationError(f"{name} has the shape {expected.shape} in the file, and here {ours.shape}.")
    return float(numpy.abs(expected.reshape(ours.shape).astype(float) - ours).max()) if ours.size else 0.0


def agreement(path: str, num_heads: int = 4, layer_norm_eps: float = 1e-12) -> Dict[str, Dict[str, float]]:
    """
    The largest difference of each kind of array (`logits_adv`, `grad`, …) in each set of a file.

    # Parameters

    path : `str`
    num_heads : `int`, optional (default = `4`)
        The attention heads of the models, which their weights do not tell.
    layer_norm_eps : `float`, optional (default = `1e-12`)
    """
    sets: Dict[str, Arrays] = defaultdict(dict)
    with numpy.load(path) as file:
        for key in file.files:
            name, _, array = re.sub(r"/((?:param|grad(?:_\w+)?)/[^/]+|[^/]+)$", r"//\1", key).partition("//")
            sets[name][array] = file[key]
    results: Dict[str, Dict[str, float]] = {}
    for name, arrays in sets.items():
        ours, worst = computed(arrays, num_heads, layer_norm_eps), results.setdefault(name, {})
        for key, expected in arrays.items():
            kind = key.split("/")[0]
            if key in ours:
                worst[kind] = max(worst.get(kind, 0.0), difference(key, expected, ours[key]))
            elif kind in TERMS and numpy.abs(expected).max() > 0:
                raise ConfigurationError(f"{name}/{key} is a gradient of no parameter of the model.")
    return results


def main(arguments: Optional[List[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.asa_agreement", description=__doc__.split("\n\n")[0])
    parser.add_argument("file", help="an .npz file of numbers of the published code")
    parser.add_argument("--heads", type=int, default=4, help="attention heads (default: 4)")
    parser.add_argument("--layer-norm-eps", type=float, default=1e-12)
    parser.add_argument("--tolerance", type=float, default=1e-10)
    options = parser.parse_args(arguments)
    results = agreement(options.file, options.heads, options.layer_norm_eps)
    for name, worst in results.items():
        print(name)
        for kind, value in worst.items():
            print(f"    {kind:16} {value:.1e}")
    largest = max(value for worst in results.values() for value in worst.values())
    print(f"largest difference: {largest:.1e}")
    return int(not largest <= options.tolerance)


if __name__ == "__main__":
    sys.exit(main())
