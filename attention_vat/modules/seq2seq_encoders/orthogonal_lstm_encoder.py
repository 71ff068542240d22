"""An LSTM whose states are orthogonal to the earlier ones."""

from typing import Tuple

import torch
from allennlp.modules import Seq2SeqEncoder


@Seq2SeqEncoder.register("orthogonal_lstm")
class OrthogonalLstmEncoder(Seq2SeqEncoder):
    """
    A left-to-right LSTM that removes from each state its component along the mean of the earlier states of the text, so
    that each word adds something new (Mohankumar et al. 2020, Eq. 3-4):

        ĥ_t, c_t = LSTM(e_t, h_{t−1}, c_{t−1})      h̄ = Σ_{i<t} h_i      h_t = ĥ_t − (ĥ_t · h̄ / h̄ · h̄) h̄

    `h_t` feeds back into the recurrence. As in the authors' code, 1e-6 is added to the denominator; unlike there, the
    initial states are 0 instead of random in each pass, and states of padding are 0.

    The steps run in a loop, without cuDNN, which takes twice as long as an LSTM on a CPU, and more on a GPU.
    (TorchScript made it no faster, and rounds differently in its first passes, so that a recovered run would differ
    from an uninterrupted one.)

    Registered as a `Seq2SeqEncoder` with name "orthogonal_lstm".

    # Parameters

    input_size, hidden_size : `int`, required.
    orthogonal : `bool`, optional (default = `True`)
        Whether to remove these components; without it, an ordinary LSTM.

    # Examples

        "encoder": {"type": "orthogonal_lstm", "input_size": 300, "hidden_size": 256}
    """

    gives_query = False
    """Whether the last state summarizes a text, as the query of a pair must."""

    def __init__(self, input_size: int, hidden_size: int, orthogonal: bool = True) -> None:
        super().__init__()
        self.orthogonal = orthogonal
        # Has the parameters of torch's LSTM, with the same names and initialization.
        self.cell = torch.nn.LSTMCell(input_size, hidden_size)

    def forward(self, inputs: torch.Tensor, mask: torch.BoolTensor) -> torch.Tensor:
        return self.states_and_cells(inputs, mask)[0]

    def states_and_cells(self, inputs: torch.Tensor, mask: torch.BoolTensor) -> Tuple[torch.Tensor, torch.Tensor]:
        """
        The hidden and cell states of each word, each of shape `(batch_size, num_words, hidden_size)`, 0 at padding.
        """
        # (batch_size, num_words, 4 * hidden_size), in one product for all words
        gates = torch.nn.functional.linear(inputs, self.cell.weight_ih, self.cell.bias_ih + self.cell.bias_hh)
        return _run(gates, self.cell.weight_hh, mask.to(gates.dtype).unsqueeze(2), self.orthogonal)

    def get_input_dim(self) -> int:
        return self.cell.input_size

    def get_output_dim(self) -> int:
        return self.cell.hidden_size

    def is_bidirectional(self) -> bool:
        return False


def _run(
    gates: torch.Tensor, weight: torch.Tensor, mask: torch.Tensor, orthogonal: bool
) -> Tuple[torch.Tensor, torch.Tensor]:
    hidden = gates.new_zeros(gates.size(0), weight.size(1))
    cell, total = hidden, hidden
    states, cells = [], []
    for step in range(gates.size(1)):
        i, f, g, o = (gates[:, step] + hidden @ weight.t()).chunk(4, dim=1)
        here = mask[:, step]
        cell = (torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)) * here
        hidden = torch.sigmoid(o) * torch.tanh(cell) * here
        if orthogonal:
            along = (hidden * total).sum(1, keepdim=True) / ((total * total).sum(1, keepdim=True) + 1e-6)
            hidden = hidden - along * total
        total = total + hidden
        states.append(hidden)
        cells.append(cell)
    return torch.stack(states, dim=1), torch.stack(cells, dim=1)
