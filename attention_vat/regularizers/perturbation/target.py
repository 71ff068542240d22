"""What a perturbation is added to."""

from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple, Optional, TypeVar

import torch
from allennlp.common import Registrable
from allennlp.common.checks import ConfigurationError

from attention_vat.models.stages import CleanPass, Encoded
from attention_vat.modules.attention_normalizers import Softmax

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
        Called once, when the model is complete. Raises `ConfigurationError` if the model does not have this target.
        """
        if not hasattr(model, "decode"):
            raise ConfigurationError(
                f"target '{self.name}' needs the stages of an attention_vat model, which {type(model).__name__} does "
                "not have; in a Transformer perturb 'self_attention' or 'input_embeddings'."
            )

    def point(self, clean: CleanPass) -> torch.Tensor:
        """What is perturbed, without its graph: shape `(batch_size, num_words)`, or with a third dimension."""
        raise NotImplementedError

    def mask(self, clean: CleanPass) -> torch.BoolTensor:
        """True where the point may be perturbed, shape `(batch_size, num_words)`; broadcasts to `point`."""
        raise NotImplementedError

    def frozen(self, clean: CleanPass) -> CleanPass:
        """The clean pass with everything that the perturbation cannot reach held constant, for the search."""
        raise NotImplementedError

    def logits(self, model: "AttentionClassifier", clean: CleanPass, perturbation: torch.Tensor) -> torch.Tensor:
        """
        The logits for `x + r`, shape of `clean.logits`; recomputes only what follows the point of entry.
        """
        raise NotImplementedError


@Target.register("attention")
class AttentionTarget(Target):
    """
    The attention scores before the softmax, shape `(batch_size, num_words)`. The hidden states are those of the clean
    pass, dropout included: the encoder does not run again.

    Registered as a `Target` with name "attention".

    # Parameters

    fixed_values : `bool`, optional (default = `False`)
        Whether to hold the values that attention averages constant in the perturbed pass, so that the model cannot
        become robust by making the values of all words equal. See docs/what-attention-vat-does.md.
    """

    name = "attention"

    def __init__(self, fixed_values: bool = False) -> None:
        self.fixed_values = fixed_values

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
        return model.decode(self._entered(clean), clean.encoded.scores + perturbation)

    def _entered(self, clean: CleanPass) -> Encoded:
        encoded = clean.encoded
        return encoded._replace(values=encoded.values.detach()) if self.fixed_values else encoded


@Target.register("attention_weights")
class AttentionWeightsTarget(AttentionTarget):
    """
    The attention weights after the softmax, shape `(batch_size, num_words)`: `a + r`, clipped at 0 and divided by its
    sum. A perturbation of scores moves a word in proportion to its weight; one of weights moves all words equally, so
    that spreading attention does not make the model robust to it.

    Registered as a `Target` with name "attention_weights". `epsilon` is in units of weights, so values above 1 are
    useless.

    # Parameters

    fixed_values : `bool`, optional (default = `False`)
        See `AttentionTarget`.

    Raises `ConfigurationError` if the normalizer of the model is not the softmax.

    # Examples

        "regularizers": [{"type": "attention_vat", "target": {"type": "attention_weights"}, "epsilon": 0.3}]
    """

    name = "attention_weights"

    def attach(self, model: "RegularizableModel") -> None:
        super().attach(model)
        normalizer = getattr(model, "normalizer", None)
        if not isinstance(normalizer, Softmax):
            raise ConfigurationError(
                f"target 'attention_weights': the normalizer of the model is {type(normalizer).__name__}, but must be "
                "softmax."
            )

    def point(self, clean: CleanPass) -> torch.Tensor:
        return weights_of(clean.encoded).detach()

    def logits(self, model: "AttentionClassifier", clean: CleanPass, perturbation: torch.Tensor) -> torch.Tensor:
        moved = weights_of(clean.encoded) + perturbation
        # The softmax of these logarithms gives the perturbed weights, divided by their sum.
        return model.decode(self._entered(clean), moved.clamp(min=torch.finfo(moved.dtype).tiny).log())


def weights_of(encoded: Encoded) -> torch.Tensor:
    """The softmax of the scores over the attended words, shape `(batch_size, num_words)`."""
    return Softmax()(encoded.scores, encoded.mask)


@Target.register("word")
class WordTarget(Target):
    """
    The word embeddings, shape `(batch_size, num_words, embedding_dim)`; in models of two texts, of both under one norm.
    The encoder runs again, with the dropout of the clean pass.

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
    """A stage of the model with all its tensors detached from the graph."""
    parts = {name: part.detach() for name, part in stage._asdict().items() if isinstance(part, torch.Tensor)}
    return stage._replace(**parts)
