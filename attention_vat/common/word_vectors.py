"""Checks the word vectors that AllenNLP's `embedding` reads as `pretrained_file`."""

import functools
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.modules.token_embedders import embedding


def name_broken_vectors() -> None:
    """
    AllenNLP accepts `nan` and `inf` in vectors, and then fails with "normal expects std >= 0.0" or trains on them.
    After this fix, reading a broken file raises `ConfigurationError` with the line. Intact files are read as before.
    """
    read = embedding._read_pretrained_embeddings_file
    if hasattr(read, "__wrapped__"):
        return

    @functools.wraps(read)
    def wrapper(file_uri: str, embedding_dim: int, vocab: Vocabulary, namespace: str = "tokens") -> torch.Tensor:
        try:
            weight = read(file_uri, embedding_dim, vocab, namespace)
        except (ArithmeticError, EOFError, LookupError, OSError, RuntimeError, StopIteration, ValueError) as error:
            _find_broken_line(file_uri, vocab, namespace)
            raise ConfigurationError(f"{file_uri}: word vectors cannot be read ({error})") from error
        if not torch.isfinite(weight).all():
            _find_broken_line(file_uri, vocab, namespace)
            raise ConfigurationError(f"{file_uri}: contains NaN or infinite values; correct or replace the file")
        return weight

    embedding._read_pretrained_embeddings_file = wrapper


def _find_broken_line(file_uri: str, vocab: Vocabulary, namespace: str) -> None:
    # Imported here because only broken files need it.
    from attention_vat.data.selection.word_vectors import read_word_vectors

    words: Any = vocab.get_token_to_index_vocabulary(namespace)
    if not file_uri.endswith((".h5", ".hdf5")):
        read_word_vectors(file_uri, words)
