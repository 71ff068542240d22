"""The models that the benchmarks compare, with their optimizers, and batches of synthetic text for them."""

from typing import Any, Callable, Dict, Optional

import torch
from allennlp.common import Params
from allennlp.data import Vocabulary
from allennlp.models import Model
from allennlp.training.optimizers import Optimizer

import attention_vat  # noqa: F401  (registers the models)
import benchmarks.straightforward  # noqa: F401
from attention_vat.training.recorded_forward import RecordedForward

VOCABULARY_SIZE = 13_800  # that of SST
DIMENSIONS = 300

Step = Callable[[], None]


def made_up_vocabulary() -> Vocabulary:
    words = {f"word{number}": 1 for number in range(VOCABULARY_SIZE - 2)}
    return Vocabulary({"labels": {"0": 1, "1": 1}, "tokens": words})


def made_up_batch(words: int, batch_size: int, device: str = "cpu", labeled: bool = True, seed: int = 0) -> Dict:
    """
    Texts of 80% to 100% of `words` words, the longest of exactly so many, as bucket batching makes them. Which words
    they are does not matter for speed.
    """
    generator = torch.Generator().manual_seed(seed)
    lengths = (words * (0.8 + 0.2 * torch.rand(batch_size, generator=generator))).round().long().clamp_min(1)
    lengths[0] = words
    tokens = torch.randint(2, VOCABULARY_SIZE, (batch_size, words), generator=generator)
    tokens = tokens * (torch.arange(words) < lengths.unsqueeze(1))
    batch: Dict[str, Any] = {"tokens": {"tokens": {"tokens": tokens.to(device)}}}
    if labeled:
        batch["label"] = (torch.arange(batch_size) % 2).to(device)
    return batch


def make_model(technique: str, hidden_size: int = 256, straightforward: bool = False) -> Model:
    """A model of single texts with a bidirectional LSTM, ours or the straightforward one."""
    torch.manual_seed(0)
    params: Dict[str, Any] = {
        "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": DIMENSIONS}}},
        "encoder": {"type": "lstm", "input_size": DIMENSIONS, "hidden_size": hidden_size, "bidirectional": True},
    }
    if straightforward:
        params.update(type="straightforward", technique=technique)
    else:
        params.update(type="single_sequence_attention", regularizers=[] if technique == "vanilla" else [technique])
    return Model.from_params(Params(params), vocab=made_up_vocabulary()).train()


class TrainingStep:
    """Forward, backward and optimizer step on one batch, again and again."""

    def __init__(
        self,
        model: Model,
        batch: Dict,
        unlabeled: Optional[Dict] = None,
        optimizer: str = "fused_adam",
        amp: bool = False,
        graphs: bool = False,
    ) -> None:
        self.device = next(iter(batch["tokens"]["tokens"].values())).device
        self.model = model.to(self.device)
        self.batch = batch
        self.unlabeled = unlabeled
        if graphs and self.device.type == "cuda":
            self.model.forward = RecordedForward(self.model)
        self.scaler = torch.cuda.amp.GradScaler() if amp else None
        self.optimizer = Optimizer.from_params(
            Params({"type": optimizer, "lr": 1e-3, "amsgrad": True, "weight_decay": 1e-5}),
            model_parameters=[[name, parameter] for name, parameter in model.named_parameters()],
        )

    def __call__(self) -> None:
        self.optimizer.zero_grad()
        if self.unlabeled is not None:
            self.model.unlabeled_batches = iter([self.unlabeled])  # type: ignore[assignment]
        with torch.autocast(self.device.type, enabled=self.scaler is not None):
            loss = self.model(**self.batch)["loss"]
        if self.scaler is not None:
            self.scaler.scale(loss).backward()
            self.scaler.step(self.optimizer)
            self.scaler.update()
        else:
            loss.backward()
            self.optimizer.step()
        if self.device.type == "cuda":
            torch.cuda.synchronize()
