"""Joining two batches."""

from typing import Any, Dict, List, Optional

import torch


def one_batch(first: Dict[str, Any], second: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    """
    Joins the texts of two batches, those of the first before those of the second. The shorter texts are padded with 0.

    # Parameters

    first, second : `Dict[str, Any]`
        Fields as a model takes them: tensors of shape `(batch_size, ...)`, or dictionaries of tensors.

    # Returns

    both : `Dict[str, Any]`, optional
        `None` if the two do not have the same fields.

    # Examples

        one_batch({"ids": torch.tensor([[3, 4]])}, {"ids": torch.tensor([[5]])})  # {"ids": [[3, 4], [5, 0]]}
    """
    if first.keys() != second.keys():
        return None
    both: Dict[str, Any] = {}
    for name, field in first.items():
        other = second[name]
        if isinstance(field, dict) and isinstance(other, dict):
            both[name] = one_batch(field, other)
        elif isinstance(field, torch.Tensor) and isinstance(other, torch.Tensor) and field.dim() == other.dim() > 0:
            sizes = [max(pair) for pair in zip(field.shape[1:], other.shape[1:])]
            both[name] = torch.cat([padded(field, sizes), padded(other, sizes)])
        else:
            return None
        if both[name] is None:
            return None
    return both


def padded(tensor: torch.Tensor, sizes: List[int]) -> torch.Tensor:
    """Pads a tensor with 0 to the shape `(batch_size, *sizes)`, which must not be smaller."""
    padding: List[int] = []
    for size, wanted in zip(reversed(tensor.shape[1:]), reversed(sizes)):
        padding += [0, wanted - size]
    return torch.nn.functional.pad(tensor, padding) if any(padding) else tensor


def num_cells(fields: Dict[str, Any]) -> int:
    """The size of the largest tensor in a batch: the number of texts times the length of the longest."""
    sizes = [num_cells(field) if isinstance(field, dict) else field.numel() for field in fields.values()]
    return max(sizes, default=0)
