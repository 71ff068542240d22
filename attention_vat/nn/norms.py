"""Norms of whole sentences."""

import torch


def unit_norm(tensor: torch.Tensor) -> torch.Tensor:
    """
    Scales each sentence to length 1: `x / ‖x‖₂`, with the norm over all but the first dimension. A sentence of zeros
    stays zero. Squares are summed in float64, whose range holds those of tiny and huge gradients, so that the result
    has norm 1 without a constant under the root that would shrink it.

    # Parameters

    tensor : `torch.Tensor`
        Shape `(batch_size, ...)`; zero at padding.

    # Examples

        unit_norm(torch.tensor([[3e-30, 4e-30], [0.0, 0.0]]))  # [[0.6, 0.8], [0.0, 0.0]]
    """
    dimensions = tuple(range(1, tensor.dim()))
    norms = torch.linalg.vector_norm(tensor, dim=dimensions, keepdim=True, dtype=torch.float64)  # (batch_size, 1, ...)
    numbers = torch.finfo(tensor.dtype)
    return tensor / norms.to(tensor.dtype).clamp_min(numbers.tiny * numbers.eps)


def sentence_norm(tensor: torch.Tensor) -> torch.Tensor:
    """`‖x‖₂` of each sentence, shape `(batch_size,)`."""
    return tensor.flatten(1).norm(dim=1)
