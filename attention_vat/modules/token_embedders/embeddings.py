"""Access to the whole matrix of word embeddings."""

from typing import Any, Optional, Tuple

import torch
from allennlp.data import TextFieldTensors
from allennlp.modules import TextFieldEmbedder
from allennlp.modules.text_field_embedders import BasicTextFieldEmbedder
from allennlp.modules.token_embedders import Embedding
from allennlp.modules.token_embedders.token_embedder import TokenEmbedder

from attention_vat.common.vocabulary import indices_of


def matrix_of(embedder: TextFieldEmbedder) -> Optional[torch.Tensor]:
    """
    The matrix of an embedder that looks up each word in a single one, shape `(num_embeddings, embedding_dim)`; `None`
    for all other embedders.
    """
    table = _only_table(embedder)
    if table is None:
        return None
    return table.normalized_weight() if isinstance(table, FrequencyNormalizedEmbedding) else table.weight


def rows_of(embedder: TextFieldEmbedder, tokens: TextFieldTensors) -> Optional[torch.LongTensor]:
    """The rows of `matrix_of(embedder)` for the words of a batch, shape `(batch_size, num_words)`."""
    if _only_table(embedder) is None:
        return None
    (indexed,) = tokens.values()
    (rows,) = indexed.values()
    return rows


def num_rows(embedder: TextFieldEmbedder) -> int:
    """The number of rows of `matrix_of(embedder)`, without computing it; 0 if there is no matrix."""
    table = _only_table(embedder)
    return 0 if table is None else table.weight.size(0)


def _only_table(embedder: TextFieldEmbedder) -> Optional[Embedding]:
    tables = list(embedder._token_embedders.values()) if isinstance(embedder, BasicTextFieldEmbedder) else []
    single = len(tables) == 1 and isinstance(tables[0], Embedding) and tables[0]._projection is None
    return tables[0] if single else None


@TokenEmbedder.register("frequency_normalized_embedding")
class FrequencyNormalizedEmbedding(Embedding):
    """
    An embedding that is normalized over the vocabulary, `ē_k = (e_k − μ) / σ` with `μ = Σ_k f_k e_k` and
    `σ² = Σ_k f_k (e_k − μ)²` for each dimension, where `f` are the relative frequencies of the words in the training
    data (Miyato et al. 2017, Eq. 1). Without it a model can escape a perturbation of a given norm by growing its
    embeddings. The attention papers do not use it.

    Registered as a `TokenEmbedder` with name "frequency_normalized_embedding". The parameters are those of AllenNLP's
    "embedding"; `vocab` is filled in. The counts come from the vocabulary when it is built and are saved with the
    weights; a vocabulary read from files has none, and all words then count the same.

    # Examples

        "token_embedders": {"tokens": {"type": "frequency_normalized_embedding", "embedding_dim": 300}}
    """

    def __init__(self, embedding_dim: int, vocab_namespace: str = "tokens", vocab: Any = None, **kwargs: Any) -> None:
        super().__init__(embedding_dim, vocab_namespace=vocab_namespace, vocab=vocab, **kwargs)
        counts = torch.ones(self.weight.size(0))
        known = (getattr(vocab, "_retained_counter", None) or {}).get(vocab_namespace, {})
        if known:
            counts.zero_()
            for word, index in indices_of(vocab, vocab_namespace).items():
                counts[index] = known.get(word, 0)
        self.register_buffer("frequencies", counts / counts.sum().clamp_min(1.0))

    def normalized_weight(self) -> torch.Tensor:
        """The matrix in which words are looked up, shape `(num_embeddings, embedding_dim)`."""
        mean, deviation = self._moments()
        return (self.weight - mean) / deviation

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        mean, deviation = self._moments()
        # Normalizes only the rows that are used.
        return (super().forward(tokens) - mean) / deviation

    def _moments(self) -> Tuple[torch.Tensor, torch.Tensor]:
        frequencies = self.frequencies.to(self.weight.dtype)
        mean = frequencies @ self.weight
        variance = frequencies @ (self.weight - mean).square()
        return mean, (variance + 1e-6).sqrt()
