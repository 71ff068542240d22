"""Uniform attention."""

from typing import Optional

import torch

from attention_vat.modules.attention_scorers.attention_scorer import AttentionScorer


@AttentionScorer.register("uniform")
class UniformScorer(AttentionScorer):
    """
    Gives every word the same score, 0, so that attention is a mean over words, with nothing to learn: the baseline of
    Wiegreffe & Pinter (2019). If it predicts as well, attention is not needed for the task.

    Registered as an `AttentionScorer` with name "uniform".

    # Parameters

    hidden_dim, query_dim : `int`
        See `AttentionScorer`.

    # Examples

        allennlp train training_configs/sst/vanilla.jsonnet -s output/uniform -o '{"model.scorer": "uniform"}'
    """

    def forward(self, hidden: torch.Tensor, query: Optional[torch.Tensor] = None) -> torch.Tensor:
        return hidden.new_zeros(hidden.shape[:2])
