import math

import pytest
import torch
from allennlp.common import Params

from attention_vat.modules import AttentionScorer

hidden = torch.tensor([[[1.0, 2.0], [0.0, -1.0]]])
query = torch.tensor([[3.0, 1.0]])


def build(**config):
    return AttentionScorer.from_params(Params(config), hidden_dim=2)


def test_additive_known_numbers():
    scorer = build(type="additive", inner_dim=1)
    with torch.no_grad():
        scorer.hidden_projection.weight.copy_(torch.tensor([[1.0, 0.5]]))
        scorer.hidden_projection.bias.fill_(0.25)
        scorer.context.weight.fill_(2.0)
    torch.testing.assert_close(scorer(hidden), torch.tensor([[2 * math.tanh(2.25), 2 * math.tanh(-0.25)]]))


def test_additive_with_a_query():
    scorer = AttentionScorer.from_params(Params({"type": "additive", "inner_dim": 1}), hidden_dim=2, query_dim=2)
    with torch.no_grad():
        scorer.hidden_projection.weight.copy_(torch.tensor([[1.0, 0.5]]))
        scorer.hidden_projection.bias.fill_(0.25)
        scorer.query_projection.weight.copy_(torch.tensor([[0.5, -1.0]]))
        scorer.context.weight.fill_(2.0)
    torch.testing.assert_close(scorer(hidden, query), torch.tensor([[2 * math.tanh(2.75), 2 * math.tanh(0.25)]]))


def test_scaled_dot_product_known_numbers():
    scorer = build(type="scaled_dot_product")
    with torch.no_grad():
        scorer.context.weight.copy_(torch.tensor([[1.0, 0.5]]))
    torch.testing.assert_close(scorer(hidden), torch.tensor([[2.0, -0.5]]) / math.sqrt(2))


def test_scaled_dot_product_with_a_query():
    same = AttentionScorer.from_params(Params({"type": "scaled_dot_product"}), hidden_dim=2, query_dim=2)
    torch.testing.assert_close(same(hidden, query), torch.tensor([[5.0, -1.0]]) / math.sqrt(2))
    assert not list(same.parameters())
    other = AttentionScorer.from_params(Params({"type": "scaled_dot_product"}), hidden_dim=2, query_dim=1)
    with torch.no_grad():
        other.query_projection.weight.copy_(torch.tensor([[1.0], [2.0]]))
    torch.testing.assert_close(other(hidden, torch.tensor([[3.0]])), torch.tensor([[15.0, -6.0]]) / math.sqrt(2))


def test_defaults():
    scorer = AttentionScorer.from_params(Params({}), hidden_dim=8)
    assert scorer.context.in_features == 4
    assert scorer.query_projection is None


@pytest.mark.parametrize("name", ["additive", "scaled_dot_product"])
@pytest.mark.parametrize("query_dim", [None, 4, 3])
def test_gradients(name, query_dim):
    torch.manual_seed(0)
    scorer = AttentionScorer.from_params(Params({"type": name}), hidden_dim=4, query_dim=query_dim).double()
    states = torch.randn(2, 3, 4, dtype=torch.float64, requires_grad=True)
    question = torch.randn(2, query_dim, dtype=torch.float64) if query_dim else None
    assert scorer(states, question).shape == (2, 3)
    assert torch.autograd.gradcheck(lambda states: scorer(states, question), states)
