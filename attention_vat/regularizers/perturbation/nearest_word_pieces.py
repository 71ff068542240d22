"""Perturbations of the input embeddings of a Transformer towards other word pieces."""

from typing import Any, List, Optional

import torch
from allennlp.common.checks import ConfigurationError

from attention_vat.modules.transformer_attention import embedders_of
from attention_vat.regularizers.perturbation.directions import Directions
from attention_vat.regularizers.perturbation.nearest_words import NearestWords


@Directions.register("nearest_word_pieces")
class NearestWordPieces(NearestWords):
    """
    `NearestWords` for the target "input_embeddings": each word piece moves along the directions to its nearest
    neighbours in the embeddings of the Transformer. Padding is never a neighbour.

    Registered as a `Directions` with name "nearest_word_pieces".

    # Parameters

    num_neighbors : `int`, optional (default = `10`)

    Raises `ConfigurationError` if the model has several encoders.
    """

    suited_targets = ("input_embeddings",)

    def matrices(self, model: Any) -> List[torch.Tensor]:
        return [self._embeddings(model).weight]

    def ids(self, clean: Any) -> Optional[torch.Tensor]:
        return torch.cat([call.ids.reshape(len(clean.logits), -1) for call in clean.encoder_calls], dim=1)

    def excluded(self, model: Any) -> List[int]:
        padding = self._embeddings(model).padding_idx
        return [] if padding is None else [padding]

    @staticmethod
    def _embeddings(model: Any) -> torch.nn.Embedding:
        embedders = embedders_of(model)
        if len(embedders) > 1:
            raise ConfigurationError(
                f'directions "nearest_word_pieces" needs a model with one encoder, but this one has {len(embedders)}.'
            )
        return embedders[0].transformer_model.get_input_embeddings()
