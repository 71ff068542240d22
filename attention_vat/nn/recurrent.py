"""AllenNLP's recurrent encoders on padded batches, without packing where packing is slow."""

from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.modules import Seq2SeqEncoder
from allennlp.modules.seq2seq_encoders import PytorchSeq2SeqWrapper
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

LAYERS: Dict[str, Callable[..., Any]] = {
    "LSTM": torch.lstm,
    "GRU": torch.gru,
    "RNN_TANH": torch.rnn_tanh,
    "RNN_RELU": torch.rnn_relu,
}

# Packing skips padding. Below this share of words that saves more than packing costs.
MIN_SHARE_OF_WORDS = 0.25

# Whether the lengths of texts may be read from the device.
_may_wait = True


@contextmanager
def without_waiting() -> Iterator[None]:
    """
    Keeps encoders on a GPU from waiting for it inside its context: a step that is being recorded (`cuda_graphs`) can
    read nothing. States are the same up to rounding.
    """
    global _may_wait
    before, _may_wait = _may_wait, False
    try:
        yield
    finally:
        _may_wait = before


def is_recurrent(encoder: Seq2SeqEncoder) -> bool:
    """Whether the functions of this file can stand in for an encoder: AllenNLP's "lstm", "gru" and "rnn"."""
    if not isinstance(encoder, PytorchSeq2SeqWrapper) or encoder.stateful:
        return False
    module = encoder._module
    return isinstance(module, torch.nn.RNNBase) and not getattr(module, "proj_size", False)


def draws_nothing(encoder: Seq2SeqEncoder) -> bool:
    """Whether an encoder is known to have no dropout."""
    return is_recurrent(encoder) and (encoder._module.num_layers == 1 or encoder._module.dropout == 0)


def encode_recurrent(encoder: PytorchSeq2SeqWrapper, words: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
    """
    The hidden states of `encoder(words, mask)`, up to rounding; at padding they are meaningless.

    torch's CPU kernel for packed texts of different lengths is slow: the backward pass of each word fills and adds a
    tensor as large as the whole batch, so that time grows with the square of the length. On a CPU the texts are
    therefore encoded with their padding, which changes nothing before it; the backward direction gets each text
    reversed. On a GPU cuDNN takes packed texts, whose lengths the CPU has to read: the only time that it waits for the
    device. Within `without_waiting`, a GPU encodes texts with their padding too, both directions in one call.

    The encoder's parameters are used without calling it, so its forward hooks do not run. (Calling it whenever it has
    hooks would be worse: AllenNLP puts hooks on all modules for the first batches, and the computation of a batch must
    not depend on when a run was started.)

    # Parameters

    encoder : `PytorchSeq2SeqWrapper`
        An encoder for which `is_recurrent` is true.
    words : `torch.Tensor`
        Shape `(batch_size, num_words, embedding_dim)`.
    mask : `torch.BoolTensor`
        True at words, which come before all padding. Shape `(batch_size, num_words)`.

    # Returns

    hidden : `torch.Tensor`
        Shape `(batch_size, num_words, encoder.get_output_dim())`.

    Raises `ConfigurationError` if the size of the words is not the encoder's input size.
    """
    module = encoder._module
    # The kernels below do not check.
    if words.size(-1) != module.input_size:
        raise ConfigurationError(
            f"The encoder's input_size is {module.input_size}, but the embeddings have {words.size(-1)} dimensions. "
            f'Set "input_size" to {words.size(-1)}.'
        )
    lengths = mask.sum(dim=1)
    if not mask.numel():
        return words.new_zeros(*mask.shape, encoder.get_output_dim())
    if words.device.type != "cpu":
        return (_encode_packed if _may_wait else _encode_rotated)(module, words, lengths)
    share_of_words = int(lengths.sum()) / mask.numel()
    if share_of_words == 1.0:
        return module(words)[0]
    encode = _encode_packed if share_of_words < MIN_SHARE_OF_WORDS else _encode_padded
    return encode(module, words, lengths)


def _encode_packed(module: torch.nn.RNNBase, words: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    # A text without words cannot be packed; the states of its padding are meaningless.
    packed = pack_padded_sequence(words, lengths.clamp_min(1).cpu(), batch_first=True, enforce_sorted=False)
    return pad_packed_sequence(module(packed)[0], batch_first=True, total_length=words.size(1))[0]


def _encode_padded(module: torch.nn.RNNBase, words: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    hidden = words
    if module.bidirectional:
        order = _back_to_front(lengths, words.size(1))
    for layer in range(module.num_layers):
        if layer:
            hidden = torch.nn.functional.dropout(hidden, module.dropout, module.training)
        forward = _direction(module, layer, "", hidden)
        if module.bidirectional:
            backward = _reordered(_direction(module, layer, "_reverse", _reordered(hidden, order)), order)
            forward = torch.cat([forward, backward], dim=-1)
        hidden = forward
    return hidden


def _encode_rotated(module: torch.nn.RNNBase, words: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """
    Padding after a text changes nothing in the forward direction, and padding before it changes nothing in the backward
    one. Each direction gets the texts as it needs them, side by side; its weights for the other direction's input are
    0.
    """
    if not module.bidirectional:
        return module(words)[0]
    num_words = words.size(1)
    position = torch.arange(num_words, device=words.device)  # (num_words,)
    shift = (num_words - lengths).unsqueeze(1)  # (batch_size, 1)
    first = torch.arange(words.size(0), device=words.device).unsqueeze(1) * num_words
    to_end = (first + (position - shift) % num_words).flatten()  # (batch_size * num_words,)
    to_start = (first + (position + shift) % num_words).flatten()
    start: Any = words.new_zeros(2, words.size(0), module.hidden_size)
    if module.mode == "LSTM":
        start = (start, start)
    hidden = words
    for layer in range(module.num_layers):
        if layer:
            hidden = torch.nn.functional.dropout(hidden, module.dropout, module.training)
        both = torch.cat([hidden, _reordered(hidden, to_end)], dim=-1)  # (batch_size, num_words, 2 * input_size)
        run = LAYERS[module.mode]
        states = run(both, start, _side_by_side(module, layer), module.bias, 1, 0.0, module.training, True, True)[0]
        forward, backward = states.split(module.hidden_size, dim=-1)
        hidden = torch.cat([forward, _reordered(backward, to_start)], dim=-1)
    return hidden


def _side_by_side(module: torch.nn.RNNBase, layer: int) -> List[torch.Tensor]:
    """The parameters of a layer that reads the inputs of both directions side by side, in cuDNN's memory layout."""
    size = getattr(module, f"weight_ih_l{layer}").size(1)
    parameters = []
    for suffix, padding in (("", (0, size)), ("_reverse", (size, 0))):
        weight = getattr(module, f"weight_ih_l{layer}{suffix}")
        parameters += [torch.nn.functional.pad(weight, padding), getattr(module, f"weight_hh_l{layer}{suffix}")]
    for suffix in ("", "_reverse") if module.bias else ():
        parameters += [getattr(module, f"bias_{part}_l{layer}{suffix}") for part in ("ih", "hh")]
    flat = torch.cat([parameter.flatten() for parameter in parameters])
    parts = flat.split([parameter.numel() for parameter in parameters])
    parts = [part.view_as(parameter) for part, parameter in zip(parts, parameters)]
    # cuDNN keeps all weights before all biases; the function takes them direction by direction.
    return parts if not module.bias else [*parts[:2], *parts[4:6], *parts[2:4], *parts[6:]]


def _direction(module: torch.nn.RNNBase, layer: int, suffix: str, words: torch.Tensor) -> torch.Tensor:
    names = ["weight_ih", "weight_hh"] + (["bias_ih", "bias_hh"] if module.bias else [])
    parameters: List[torch.Tensor] = [getattr(module, f"{name}_l{layer}{suffix}") for name in names]
    start: Any = words.new_zeros(1, words.size(0), module.hidden_size)
    if module.mode == "LSTM":
        start = (start, start)
    run = LAYERS[module.mode]
    # One layer, no dropout, one direction, the batch first.
    return run(words, start, parameters, module.bias, 1, 0.0, module.training, False, True)[0]


def _back_to_front(lengths: torch.Tensor, num_words: int) -> torch.Tensor:
    """The order of rows in the flattened batch that reverses each text and leaves its padding in place."""
    position = torch.arange(num_words, device=lengths.device)
    mirrored = lengths.unsqueeze(1) - 1 - position
    mirrored = torch.where(mirrored >= 0, mirrored, position.expand_as(mirrored))
    first = torch.arange(lengths.size(0), device=lengths.device).unsqueeze(1) * num_words
    return (first + mirrored).flatten()


def _reordered(tensor: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
    return tensor.reshape(-1, tensor.size(-1)).index_select(0, order).view(tensor.shape)
