"""Divergences between predictions."""

from typing import Any, Tuple

import torch


def log_probabilities(logits: torch.Tensor) -> torch.Tensor:
    """
    The logarithm of each class's probability, from logits. A single logit stands for two classes (a sigmoid).

    # Parameters

    logits : `torch.Tensor`
        Shape `(batch_size, num_logits)`.

    # Returns

    log_probabilities : `torch.Tensor`
        Shape `(batch_size, max(num_logits, 2))`.
    """
    if logits.size(-1) == 1:
        return torch.nn.functional.logsigmoid(torch.cat([-logits, logits], dim=-1))
    return torch.log_softmax(logits, dim=-1)


def kl_divergence(clean_logits: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
    """
    The Kullback-Leibler divergence of a perturbed prediction from the clean one,
    `KL(p ‖ q) = Σ_c p_c (log p_c − log q_c)`, Bernoulli for a single logit and categorical otherwise
    (Kitada & Iyatomi 2022, Eq. 4; Miyato et al. 2018).

    The clean side is a constant: no gradient flows into it. The result can be differentiated once.

    # Parameters

    clean_logits : `torch.Tensor`
        Shape `(batch_size, num_logits)`. A class that cannot occur has logit `-inf` on both sides.
    logits : `torch.Tensor`
        Same shape.

    # Returns

    divergence : `torch.Tensor`
        Shape `(batch_size,)`, in nats, never negative.

    # Examples

        kl_divergence(torch.tensor([[0.0]]), torch.tensor([[1.0]]))  # tensor([0.1201])
    """
    return _KullbackLeibler.apply(logits, clean_logits)


def symmetric_kl(logits: torch.Tensor, other_logits: torch.Tensor) -> torch.Tensor:
    """
    Half the sum of the Kullback-Leibler divergences of two predictions in both directions,
    `½ (KL(p ‖ q) + KL(q ‖ p)) = ½ Σ_c (p_c − q_c)(log p_c − log q_c)`, Bernoulli for a single logit and categorical
    otherwise. Gradients flow into both sides (Wu et al. 2023; Liang et al. 2021).

    # Parameters

    logits, other_logits : `torch.Tensor`
        Shape `(batch_size, num_logits)`. A class that cannot occur has logit `-inf` on both sides.

    # Returns

    divergence : `torch.Tensor`
        Shape `(batch_size,)`, in nats, never negative.

    # Examples

        symmetric_kl(torch.tensor([[0.0]]), torch.tensor([[1.0]]))  # tensor([0.1155])
    """
    log_p, log_q = log_probabilities(logits), log_probabilities(other_logits)
    possible = torch.isfinite(log_p) & torch.isfinite(log_q)
    # Where both are -inf the difference is 0 instead of NaN.
    zero = torch.zeros_like(log_p)
    difference = torch.where(possible, log_p, zero) - torch.where(possible, log_q, zero)
    return 0.5 * ((log_p.exp() - log_q.exp()) * difference).sum(dim=-1)


class _KullbackLeibler(torch.autograd.Function):
    """
    Close to `q = p`, where the virtual adversarial search needs it, the plain sum is a difference of nearly equal
    numbers, which leaves rounding noise of either sign. As `Σ p = Σ q = 1`, it equals `Σ_c p_c (eˣ − 1 − x)` with
    `x = log q_c − log p_c`. Each of these terms is non-negative and keeps its precision, and so does the gradient
    `q_c − p_c = p_c (eˣ − 1)`. Far from `p`, where `eˣ` could overflow, nothing cancels and the plain forms are used.
    """

    @staticmethod
    def forward(ctx: Any, logits: torch.Tensor, clean_logits: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        log_p, log_q = log_probabilities(clean_logits), log_probabilities(logits)
        p, q = log_p.exp(), log_q.exp()
        # A class that cannot occur has x = inf, or -inf + inf; any number far from 0 will do, and NaN stays NaN.
        x = (log_q - log_p).masked_fill_(p == 0, 1.0)
        difference = torch.where(x.abs() < 0.5, p * torch.expm1(x), q - p)
        terms = torch.addcmul(difference, p, x, value=-1.0)
        # A single logit stands for two classes and belongs to the second.
        ctx.save_for_backward(difference[:, 1:] if logits.size(-1) == 1 else difference)
        return terms.clamp_min_(0.0).sum(dim=-1)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> Tuple[torch.Tensor, None]:  # type: ignore[override]
        (difference,) = ctx.saved_tensors
        return gradient.unsqueeze(-1) * difference, None
