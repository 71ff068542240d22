"""
The implementation that a careful researcher would write first: a classifier with attention whose `forward` can add a
perturbation, and which runs completely for every prediction. The techniques are the same as in `attention_vat`, and the
same seeds give the same losses (`tests/benchmarks/straightforward_test.py`); only the cost differs. It is registered
for the benchmarks alone.
"""

from typing import Any, Dict, Iterator, List, Optional

import torch
from allennlp.data import DatasetReader, TensorDict, TextFieldTensors, Vocabulary
from allennlp.data.data_loaders import MultiProcessDataLoader
from allennlp.data.samplers import BucketBatchSampler
from allennlp.models import Model
from allennlp.modules import Seq2SeqEncoder, TextFieldEmbedder
from allennlp.nn import util
from allennlp.training import GradientDescentTrainer
from allennlp.training.callbacks import TrainerCallback
from allennlp.training.metrics import CategoricalAccuracy, F1Measure


@Model.register("straightforward")
class Straightforward(Model):
    """
    Two classes, additive attention, and one of the techniques "vanilla", "attention_vat", "attention_ivat" and
    "word_vat". Virtual adversarial training is three runs of the whole model: the clean one, one at `ξ d` for the
    gradient, and one at `r`.
    """

    def __init__(
        self,
        vocab: Vocabulary,
        text_field_embedder: TextFieldEmbedder,
        encoder: Seq2SeqEncoder,
        technique: str = "vanilla",
        epsilon: float = 5.0,
        xi: float = 0.1,
    ) -> None:
        super().__init__(vocab)
        self.text_field_embedder = text_field_embedder
        self.encoder = encoder
        hidden_dim = encoder.get_output_dim()
        self.hidden_projection = torch.nn.Linear(hidden_dim, hidden_dim // 2)
        self.context = torch.nn.Linear(hidden_dim // 2, 1, bias=False)
        self.decoder = torch.nn.Linear(hidden_dim, 1)
        self.technique = technique
        self.epsilon = epsilon
        self.xi = xi
        self.accuracy = CategoricalAccuracy()
        self.f1 = F1Measure(positive_label=1)
        self.unlabeled_batches: Optional[Iterator[TensorDict]] = None

    def forward(  # type: ignore[override]
        self,
        tokens: TextFieldTensors,
        label: Optional[torch.Tensor] = None,
        metadata: Optional[List[Dict[str, Any]]] = None,
    ) -> Dict[str, Any]:
        logits = self.logits(tokens)
        positive = torch.sigmoid(logits)
        output = {"logits": logits, "probs": torch.stack([1 - positive, positive], dim=-1)}
        if label is not None:
            output["loss"] = torch.nn.functional.binary_cross_entropy_with_logits(logits, label.to(logits.dtype))
            self.accuracy(output["probs"], label)
            self.f1(output["probs"], label)
            if self.training and self.technique != "vanilla":
                divergences = [self.divergence_under_attack(tokens, logits.detach())]
                if self.unlabeled_batches is not None:
                    unlabeled = next(self.unlabeled_batches)["tokens"]
                    with torch.no_grad():
                        clean = self.logits(unlabeled)
                    divergences.append(self.divergence_under_attack(unlabeled, clean))
                output["loss"] = output["loss"] + torch.cat(divergences).mean()
        return output

    def logits(self, tokens: TextFieldTensors, perturbation: Optional[torch.Tensor] = None) -> torch.Tensor:
        """The whole model; a perturbation is of the words if it has three dimensions, else of the scores."""
        mask = util.get_text_field_mask(tokens)
        words = self.text_field_embedder(tokens)
        if perturbation is not None and perturbation.dim() == 3:
            words = words + perturbation
        hidden = self.encoder(words, mask)
        scores = self.context(torch.tanh(self.hidden_projection(hidden))).squeeze(-1)
        if perturbation is not None and perturbation.dim() == 2:
            scores = scores + perturbation
        attention = util.masked_softmax(scores, mask)
        attended = util.weighted_sum(hidden, attention)
        return self.decoder(attended).squeeze(-1)

    def divergence_under_attack(self, tokens: TextFieldTensors, clean: torch.Tensor) -> torch.Tensor:
        mask = util.get_text_field_mask(tokens)
        shape = [*mask.shape]
        if self.technique == "word_vat":
            mask = mask.unsqueeze(-1)
            shape.append(self.encoder.get_input_dim())
        noise = torch.randn(shape, dtype=clean.dtype, device=clean.device)
        start = (self.xi * unit(noise * mask)).requires_grad_()
        loss = kl_divergence(clean, self.logits(tokens, start)).sum()
        (gradient,) = torch.autograd.grad(loss, start)
        gradient = gradient * mask
        if self.technique == "attention_ivat":
            gradient = gradient.sign()
        return kl_divergence(clean, self.logits(tokens, self.epsilon * unit(gradient)))

    def get_metrics(self, reset: bool = False) -> Dict[str, float]:
        return {"accuracy": self.accuracy.get_metric(reset), **self.f1.get_metric(reset)}  # type: ignore[dict-item]


def unit(tensor: torch.Tensor) -> torch.Tensor:
    """Each sentence scaled to norm 1."""
    norm = tensor.flatten(1).norm(dim=1).clamp_min(1e-30)
    return tensor / norm.view(-1, *[1] * (tensor.dim() - 1))


def kl_divergence(clean: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
    """Of two Bernoulli distributions, from their logits."""
    p = torch.sigmoid(clean)
    log_p, log_q = torch.nn.functional.logsigmoid(clean), torch.nn.functional.logsigmoid(logits)
    log_not_p, log_not_q = torch.nn.functional.logsigmoid(-clean), torch.nn.functional.logsigmoid(-logits)
    return p * (log_p - log_q) + (1 - p) * (log_not_p - log_not_q)


@TrainerCallback.register("straightforward")
class UnlabeledBatches(TrainerCallback):
    """Gives the model of this file an unlabelled batch beside each labelled one, from AllenNLP's own loader."""

    def __init__(
        self, serialization_dir: str, unlabeled_data_path: str, reader: DatasetReader, batch_size: int = 32
    ) -> None:
        super().__init__(serialization_dir)
        sampler = BucketBatchSampler(batch_size, sorting_keys=["tokens"])
        self._loader = MultiProcessDataLoader(reader, unlabeled_data_path, batch_sampler=sampler)

    def on_start(self, trainer: GradientDescentTrainer, is_primary: bool = True, **kwargs: Any) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        self._loader.index_with(trainer.model.vocab)
        if trainer.cuda_device is not None:
            self._loader.set_target_device(trainer.cuda_device)
        trainer.model.unlabeled_batches = self._forever()

    def _forever(self) -> Iterator[TensorDict]:
        while True:
            yield from self._loader
