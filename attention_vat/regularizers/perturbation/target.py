"""What is perturbed."""

from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple, Optional, TypeVar

import torch
from allennlp.common import Registrable
from allennlp.common.checks import ConfigurationError

from attention_vat.models.stages import CleanPass

if TYPE_CHECKING:
    from attention_vat.models.attention_classifier import AttentionClassifier
    from attention_vat.models.regularizable import RegularizableModel
    from attention_vat.modules.transformer_attention import TransformerAttention


class Target(Registrable):
    """
    The first of the three choices that make a technique: which stage of the model the perturbation enters.
    """

    default_implementation = "attention"

    name: str
    replays_encoder = False
    replays_model = False
    observes: Optional["TransformerAttention"] = None
    """The encoders whose calls in the clean pass this target needs to know."""

    def attach(self, model: "RegularizableModel") -> None:
        """
        Called once, when the model is complete. Raises `ConfigurationError` if this target does not exist in it.
        """
        if not hasattr(model, "decode"):
            raise ConfigurationError(
                f"target '{self.name}' lies between the stages of the models of attention_vat, and "
                f"{type(model).__name__} has none. In a Transformer 'self_attention' and 'input_embeddings' can be "
                "perturbed."
            )

    def point(self, clean: CleanPass) -> torch.Tensor:
        """What is perturbed, without its graph."""
        raise NotImplementedError

    def mask(self, clean: CleanPass) -> torch.BoolTensor:
        """Where it may be perturbed; broadcasts to `point`."""
        raise NotImplementedError

    def frozen(self, clean: CleanPass) -> CleanPass:
        """The clean pass with everything that the perturbation cannot reach held constant, for the search."""
        raise NotImplementedError

    def logits(self, model: "AttentionClassifier", clean: CleanPass, perturbation: torch.Tensor) -> torch.Tensor:
        """What the model says of `x + r`; recomputes only what lies behind the point of entry."""
        raise NotImplementedError


@Target.register("attention")
class AttentionTarget(Target):
    """
    The attention scores before the softmax, shape `(batch_size, num_words)`. The hidden states are those of the clean
    pass, dropout included: the encoder does not run again.

    Registered as a `Target` with name "attention".
    """

    name = "attention"

    def attach(self, model: "RegularizableModel") -> None:
        super().attach(model)
        if not getattr(model, "attention_decides", True):
            raise ConfigurationError(
                f"target 'attention': the prediction of {type(model).__name__} does not depend on the attention that "
                "it shows. Perturb 'self_attention' or 'input_embeddings'."
            )

    def point(self, clean: CleanPass) -> torch.Tensor:
        return clean.encoded.scores.detach()

    def mask(self, clean: CleanPass) -> torch.BoolTensor:
        return clean.encoded.mask

    def frozen(self, clean: CleanPass) -> CleanPass:
        return clean._replace(encoded=detached(clean.encoded), logits=clean.logits.detach())

    def logits(self, model: "AttentionClassifier", clean: CleanPass, perturbation: torch.Tensor) -> torch.Tensor:
        return model.decode(clean.encoded, clean.encoded.scores + perturbation)


@Target.register("word")
class WordTarget(Target):
    """
    The word embeddings, shape `(batch_size, num_words, embedding_dim)`; of both texts in models of two, under one norm.
    The encoder has to run again, with the dropout of the clean pass.

    Registered as a `Target` with name "word".
    """

    name = "word"
    replays_encoder = True

    def point(self, clean: CleanPass) -> torch.Tensor:
        return clean.embedded.words.detach()

    def mask(self, clean: CleanPass) -> torch.BoolTensor:
        return clean.embedded.mask.unsqueeze(-1)

    def frozen(self, clean: CleanPass) -> CleanPass:
        return clean._replace(embedded=detached(clean.embedded), logits=clean.logits.detach())

    def logits(self, model: "AttentionClassifier", clean: CleanPass, perturbation: torch.Tensor) -> torch.Tensor:
        embedded = clean.embedded._replace(words=clean.embedded.words + perturbation)
        with clean.noise.replayed() if clean.noise is not None else nullcontext():
            encoded = model.encode(embedded)
        return model.decode(encoded, encoded.scores)


Stage = TypeVar("Stage", bound=NamedTuple)


def detached(stage: Stage) -> Stage:
    """A stage of the model with all its tensors out of the graph."""
    parts = {name: part.detach() for name, part in stage._asdict().items() if isinstance(part, torch.Tensor)}
    return stage._replace(**parts)
