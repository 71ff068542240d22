import pytest
import torch

from attention_vat.common.running_means import RunningMeans


def test_means_over_batches_of_different_size():
    means = RunningMeans()
    assert means.read() == {}
    means.update("kl", torch.tensor([1.0, 2.0]))
    means.update("kl", torch.tensor(6.0, requires_grad=True))
    means.add("share", 2.0, 4)
    assert means.read() == pytest.approx({"kl": 3.0, "share": 0.5})
    assert means.read(reset=True) == pytest.approx({"kl": 3.0, "share": 0.5})
    assert means.read() == {}


def test_sums_do_not_lose_small_values():
    means = RunningMeans()
    means.update("kl", torch.tensor([1e8]))
    for _ in range(1000):
        means.update("kl", torch.tensor([0.001]))
    assert means.read()["kl"] * 1001 == pytest.approx(1e8 + 1.0, abs=1e-3)


def test_no_graph_is_kept():
    means = RunningMeans()
    value = torch.ones(2, requires_grad=True) * 2
    means.update("loss", value)
    assert not means._sums["loss"][0].requires_grad
