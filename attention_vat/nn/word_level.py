"""How hidden states relate to their words, and to one another."""

import torch

# Below this product of two norms, directions are only rounding errors.
TINY = 1e-12


def mean_over_words(values: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
    """
    The mean over the words of each text, 0 for a text without words.

    # Parameters

    values : `torch.Tensor`
        Shape `(batch_size, num_words)`.
    mask : `torch.BoolTensor`
        The same shape.

    # Returns

    means : `torch.Tensor`
        Shape `(batch_size,)`.
    """
    return (values * mask).sum(dim=1) / mask.sum(dim=1).clamp_min(1)


def tying_distances(states: torch.Tensor, words: torch.Tensor, squared: bool = True) -> torch.Tensor:
    """
    The distance of each word's state from its embedding, `‖h_t − e_t‖²` or `‖h_t − e_t‖`.

    # Parameters

    states, words : `torch.Tensor`
        Shape `(batch_size, num_words, dim)`.
    squared : `bool`, optional (default = `True`)

    # Returns

    distances : `torch.Tensor`
        Shape `(batch_size, num_words)`.
    """
    difference = states - words
    return difference.square().sum(dim=2) if squared else torch.linalg.vector_norm(difference, dim=2)


def conicity(states: torch.Tensor, mask: torch.BoolTensor, absolute: bool = True) -> torch.Tensor:
    """
    How much the states of a text point the same way (Chandrahas et al. 2018, Mohankumar et al. 2020, Eq. 5):
    `1/m Σ_t |cos(h_t, Σ_j h_j / m)|`. The cosine with a state of 0 is 0, and so is its gradient.

    # Parameters

    states : `torch.Tensor`
        Shape `(batch_size, num_words, hidden_dim)`.
    mask : `torch.BoolTensor`
        Shape `(batch_size, num_words)`.
    absolute : `bool`, optional (default = `True`)

    # Returns

    conicity : `torch.Tensor`
        Shape `(batch_size,)`, from 0 to 1 (from -1 unless `absolute`), 0 for a text without words.
    """
    states = states * mask.unsqueeze(2)
    # (batch_size, 1, hidden_dim)
    mean = states.sum(dim=1, keepdim=True) / mask.sum(dim=1).clamp_min(1).view(-1, 1, 1)
    norms = torch.linalg.vector_norm(states, dim=2) * torch.linalg.vector_norm(mean, dim=2)
    has_direction = norms > TINY
    # Divided by 1 where there is no direction: a gradient of infinity times 0 would be NaN.
    cosines = (states * mean).sum(dim=2) / norms.where(has_direction, torch.ones_like(norms)) * has_direction
    return mean_over_words(cosines.abs() if absolute else cosines, mask)
