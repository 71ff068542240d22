"""How much the prediction depends on each word: gradients with respect to the word embeddings."""

from contextlib import contextmanager
from typing import Callable, Dict, Iterator, NamedTuple, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import TensorDict

from attention_vat.models import AttentionClassifier, Embedded, Encoded

METHODS: Dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    # The gradient with respect to the one-hot input, at the word that occurs.
    "gradient_x_input": lambda words, gradient: (words * gradient).sum(dim=-1).abs(),
    "gradient_norm": lambda words, gradient: gradient.norm(dim=-1),
    # Like the first, with the mean gradient on the path from no word to the word.
    "integrated_gradients": lambda words, gradient: (words * gradient).sum(dim=-1).abs(),
}
INTEGRATION_STEPS = 32
OUTPUTS = ("probability", "logit")
ATTENTIONS = ("through", "constant")


class DifferentiablePass(NamedTuple):
    """
    A pass through the model that can be differentiated with respect to its words.

    # Parameters

    embedded : `Embedded`
        Its `words`, shape `(batch_size, num_words, embedding_dim)`, are a leaf that requires a gradient.
    encoded : `Encoded`
    """

    embedded: Embedded
    encoded: Encoded


@contextmanager
def differentiable_encoder(device: torch.device) -> Iterator[None]:
    """Makes the encoder differentiable while the model is in eval mode."""
    # cuDNN keeps what the backward pass of an RNN needs only while training ("cudnn RNN backward can only be called in
    # training mode"); PyTorch's own kernels always keep it.
    if device.type != "cuda":
        yield
        return
    with torch.backends.cudnn.flags(enabled=False):
        yield


def differentiable_pass(model: AttentionClassifier, batch: TensorDict) -> DifferentiablePass:
    """
    Embeds a batch, cuts the graph there and encodes it. Dropout follows the model's mode: call `model.eval()` first.

    # Parameters

    model : `AttentionClassifier`
    batch : `TensorDict`
        On the device of the model.
    """
    with torch.no_grad():
        embedded = model.embed(model.inputs(batch))
    return _pass_at(model, embedded, embedded.words)


def _pass_at(model: AttentionClassifier, embedded: Embedded, words: torch.Tensor) -> DifferentiablePass:
    with torch.enable_grad(), differentiable_encoder(words.device):
        embedded = embedded._replace(words=words.detach().requires_grad_())
        return DifferentiablePass(embedded, model.encode(embedded))


def importance_of(
    model: AttentionClassifier,
    clean: DifferentiablePass,
    attention: str = "through",
    output: str = "probability",
    method: str = "gradient_x_input",
) -> torch.Tensor:
    """
    Computes `gradient_importance`, shape `(batch_size, num_words)`, from an existing pass. The graph is kept, so that
    one pass serves several importances.
    """
    check_importance(attention, output, method)
    words, mask = clean.embedded.words.detach(), clean.embedded.mask
    held = clean.encoded.scores.detach() if attention == "constant" else None
    with torch.no_grad():
        # The class stays the same along the path.
        chosen = _chosen_class(model, model.decode(clean.encoded, clean.encoded.scores))
    if method != "integrated_gradients":
        gradient = _gradient(model, clean, held, output, chosen)
    else:
        gradient = torch.zeros_like(words)
        for step in range(INTEGRATION_STEPS):
            share = (step + 0.5) / INTEGRATION_STEPS
            gradient += _gradient(model, _pass_at(model, clean.embedded, share * words), held, output, chosen)
        gradient /= INTEGRATION_STEPS
    importance = METHODS[method](words, gradient) * mask
    # The first of two texts side by side is under attention.
    return importance[:, : clean.encoded.mask.size(1)]


def gradient_importance(
    model: AttentionClassifier,
    batch: TensorDict,
    attention: str = "through",
    output: str = "probability",
    method: str = "gradient_x_input",
) -> torch.Tensor:
    """
    How much the output `y` would change with a little more of a word:

        g_t = |e_t · ∂y/∂e_t|

    the gradient with respect to the one-hot input, at the word that occurs (Kitada & Iyatomi 2022, Eq. 25; Jain &
    Wallace 2019, who hold attention constant). No parameter's `grad` is touched, and the model may be in eval mode, on
    a GPU as well.

    # Parameters

    model : `AttentionClassifier`
    batch : `TensorDict`
        A batch of a data loader, on the device of the model.
    attention : `str`, optional (default = `"through"`)
        `"through"` follows the gradient through the attention weights, `"constant"` does not.
    output : `str`, optional (default = `"probability"`)
        The output `y` for the positive class if there are two classes, for the most probable class otherwise:
        `"probability"` or `"logit"`.
    method : `str`, optional (default = `"gradient_x_input"`)
        `"gradient_x_input"` as above; `"gradient_norm"`, `g_t = ‖∂y/∂e_t‖₂`; or `"integrated_gradients"` (Sundararajan
        et al. 2017), `g_t = |e_t · ∫₀¹ ∂y/∂e_t (α e) dα|` from embeddings of 0, with the midpoint rule and 32 steps. It
        costs 32 passes. Without the absolute value its sum over all words is `y(e) − y(0)`.

    # Returns

    importance : `torch.Tensor`
        Never negative, 0 at padding, not normalised. Shape `(batch_size, num_words)`.

    Raises `ConfigurationError` if an option is unknown.

    # Examples

        importance = gradient_importance(model.eval(), batch, attention="constant")
    """
    return importance_of(model, differentiable_pass(model, batch), attention, output, method)


def _gradient(
    model: AttentionClassifier,
    clean: DifferentiablePass,
    held: Optional[torch.Tensor],
    output: str,
    chosen: torch.Tensor,
) -> torch.Tensor:
    with torch.enable_grad():
        logits = model.decode(clean.encoded, clean.encoded.scores if held is None else held)
        values = logits if output == "logit" else model.probabilities(logits)
        if output == "logit" and model.positive_index is not None:
            chosen = torch.zeros_like(chosen)
        gradient = None
        if values.requires_grad:  # false without any word, if the parameters are frozen as well
            # A sentence's output depends on its own words only, so one backward pass of the sum serves all of them.
            total = values.gather(1, chosen.unsqueeze(1)).sum()
            (gradient,) = torch.autograd.grad(total, clean.embedded.words, retain_graph=True, allow_unused=True)
    return torch.zeros_like(clean.embedded.words) if gradient is None else gradient


def _chosen_class(model: AttentionClassifier, logits: torch.Tensor) -> torch.Tensor:
    if model.positive_index is None:
        return logits.argmax(dim=-1)
    return torch.full_like(logits[:, 0], model.positive_index, dtype=torch.long)


def check_importance(attention: str = "through", output: str = "probability", method: str = "gradient_x_input") -> None:
    """Raises `ConfigurationError` if an option of `gradient_importance` is unknown."""
    for name, value, choices in (
        ("attention", attention, ATTENTIONS),
        ("output", output, OUTPUTS),
        ("method", method, METHODS),
    ):
        if value not in choices:
            raise ConfigurationError(f"{name} is '{value}', but must be one of {list(choices)}.")
