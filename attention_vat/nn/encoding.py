"""Encoding padded batches."""

import torch
from allennlp.modules import Seq2SeqEncoder

from attention_vat.nn.recurrent import encode_recurrent, is_recurrent


def encode_words(encoder: Seq2SeqEncoder, words: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
    """
    The hidden states of a batch, exactly 0 at padding and 0 for a batch of empty texts, which AllenNLP's encoders do
    not accept. Its recurrent encoders run faster (see `encode_recurrent`).

    # Parameters

    encoder : `Seq2SeqEncoder`
    words : `torch.Tensor`
        Shape `(batch_size, num_words, embedding_dim)`.
    mask : `torch.BoolTensor`
        Shape `(batch_size, num_words)`.

    # Returns

    hidden : `torch.Tensor`
        Shape `(batch_size, num_words, encoder.get_output_dim())`.
    """
    if is_recurrent(encoder):
        return encode_recurrent(encoder, words, mask) * mask.unsqueeze(-1)
    if not mask.any():
        return words.new_zeros(*mask.shape, encoder.get_output_dim())
    return encoder(words, mask) * mask.unsqueeze(-1)


def without_boundaries(mask: torch.BoolTensor, boundary_tokens: int) -> torch.BoolTensor:
    """
    Removes the boundary tokens from a mask of shape `(batch_size, num_words)`: the first and the last `boundary_tokens`
    words of each text.

    # Examples

        without_boundaries(torch.tensor([[True, True, True, False]]), 1)  # [[False, True, False, False]]
    """
    if boundary_tokens == 0:
        return mask
    position = torch.arange(mask.size(1), device=mask.device)
    last = mask.sum(dim=1, keepdim=True) - boundary_tokens
    return mask & (position >= boundary_tokens) & (position < last)


def full_precision(tensor: torch.Tensor) -> torch.Tensor:
    """Converts half precision to float32 and leaves float32 and float64 unchanged. The tensor may have any shape."""
    return tensor.float() if tensor.dtype in (torch.float16, torch.bfloat16) else tensor
