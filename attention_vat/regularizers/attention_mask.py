"""Closing cells of self-attention: what a mask of kept cells adds to the scores, and how much of it is kept."""

from typing import Dict, List, NamedTuple, Tuple

import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.common.running_means import RunningMeans
from attention_vat.modules.transformer_attention import AttentionBias, TransformerAttention, real_keys

EMPTY_ROWS = ("clean", "uniform", "scores")


class AttentionMask(NamedTuple):
    """
    What one self-attention may attend to.

    # Parameters

    layer : `int`
    kept : `torch.Tensor`
        1 where a query may see a key, 0 where it may not and at keys that are padding. Shape
        `(num_rows, num_tokens, num_tokens)`.
    real : `torch.Tensor`
        Where tokens are real, shape `(num_rows, num_tokens)`.
    """

    layer: int
    kept: torch.Tensor
    real: torch.Tensor


def closing_bias(
    kept: torch.Tensor, mask: torch.Tensor, empty_rows: str = "clean", fill: float = -10000.0
) -> AttentionBias:
    """
    What closes all cells but those kept: `(1 − kept) · fill`.

    # Parameters

    kept : `torch.Tensor`
        As in `AttentionMask`.
    mask : `torch.Tensor`
        The additive mask of the layer, shape `(num_rows, 1, 1, num_tokens)`.
    empty_rows : `str`, optional (default = `"clean"`)
        What a query row attends to that keeps no cell at all.

        - `"clean"`: what it attends to without a mask. Padding is never attended to, so a text does not depend on how
          far it is padded.
        - `"uniform"`: to all columns alike, padding included, and the row's scores have no gradient. This is what the
          code published with the paper does in BERT.
        - `"scores"`: to all columns by their scores, padding included: the published code in RoBERTa.
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
    """Raises `ConfigurationError` for settings of `closing_bias` that do not exist, or not for these encoders."""
    if empty_rows not in EMPTY_ROWS:
        raise ConfigurationError(f"empty_rows is '{empty_rows}', it must be one of {', '.join(EMPTY_ROWS)}.")
    if not fill < 0:
        raise ConfigurationError(f"fill is {fill}, it must be a large negative number such as -10000.")
    if empty_rows != "clean" and not attention.replaces_mask:
        names = ", ".join(type(encoder).__name__ for encoder in attention.encoders)
        raise ConfigurationError(
            f"empty_rows is '{empty_rows}', but padding cannot be attended to in {names}: use 'clean'."
        )


def counts_by_text(
    mask: AttentionMask, batch_size: int, count_padding: bool = False
) -> Tuple[torch.Tensor, torch.Tensor]:
    """
    How many cells each text keeps, with the gradient of `mask.kept`, and of how many. Cells at real keys count; those
    of queries that are padding only with `count_padding`. A text may be several rows. Both have shape `(batch_size,)`.
    """
    rows = torch.ones_like(mask.real) if count_padding else mask.real
    cells = rows.unsqueeze(2) & mask.real.unsqueeze(1)
    kept = torch.where(cells, mask.kept, torch.zeros_like(mask.kept))
    return kept.sum(dim=(1, 2)).view(batch_size, -1).sum(1), cells.sum(dim=(1, 2)).view(batch_size, -1).sum(1)


def watch_masks(means: RunningMeans, masks: List[AttentionMask], batch_size: int) -> None:
    """
    Adds to `means`, for each text: `kept_share`, the share of its real cells that is kept, also by layer
    (`kept_share_layer_0`), and `empty_rows`, the share of its real rows that keep nothing.
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
