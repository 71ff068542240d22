import pytest
import torch
from allennlp.common import Params
from allennlp.training.optimizers import Optimizer

from attention_vat.training import FusedAdam
from tests.tiny import tiny_labels, tiny_model, tiny_tokens


@pytest.mark.parametrize("settings", [{}, {"amsgrad": True, "weight_decay": 1e-3}, {"betas": [0.8, 0.99], "eps": 1e-6}])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_same_weights_as_adam(settings, dtype):
    weights = []
    for name in ("adam", "fused_adam"):
        model = tiny_model(dtype=dtype)
        optimizer = Optimizer.from_params(
            Params({"type": name, "lr": 0.01, **settings}),
            model_parameters=[[name, parameter] for name, parameter in model.named_parameters()],
        )
        for step in range(10):
            optimizer.zero_grad()
            model(tokens=tiny_tokens([5, 3, 4], seed=step), label=tiny_labels(3))["loss"].backward()
            optimizer.step()
        weights.append(torch.cat([parameter.detach().flatten() for parameter in model.parameters()]))
    torch.testing.assert_close(*weights, rtol=0, atol=1e-6 if dtype == torch.float64 else 2e-5)


def test_the_fused_implementation_is_used_where_there_is_one():
    parameter = torch.nn.Parameter(torch.zeros(3))
    parameter.grad = torch.zeros(3)
    try:
        torch.optim.Adam([parameter], fused=True).step()
        has_fused = True
    except (TypeError, RuntimeError):
        has_fused = False
    assert bool(FusedAdam([("weight", parameter)]).defaults.get("fused")) == has_fused


def test_parameter_groups_and_state():
    model = tiny_model()
    optimizer = Optimizer.from_params(
        Params({"type": "fused_adam", "parameter_groups": [[["decoder"], {"lr": 0.5}]]}),
        model_parameters=[[name, parameter] for name, parameter in model.named_parameters()],
    )
    assert sorted(group["lr"] for group in optimizer.param_groups) == [0.001, 0.5]
    optimizer.load_state_dict(optimizer.state_dict())
