import pytest
import torch

from attention_vat.nn import conicity
from tests.tiny import clean_pass, tiny_model, tiny_pair_model


@pytest.mark.parametrize("absolute", [True, False])
@pytest.mark.parametrize("make", [tiny_model, tiny_pair_model])
def test_of_states_before_dropout(make, absolute):
    model = make(dropout=0.4, regularizers=[{"type": "conicity", "absolute": absolute}]).train()
    clean = clean_pass(model, [4, 2, 0, 1])
    expected = conicity(clean.encoded.states, clean.encoded.mask, absolute).mean()
    assert not torch.equal(clean.encoded.states, clean.encoded.hidden)
    assert model.regularizers[0](model, [clean]).item() == pytest.approx(expected.item())
