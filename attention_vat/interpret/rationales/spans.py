"""Spans of words, for many texts at once."""

from typing import NamedTuple, Sequence, Tuple

import torch


class WordSpans(NamedTuple):
    """
    The spans of each text. They may touch, overlap or be empty, as ERASER's evidence may.

    # Parameters

    start, end : `torch.LongTensor`
        Word positions from 0, `end` not included. Shape `(batch_size, num_spans)`.
    mask : `torch.BoolTensor`
        True at spans, false at padding. Same shape.
    """

    start: torch.Tensor
    end: torch.Tensor
    mask: torch.Tensor

    @property
    def length(self) -> torch.Tensor:
        """Shape `(batch_size, num_spans)`. 0 at padding."""
        return self.end - self.start


def runs(words: torch.Tensor) -> WordSpans:
    """
    The runs of true words of each row.

    # Parameters

    words : `torch.BoolTensor`
        Shape `(batch_size, num_words)`.

    # Examples

        runs(torch.tensor([[True, True, False, True]]))  # start [[0, 3]], end [[2, 4]]
    """
    beyond = torch.zeros_like(words[:, :1])
    before, after = torch.cat([beyond, words], dim=1), torch.cat([words, beyond], dim=1)
    # In each row there are as many beginnings as ends, in the same order.
    begins, ends = (after & ~before), (before & ~after)
    number = begins.sum(dim=1)
    width = int(number.max()) if len(number) else 0
    mask = torch.arange(width, device=words.device) < number.unsqueeze(1)
    start = torch.zeros(mask.shape, dtype=torch.long, device=words.device)
    end = torch.zeros_like(start)
    start[mask], end[mask] = begins.nonzero()[:, 1], ends.nonzero()[:, 1]
    return WordSpans(start, end, mask)


def spans_from(rows: Sequence[Sequence[Tuple[int, int]]]) -> WordSpans:
    """
    Builds spans from pairs. A repeated span of a text counts once, as in ERASER.

    # Examples

        spans_from([[(1, 3), (1, 3)], []])
    """
    unique = [sorted({(start, end) for start, end in row}) for row in rows]
    width = max(map(len, unique), default=0)
    padded = torch.tensor([row + [(0, 0)] * (width - len(row)) for row in unique], dtype=torch.long)
    bounds = padded.view(len(unique), width, 2)
    mask = torch.tensor([[place < len(row) for place in range(width)] for row in unique], dtype=torch.bool)
    return WordSpans(bounds[..., 0], bounds[..., 1], mask.view(len(unique), width))
