"""Distances between two distributions, of attention over words or of probability over classes."""

import torch


def total_variation(p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    """
    `½ Σ_i |p_i − q_i|`, from 0 to 1. With two classes it is the difference in the probability of either class.

    # Parameters

    p, q : `torch.Tensor`
        Shapes that broadcast to `(…, num_entries)`.

    # Returns

    distance : `torch.Tensor`
        Shape `(…)`.
    """
    return (p - q).abs().sum(dim=-1) / 2


def jensen_shannon(p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    """
    `½ KL(p ‖ m) + ½ KL(q ‖ m)` with `m = ½ (p + q)`, in nats: from 0 to `ln 2` (Jain & Wallace 2019). Entries that are
    0 in both, such as padding, contribute nothing. Its gradient is finite everywhere.

    # Parameters

    p, q : `torch.Tensor`
        Shapes that broadcast to `(…, num_entries)`.

    # Returns

    divergence : `torch.Tensor`
        Shape `(…)`.

    # Examples

        jensen_shannon(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]))  # 0.6931
    """
    tiny = torch.finfo(p.dtype).tiny
    log_m = ((p + q) / 2).clamp_min(tiny).log()
    divergences = [(part * (part.clamp_min(tiny).log() - log_m)).sum(dim=-1) for part in (p, q)]
    return ((divergences[0] + divergences[1]) / 2).clamp_min(0.0)


def relative_entropy(p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    """
    The Kullback-Leibler divergence `KL(p ‖ q) = Σ_i p_i (log p_i − log q_i)`, in nats. Entries that are 0 in `p`
    contribute nothing. An entry that is 0 only in `q` counts as the smallest positive number, so that the divergence
    and its gradient are large but finite.

    # Parameters

    p, q : `torch.Tensor`
        Shapes that broadcast to `(…, num_entries)`.

    # Returns

    divergence : `torch.Tensor`
        Shape `(…)`.

    # Examples

        relative_entropy(torch.tensor([1.0, 0.0]), torch.tensor([0.5, 0.5]))  # 0.6931
    """
    tiny = torch.finfo(p.dtype).tiny
    return (p * (p.clamp_min(tiny).log() - q.clamp_min(tiny).log())).sum(dim=-1)
