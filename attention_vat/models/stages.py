"""What the stages of an attention model pass to each other, and where a perturbation may enter."""

from typing import Any, Dict, List, NamedTuple, Optional

import torch

from attention_vat.modules.transformer_attention import EncoderCall
from attention_vat.nn.noise import Noise


class WordPieces(NamedTuple):
    """
    A text as a Transformer reads it.

    # Parameters

    embeddings : `torch.Tensor`
        The embeddings of the word pieces, shape `(batch_size, num_pieces, embedding_dim)`.
    mask : `torch.BoolTensor`
        True at word pieces, false at padding, shape `(batch_size, num_pieces)`.
    type_ids : `torch.LongTensor`
        1 in the second of two texts, same shape.
    of_word : `torch.Tensor`
        1 where a word piece belongs to a word, else 0. Shape `(batch_size, num_words, num_pieces)`.
    means : `torch.Tensor`
        The mean embedding of the word pieces of each word, shape `(batch_size, num_words, embedding_dim)`.
    """

    embeddings: torch.Tensor
    mask: torch.BoolTensor
    type_ids: torch.LongTensor
    of_word: torch.Tensor
    means: torch.Tensor


class Embedded(NamedTuple):
    """
    The output of `AttentionClassifier.embed`, where a perturbation of words enters.

    # Parameters

    words : `torch.Tensor`
        Word embeddings, shape `(batch_size, num_words, embedding_dim)`.
    mask : `torch.BoolTensor`
        True at words, false at padding, shape `(batch_size, num_words)`.
    ids : `torch.LongTensor`, optional
        Rows of `AttentionClassifier.embedding_matrices`, same shape as `mask`; `None` if the words do not come from a
        matrix of embeddings.
    num_premise_words : `int`, optional
        In models of two texts, which are concatenated in `words`, the position at which the second one begins.
    class_mask : `torch.BoolTensor`, optional
        True for the classes that can be the answer, shape `(batch_size, num_labels)`.
    pieces : `WordPieces`, optional
        In a Transformer, the word pieces of the words.
    clean_words : `torch.Tensor`, optional
        `words` before dropout; `None` if they are not known.
    """

    words: torch.Tensor
    mask: torch.BoolTensor
    ids: Optional[torch.LongTensor] = None
    num_premise_words: Optional[int] = None
    class_mask: Optional[torch.BoolTensor] = None
    pieces: Optional[WordPieces] = None
    clean_words: Optional[torch.Tensor] = None


class Encoded(NamedTuple):
    """
    The output of `AttentionClassifier.encode`, where a perturbation of attention enters.

    # Parameters

    hidden : `torch.Tensor`
        Hidden states, shape `(batch_size, num_words, hidden_dim)`.
    values : `torch.Tensor`
        What attention averages: the linear part of the decoder, applied to each hidden state, in float32 even under
        mixed precision. Shape `(batch_size, num_words, value_dim)`.
    scores : `torch.Tensor`
        Attention scores before the softmax, in float32 even under mixed precision. Shape `(batch_size, num_words)`.
    mask : `torch.BoolTensor`
        True at the attended words, false at padding and boundary tokens. Same shape as `scores`.
    query : `torch.Tensor`, optional
        In models of two texts, what the decoder reads of the second one. Shape `(batch_size, value_dim)`.
    class_mask : `torch.BoolTensor`, optional
        See `Embedded`.
    states : `torch.Tensor`, optional
        `hidden` before dropout; `None` if it is not known.
    factors : `torch.Tensor`, optional
        In a model with task scaling, the factors of `values`. Same shape as `scores`.
    """

    hidden: torch.Tensor
    values: torch.Tensor
    scores: torch.Tensor
    mask: torch.BoolTensor
    query: Optional[torch.Tensor] = None
    class_mask: Optional[torch.BoolTensor] = None
    states: Optional[torch.Tensor] = None
    factors: Optional[torch.Tensor] = None


def first_texts(encoded: Encoded, number: int) -> Encoded:
    """The first `number` texts of a batch."""
    parts = {name: part[:number] for name, part in encoded._asdict().items() if part is not None}
    return encoded._replace(**parts)


class CleanPass(NamedTuple):
    """
    One batch after the unperturbed pass through a model: everything that a regularizer may start from.

    # Parameters

    embedded : `Embedded`
    encoded : `Encoded`
    logits : `torch.Tensor`
        Shape `(batch_size, num_logits)`.
    label : `torch.Tensor`, optional
        The labels of the labelled texts, which come first. Shape `(num_labeled,)`; `None` if there are none.
    noise : `Noise`, optional
        The states of the random generators before `encode`, if a regularizer will run it again.
    inputs, start, encoder_calls
        See `WholePass`.
    """

    embedded: Embedded
    encoded: Encoded
    logits: torch.Tensor
    label: Optional[torch.Tensor] = None
    noise: Optional[Noise] = None
    inputs: Optional[Dict[str, Any]] = None
    start: Optional[Noise] = None
    encoder_calls: Optional[List[EncoderCall]] = None

    @property
    def num_labeled(self) -> int:
        """The number of labelled texts, which come first."""
        return 0 if self.label is None else len(self.label)


class WholePass(NamedTuple):
    """
    One batch after the unperturbed pass through a model without stages, which can only run as a whole.

    # Parameters

    inputs : `Dict[str, Any]`
        What the model read, without labels.
    logits : `torch.Tensor`
        Shape `(batch_size, ..., num_classes)`, or `(batch_size,)` in a regression.
    label : `Dict[str, Any]`, optional
        The label fields; `None` for unlabelled text.
    start : `Noise`, optional
        The states of the random generators before the pass, if a regularizer will run all of it again.
    encoder_calls : `List[EncoderCall]`, optional
        The calls of the Transformer inside, if a regularizer needs to know them.
    """

    inputs: Dict[str, Any]
    logits: torch.Tensor
    label: Optional[Dict[str, Any]] = None
    start: Optional[Noise] = None
    encoder_calls: Optional[List[EncoderCall]] = None

    @property
    def num_labeled(self) -> int:
        """The number of labelled texts: all or none."""
        return 0 if self.label is None else len(self.logits)
