from contextlib import contextmanager
from typing import Iterator

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.interpret.saliency_interpreters import SaliencyInterpreter
from allennlp.predictors import Predictor

from attention_vat.interpret.saliency.attention import AttentionSaliency
from attention_vat.models import AttentionClassifier, CleanPass, Encoded


@SaliencyInterpreter.register("attention-gradient")
class AttentionGradientSaliency(AttentionSaliency):
    """
    Attention times the gradient of the output with respect to attention,

        |a_t · ∂p(ŷ)/∂a_t|

    where `a` are the weights after the softmax, each taken as free to vary alone, and `p(ŷ)` is the probability of the
    class that the model predicts. It is 0 for words that are attended but say nothing about the class. Serrano & Smith
    (2019, "Is Attention Interpretable?") rank words by it, and by attention and the gradient alone. The output has the
    form of "attention".

    Registered as a `SaliencyInterpreter` with name "attention-gradient".

    # Parameters

    predictor : `Predictor`
        Its model must be one of this package.

    Raises `ConfigurationError` if the prediction of the model does not depend on attention.
    """

    def __init__(self, predictor: Predictor) -> None:
        super().__init__(predictor)
        if not self._model.attention_decides:
            raise ConfigurationError(
                f"The prediction of {type(self._model).__name__} does not depend on the attention that it shows, "
                "and has no gradient there; use 'attention' or 'simple-gradient'."
            )

    def saliency(self, clean: CleanPass) -> torch.Tensor:
        return attention_x_gradient(self._model, clean)


def attention_x_gradient(model: AttentionClassifier, clean: CleanPass) -> torch.Tensor:
    """
    `a_t · ∂p(ŷ)/∂a_t`, with its sign.

    # Parameters

    model : `AttentionClassifier`
        In eval mode.
    clean : `CleanPass`

    # Returns

    product : `torch.Tensor`
        0 where there is no attention. Shape `(batch_size, num_words)`.
    """
    with torch.enable_grad():
        weights = model.attend(clean.encoded, clean.encoded.scores).detach().requires_grad_()
        with _given_attention(model, weights):
            probs = model.probabilities(model.decode(clean.encoded, clean.encoded.scores))
        (gradient,) = torch.autograd.grad(probs.max(dim=1).values.sum(), weights)
    return (weights * gradient).detach()


@contextmanager
def _given_attention(model: AttentionClassifier, weights: torch.Tensor) -> Iterator[None]:
    # `decode` takes scores and turns them into weights with the model's `attend`.
    def attend(encoded: Encoded, scores: torch.Tensor) -> torch.Tensor:
        return weights

    setattr(model, "attend", attend)  # noqa: B010  (an attribute that hides the method of the class)
    try:
        yield
    finally:
        delattr(model, "attend")
