"""Norms of whole sentences."""

import torch


def unit_norm(tensor: torch.Tensor) -> torch.Tensor:
    """
    Scales each sentence to length 1: `x / ‖x‖₂`, with the norm over all but the first dimension. A sentence of zeros
    stays zero. Dividing by the largest entry first keeps the squares of tiny (or huge) gradients in range, so the
    result has norm 1 without a constant under the root that would shrink it.

    # Parameters

    tensor : `torch.Tensor`
        Shape `(batch_size, ...)`; zero at padding.

    # Examples

        unit_norm(torch.tensor([[3e-30, 4e-30], [0.0, 0.0]]))  # [[0.6, 0.8], [0.0, 0.0]]
    """
    tiny = torch.finfo(tensor.dtype).tiny
    dimensions = tuple(range(1, tensor.dim()))
    largest = tensor.abs().amax(dim=dimensions, keepdim=True) if tensor[0:1].numel() else tensor.new_ones(())
    scaled = tensor / largest.clamp_min(tiny)
    return scaled / scaled.square().sum(dim=dimensions, keepdim=True).sqrt().clamp_min(tiny)


def sentence_norm(tensor: torch.Tensor) -> torch.Tensor:
    """`‖x‖₂` of each sentence, shape `(batch_size,)`."""
    return tensor.flatten(1).norm(dim=1)
