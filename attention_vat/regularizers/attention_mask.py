"""Closing cells of self-attention: the bias that does it, and the share of cells that are kept."""

from typing import Dict, List, NamedTuple, Tuple

import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.common.running_means import RunningMeans
from attention_vat.modules.transformer_attention import AttentionBias, TransformerAttention, real_keys

EMPTY_ROWS = ("clean", "uniform", "scores")


class AttentionMask(NamedTuple):
    """
    The cells that one self-attention layer may use.

    # Parameters

    layer : `int`
    kept : `torch.Tensor`
        1 where a query may attend to a key, 0 elsewhere and at padding keys. Shape
        `(num_rows, num_tokens, num_tokens)`.
    real : `torch.Tensor`
        True at real tokens, shape `(num_rows, num_tokens)`.
    """

    layer: int
    kept: torch.Tensor
    real: torch.Tensor


def closing_bias(
    kept: torch.Tensor, mask: torch.Tensor, empty_rows: str = "clean", fill: float = -10000.0
) -> AttentionBias:
    """
    The bias that closes all cells but those kept: `(1 − kept) · fill`.

    # Parameters

    kept : `torch.Tensor`
        As in `AttentionMask`.
    mask : `torch.Tensor`
        The additive mask of the layer, shape `(num_rows, 1, 1, num_tokens)`.
    empty_rows : `str`, optional (default = `"clean"`)
        What a query row attends to if it keeps no cell.

        - `"clean"`: the same as without a mask. Padding is never attended to, so predictions do not depend on the
          amount of padding.
        - `"uniform"`: all columns equally, padding included, and the row's scores get no gradient. The code published
          with the paper does this in BERT.
        - `"scores"`: all columns by their scores, padding included. The published code does this in RoBERTa.
    fill : `float`, optional (default = `-10000.0`)
    """
    closed = (1.0 - kept) * fill
    # (num_rows, num_tokens, 1)
    open_rows = kept.detach().gt(0).any(dim=-1, keepdim=True)
    if empty_rows == "scores":
        return AttentionBias(closed.unsqueeze(1))
    if empty_rows == "uniform":
        return AttentionBias(closed.unsqueeze(1), open_rows.squeeze(-1))
    closable = open_rows & real_keys(mask).unsqueeze(1)
    return AttentionBias(torch.where(closable, closed, mask[:, 0].to(closed.dtype).expand_as(closed)).unsqueeze(1))


def check_masking(attention: TransformerAttention, empty_rows: str, fill: float) -> None:
    """
    Raises `ConfigurationError` for settings of `closing_bias` that are invalid or that these encoders do not support.
    """
    if empty_rows not in EMPTY_ROWS:
        raise ConfigurationError(f"empty_rows is '{empty_rows}', but must be one of {', '.join(EMPTY_ROWS)}.")
    if not fill < 0:
        raise ConfigurationError(f"fill is {fill}, but must be a large negative number such as -10000.")
    if empty_rows != "clean" and not attention.replaces_mask:
        names = ", ".join(type(encoder).__name__ for encoder in attention.encoders)
        raise ConfigurationError(f"empty_rows is '{empty_rows}', but {names} cannot attend to padding; use 'clean'.")


def counts_by_text(
    mask: AttentionMask, batch_size: int, count_padding: bool = False
) -> Tuple[torch.Tensor, torch.Tensor]:
    """
    The number of cells that each text keeps, with the gradient of `mask.kept`, and its total number of cells. Cells
    at real keys count; those of padding queries count only with `count_padding`. A text may span several rows. Both
    have shape `(batch_size,)`.
    """
    rows = torch.ones_like(mask.real) if count_padding else mask.real
    cells = rows.unsqueeze(2) & mask.real.unsqueeze(1)
    kept = torch.where(cells, mask.kept, torch.zeros_like(mask.kept))
    return kept.sum(dim=(1, 2)).view(batch_size, -1).sum(1), cells.sum(dim=(1, 2)).view(batch_size, -1).sum(1)


def watch_masks(means: RunningMeans, masks: List[AttentionMask], batch_size: int) -> None:
    """
    Adds to `means`, for each text: `kept_share`, the share of its real cells that are kept, overall and by layer
    (`kept_share_layer_0`), and `empty_rows`, the share of its real rows that keep no cell.
    """
    shares: Dict[str, List[torch.Tensor]] = {}
    with torch.no_grad():
        for mask in masks:
            kept, cells = counts_by_text(mask, batch_size)
            share = kept / cells.clamp_min(1)
            empty = (mask.real & ~mask.kept.gt(0).any(dim=-1)).sum(1).view(batch_size, -1).sum(1)
            shares.setdefault("kept_share", []).append(share)
            shares.setdefault(f"kept_share_layer_{mask.layer}", []).append(share)
            rows = mask.real.sum(1).view(batch_size, -1).sum(1)
            shares.setdefault("empty_rows", []).append(empty / rows.clamp_min(1))
    for name, values in shares.items():
        means.update(name, torch.cat(values))
