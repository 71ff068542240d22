import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.training.optimizers import Optimizer

from attention_vat.training import LazyAdam
from tests.tiny import tiny_labels, tiny_model, tiny_tokens
from tests.training.callbacks.exact_recovery_test import assert_same_weights, configuration, train_and_die

SETTINGS = [{}, {"amsgrad": True, "weight_decay": 0.1}, {"betas": [0.0, 0.9], "eps": 1e-3}]
SPARSE = {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 6, "sparse": True}}}


def make_optimizer(name, parameters, **settings):
    return Optimizer.from_params(Params({"type": name, "lr": 0.1, **settings}), model_parameters=parameters)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_each_row_is_an_adam_of_its_own(settings):
    torch.manual_seed(0)
    start = torch.randn(5, 3, dtype=torch.float64)
    batches = [[0, 1], [1, 1, 3], [3], [1, 4], [0, 1, 3, 4]]  # row 2 never
    gradients = [torch.randn(len(batch), 3, dtype=torch.float64) for batch in batches]
    weight = torch.nn.Parameter(start.clone())
    lazy = make_optimizer("lazy_adam", [("weight", weight)], **settings)
    for batch, gradient in zip(batches, gradients):
        rows = torch.tensor([batch])
        weight.grad = torch.sparse_coo_tensor(rows, gradient, (5, 3))
        lazy.step()
    for row in range(5):
        alone = torch.nn.Parameter(start[row].clone())
        adam = make_optimizer("adam", [("alone", alone)], **settings)
        for batch, gradient in zip(batches, gradients):
            if row in batch:
                # A word that a batch has twice has the sum of both gradients.
                alone.grad = gradient[[number for number, word in enumerate(batch) if word == row]].sum(dim=0)
                adam.step()
        torch.testing.assert_close(weight[row], alone, rtol=1e-9, atol=1e-12)
    assert torch.equal(weight[2], start[2])


def train(model, optimizer, steps):
    for step in steps:
        optimizer.zero_grad()
        model(tokens=tiny_tokens([5, 3, 4], seed=step), label=tiny_labels(3))["loss"].backward()
        optimizer.step()


def test_what_is_not_sparse_is_trained_as_by_adam():
    models = [tiny_model(text_field_embedder=SPARSE), tiny_model()]
    for name, model in zip(("lazy_adam", "adam"), models):
        train(model, make_optimizer(name, list(model.named_parameters()), lr=0.01), [0])
    # In the first step rows that a batch does not have stand still in both.
    for ours, theirs in zip(models[0].parameters(), models[1].parameters()):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6)


def test_going_on_from_a_state():
    weights = []
    for stop in (2, 6):
        model = tiny_model(text_field_embedder=SPARSE)
        optimizer = make_optimizer("lazy_adam", list(model.named_parameters()), amsgrad=True)
        train(model, optimizer, range(stop))
        state = optimizer.state_dict()
        optimizer = make_optimizer("lazy_adam", list(model.named_parameters()), amsgrad=True)
        optimizer.load_state_dict(state)
        train(model, optimizer, range(stop, 6))
        weights.append(torch.cat([parameter.detach().flatten() for parameter in model.parameters()]))
    torch.testing.assert_close(*weights, rtol=0, atol=0)


def test_a_closure_is_called_once():
    weight = torch.nn.Parameter(torch.ones(2))
    optimizer = LazyAdam([("weight", weight)], lr=0.1)
    calls = []

    def closure():
        calls.append(1)
        loss = weight.sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 2.0
    assert calls == [1]
    torch.testing.assert_close(weight, torch.full((2,), 0.9))


def test_a_run_with_clipping_goes_on_after_a_kill(tmp_path):
    def params():
        optimizer = {"type": "lazy_adam", "lr": 0.01, "amsgrad": True, "weight_decay": 1e-3}
        config = configuration(optimizer=optimizer, grad_norm=1.0, grad_clipping=0.5)
        config["model"]["text_field_embedder"]["token_embedders"]["tokens"]["sparse"] = True
        return Params(config)

    train_model(params(), str(tmp_path / "whole"))
    train_and_die(params(), tmp_path / "killed", ("e1", "b5"))
    train_model(params(), str(tmp_path / "killed"), recover=True)
    assert_same_weights(tmp_path / "whole", tmp_path / "killed")
