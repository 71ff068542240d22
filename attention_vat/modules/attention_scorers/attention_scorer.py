"""Attention scores of words, before the softmax."""

import math
from typing import Optional

import torch
from allennlp.common import Registrable


class AttentionScorer(torch.nn.Module, Registrable):
    """
    Gives each hidden state one score. The scores are what adversarial training perturbs; masking and the softmax belong
    to the model, so that a perturbation can be added in between.

    A scorer may also look at a query (a question, a hypothesis). Without one it learns what matters in a single text.

    # Parameters

    hidden_dim : `int`, required.
        The size `m` of the hidden states. The model fills it in, not the configuration file.
    query_dim : `int`, optional (default = `None`)
        The size of the query, filled in by models that have one.
    """

    default_implementation = "additive"

    def __init__(self, hidden_dim: int, query_dim: Optional[int] = None) -> None:
        super().__init__()
        self.hidden_dim = hidden_dim
        self.query_dim = query_dim

    def forward(self, hidden: torch.Tensor, query: Optional[torch.Tensor] = None) -> torch.Tensor:
        """
        # Parameters

        hidden : `torch.Tensor`
            Shape `(batch_size, num_words, hidden_dim)`.
        query : `torch.Tensor`, optional
            Shape `(batch_size, query_dim)`.

        # Returns

        scores : `torch.Tensor`
            Shape `(batch_size, num_words)`, not masked.
        """
        raise NotImplementedError


@AttentionScorer.register("additive")
class AdditiveScorer(AttentionScorer):
    """
    The additive attention of Bahdanau et al. (2015), as in the appendix of Kitada & Iyatomi (2022):
    `score_t = cᵀ tanh(W h_t + b)`, and with a query `score_t = cᵀ tanh(W₁ h_t + W₂ q + b)`.

    Registered as an `AttentionScorer` with name "additive".

    # Parameters

    hidden_dim, query_dim : `int`
        See `AttentionScorer`.
    inner_dim : `int`, optional (default = `hidden_dim // 2`)
        The size of `c`.

    # Examples

        scorer = AdditiveScorer(hidden_dim=512)
        scores = scorer(torch.randn(32, 18, 512))  # (32, 18)
    """

    def __init__(self, hidden_dim: int, query_dim: Optional[int] = None, inner_dim: Optional[int] = None) -> None:
        super().__init__(hidden_dim, query_dim)
        inner_dim = inner_dim or max(1, hidden_dim // 2)
        self.hidden_projection = torch.nn.Linear(hidden_dim, inner_dim)
        self.query_projection = torch.nn.Linear(query_dim, inner_dim, bias=False) if query_dim else None
        self.context = torch.nn.Linear(inner_dim, 1, bias=False)

    def forward(self, hidden: torch.Tensor, query: Optional[torch.Tensor] = None) -> torch.Tensor:
        inner = self.hidden_projection(hidden)
        if self.query_projection is not None:
            inner = inner + self.query_projection(query).unsqueeze(1)
        return self.context(torch.tanh(inner)).squeeze(-1)


@AttentionScorer.register("scaled_dot_product")
class ScaledDotProductScorer(AttentionScorer):
    """
    A dot product, divided by the square root of the size so that the softmax does not start saturated (Vaswani et al.
    2017): `score_t = wᵀ h_t / √m` with a learned `w`, and with a query `score_t = h_t · q / √m` (`q` is projected to
    size `m` if it has another size).

    Registered as an `AttentionScorer` with name "scaled_dot_product".

    # Parameters

    hidden_dim, query_dim : `int`
        See `AttentionScorer`.
    """

    def __init__(self, hidden_dim: int, query_dim: Optional[int] = None) -> None:
        super().__init__(hidden_dim, query_dim)
        self.context = torch.nn.Linear(hidden_dim, 1, bias=False) if not query_dim else None
        self.query_projection = (
            torch.nn.Linear(query_dim, hidden_dim, bias=False) if query_dim and query_dim != hidden_dim else None
        )

    def forward(self, hidden: torch.Tensor, query: Optional[torch.Tensor] = None) -> torch.Tensor:
        if self.context is not None:
            products = self.context(hidden).squeeze(-1)
        else:
            assert query is not None, "this scorer was built with a query_dim, so it needs a query"
            if self.query_projection is not None:
                query = self.query_projection(query)
            products = torch.einsum("btm,bm->bt", hidden, query)
        return products / math.sqrt(self.hidden_dim)
