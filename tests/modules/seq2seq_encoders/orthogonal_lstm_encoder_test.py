import pytest
import torch

from attention_vat.modules import OrthogonalLstmEncoder
from tests.tiny import tiny_model, tiny_tokens

LENGTHS = torch.tensor([[6], [3], [1], [0]])
MASK = torch.arange(6) < LENGTHS


def make(orthogonal=True, hidden_size=4):
    torch.manual_seed(0)
    return OrthogonalLstmEncoder(3, hidden_size, orthogonal).double()


def words(seed=1):
    return torch.randn(4, 6, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_without_the_projection_it_is_an_lstm():
    encoder = make(orthogonal=False)
    lstm = torch.nn.LSTM(3, 4, batch_first=True).double()
    lstm.load_state_dict({f"{name}_l0": value for name, value in encoder.cell.state_dict().items()})
    expected = lstm(words())[0]
    torch.testing.assert_close(encoder(words(), MASK)[MASK], expected[MASK])


def test_equals_a_literal_version():
    encoder, inputs = make(), words()
    hidden, cells = encoder.states_and_cells(inputs, MASK)
    for row, length in enumerate(LENGTHS.flatten().tolist()):
        state = cell = total = torch.zeros(1, 4, dtype=torch.float64)
        for step in range(length):
            state, cell = encoder.cell(inputs[row : row + 1, step], (state, cell))
            state = state - (state @ total.T) / (total @ total.T + 1e-6) * total
            total = total + state
            torch.testing.assert_close(hidden[row, step], state[0])
            torch.testing.assert_close(cells[row, step], cell[0])
    assert hidden[~MASK].abs().sum() == 0
    assert torch.equal(hidden, encoder(inputs, MASK)), "nothing is drawn"


def test_states_are_orthogonal_to_the_sum_of_the_earlier_ones():
    encoder = make(hidden_size=8)
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.normal_(0, 1.5)
    hidden = encoder(words() * 3, MASK)
    for step in range(1, 6):
        before, now = hidden[0, :step].sum(0), hidden[0, step]
        assert abs(float(before @ now / (before.norm() * now.norm()))) < 1e-4


def test_gradients():
    inputs = words()[:2].requires_grad_()
    assert torch.autograd.gradcheck(lambda x: make()(x, MASK[:2]), inputs)


@pytest.mark.parametrize("lengths", [[4, 2, 0], [0, 0]])
def test_in_a_model(lengths):
    encoder = {"type": "orthogonal_lstm", "input_size": 6, "hidden_size": 4}
    model = tiny_model(encoder=encoder, regularizers=[{"type": "attention_vat"}, {"type": "word_vat"}])
    output = model(tokens=tiny_tokens(lengths), label=torch.arange(len(lengths)) % 2)
    output["loss"].backward()
    assert output["loss"].isfinite()
