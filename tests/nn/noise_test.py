import torch

from attention_vat.nn.noise import Noise


def test_the_same_numbers_come_again_and_nothing_else_changes():
    torch.manual_seed(1)
    noise = Noise.now(torch.device("cpu"))
    first = torch.rand(3)
    with noise.replayed():
        again = torch.rand(3)
    following = torch.rand(3)
    assert torch.equal(first, again)
    torch.manual_seed(1)
    torch.rand(3)
    assert torch.equal(torch.rand(3), following)
