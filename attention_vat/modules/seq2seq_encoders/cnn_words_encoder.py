"""Words encoded with their neighbours, by convolution."""

from typing import Sequence

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.modules import Seq2SeqEncoder


@Seq2SeqEncoder.register("cnn_words")
class CnnWordsEncoder(Seq2SeqEncoder):
    """
    Convolutions of several widths side by side, one vector for each word:
    `h_t = [relu(conv_1(x)_t); …; relu(conv_n(x)_t)]`, the CNN encoder of Jain & Wallace (2019). AllenNLP's "cnn" is a
    `Seq2VecEncoder`, which keeps no vector for each word.

    Registered as a `Seq2SeqEncoder` with name "cnn_words".

    # Parameters

    input_dim : `int`, required.
    num_filters : `int`, optional (default = `32`)
        The number of filters of each width.
    ngram_filter_sizes : `Sequence[int]`, optional (default = `(1, 3, 5, 7)`)
        The widths in words, odd so that a window has a centre.

    # Examples

        encoder = CnnWordsEncoder(input_dim=300)
        hidden = encoder(torch.randn(32, 18, 300), torch.ones(32, 18, dtype=torch.bool))  # (32, 18, 128)
    """

    def __init__(self, input_dim: int, num_filters: int = 32, ngram_filter_sizes: Sequence[int] = (1, 3, 5, 7)) -> None:
        super().__init__()
        if not ngram_filter_sizes or any(size < 1 or size % 2 == 0 for size in ngram_filter_sizes):
            raise ConfigurationError(f"ngram_filter_sizes must be odd and positive, not {list(ngram_filter_sizes)}.")
        self._input_dim = input_dim
        self._convolutions = torch.nn.ModuleList(
            torch.nn.Conv1d(input_dim, num_filters, size, padding=size // 2) for size in ngram_filter_sizes
        )
        self._output_dim = num_filters * len(ngram_filter_sizes)

    def forward(self, inputs: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        # Padding must look like the end of the sentence, whatever its embedding.
        words = (inputs * mask.unsqueeze(-1)).transpose(1, 2)
        return torch.cat([torch.relu(convolution(words)) for convolution in self._convolutions], dim=1).transpose(1, 2)

    def get_input_dim(self) -> int:
        return self._input_dim

    def get_output_dim(self) -> int:
        return self._output_dim

    def is_bidirectional(self) -> bool:
        return False
