"""What is perturbed."""

from typing import TYPE_CHECKING

import torch
from allennlp.common import Registrable

from attention_vat.models.adversarial_regularizer import CleanPass

if TYPE_CHECKING:
    from attention_vat.models.attention_classifier import AttentionClassifier


class Target(Registrable):
    """
    The first of the three choices that make a technique: which stage of the model the perturbation enters.
    """

    default_implementation = "attention"

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

    def point(self, clean: CleanPass) -> torch.Tensor:
        return clean.encoded.scores.detach()

    def mask(self, clean: CleanPass) -> torch.BoolTensor:
        return clean.encoded.mask

    def frozen(self, clean: CleanPass) -> CleanPass:
        encoded = clean.encoded._replace(values=clean.encoded.values.detach(), scores=clean.encoded.scores.detach())
        return clean._replace(encoded=encoded, logits=clean.logits.detach())

    def logits(self, model: "AttentionClassifier", clean: CleanPass, perturbation: torch.Tensor) -> torch.Tensor:
        return model.decode(clean.encoded, clean.encoded.scores + perturbation)
