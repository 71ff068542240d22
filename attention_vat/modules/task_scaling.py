"""Task-specific factors of words."""

import torch
from allennlp.common import Registrable


class TaskScaling(torch.nn.Module, Registrable):
    """
    Task-scaled attention (TaSc, Chrysostomou & Aletras 2021, section 4): in addition to attention, the model learns a
    factor `s_t` for each word, independent of its neighbours:

        c = Σ_t a_t s_t h_t

    A factor may be negative or above 1; `a_t` alone is then no longer the share of a word.

    # Parameters

    num_words, embedding_dim : `int`
        The size of the embedding matrix. The model fills them in, not the configuration file.
    """

    def __init__(self, num_words: int, embedding_dim: int) -> None:
        super().__init__()

    def forward(self, ids: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        """
        # Parameters

        ids : `torch.LongTensor`
            Shape `(batch_size, num_words)`.
        words : `torch.Tensor`
            Their embeddings, shape `(batch_size, num_words, embedding_dim)`.

        # Returns

        factors : `torch.Tensor`
            Shape `(batch_size, num_words)`.
        """
        raise NotImplementedError


@TaskScaling.register("lin")
class Lin(TaskScaling):
    """
    `s_t = u_{w_t} Σ_d e_{t,d}`, with a number for each word of the vocabulary, initially 1.

    Registered as a `TaskScaling` with name "lin".
    """

    def __init__(self, num_words: int, embedding_dim: int) -> None:
        super().__init__(num_words, embedding_dim)
        self.u = torch.nn.Parameter(torch.ones(num_words))

    def forward(self, ids: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        return self.u[ids] * words.sum(dim=2)


@TaskScaling.register("feat")
class Feat(TaskScaling):
    """
    `s_t = Σ_d U_{w_t,d} e_{t,d}`, with a vector for each word of the vocabulary, initially of ones.

    Registered as a `TaskScaling` with name "feat".
    """

    def __init__(self, num_words: int, embedding_dim: int) -> None:
        super().__init__(num_words, embedding_dim)
        self.U = torch.nn.Parameter(torch.ones(num_words, embedding_dim))

    def forward(self, ids: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        return (torch.nn.functional.embedding(ids, self.U) * words).sum(dim=2)


@TaskScaling.register("conv")
class Conv(TaskScaling):
    """
    `s_t = Σ_c conv(u_{w_t} e_t)_c`, a convolution of width 1, with a number for each vocabulary word, initially 1.

    Registered as a `TaskScaling` with name "conv".

    # Parameters

    num_words, embedding_dim : `int`
        See `TaskScaling`.
    num_channels : `int`, optional (default = `15`)
    """

    def __init__(self, num_words: int, embedding_dim: int, num_channels: int = 15) -> None:
        super().__init__(num_words, embedding_dim)
        self.u = torch.nn.Parameter(torch.ones(num_words))
        self.conv_tasc = torch.nn.Conv1d(embedding_dim, num_channels, kernel_size=1)

    def forward(self, ids: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        # (batch_size, embedding_dim, num_words)
        scaled = (self.u[ids].unsqueeze(2) * words).transpose(1, 2)
        return self.conv_tasc(scaled).sum(dim=1)
